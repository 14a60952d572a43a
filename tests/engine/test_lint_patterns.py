"""A pattern that matches() never tries is told by lint: it would give NULL, and a later WHEN would decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from runprogram import secaudit

CHECK = """\
id: own-one
title: No user has a bad name
fail_title: A user has a bad name
severity: low
objective: accounts-unique
{params}sql: SELECT username AS resource, CASE WHEN matches(username, {pattern}) THEN 0 ELSE 1 END AS pass FROM users
why: A test.
verify: getent passwd
fix: {{any: 'true'}}
references: [CWE-1]
examples:
  healthy: {{users: [{{username: ana}}]}}
  failing: {{users: [{{username: bad}}]}}
"""


@pytest.mark.parametrize(
    ("default", "pattern", "problem"),
    [
        ("^bad$", ":bad", ""), ("^bad$", "'^bad$'", ""), ("x" * 301, ":bad", "longer than 300"), ("^bad$", "'(b+)+'", "repeat inside"),
        ("(b", ":bad", "not a regular expression"),
    ],
)  # fmt: skip
def test_a_pattern_that_is_never_tried_is_told(tmp_path: Path, default: str, pattern: str, problem: str) -> None:
    folder = tmp_path / "checks" / "host" / "accounts"
    folder.mkdir(parents=True)
    params = f'params: {{bad: {{default: "{default}", hint: a pattern}}}}\n' if ":" in pattern else ""
    (folder / "own-one.yaml").write_text(CHECK.format(params=params, pattern=pattern))
    done = secaudit("checks", "lint", "own-one", "--content", str(tmp_path), state=tmp_path)
    told = done.stdout + done.stderr
    assert ("is never tried" in told) is bool(problem), told
    assert problem in told
