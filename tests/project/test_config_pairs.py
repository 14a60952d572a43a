"""Each kind of configuration twice, insecure and secure: all that is wrong fails, and nothing of the other does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from configpairs import PAIRS

from projecttest import make_project
from runprogram import secaudit


def verdicts(project: Path, state: Path, prefixes: tuple[str, ...]) -> dict[str, str]:
    """Check -> status, of the checks whose name begins so."""
    only = [word for prefix in prefixes for word in ("--only", f"{prefix}*")]
    done = secaudit(
        "audit", "--project", str(project), *only, "--format", "json", "--no-save", "--fail-on", "never", state=state
    )
    assert done.returncode == 0, done.stderr
    return {result["check"]: result["status"] for result in json.loads(done.stdout)["results"]}


@pytest.mark.parametrize("name", PAIRS)
def test_insecure_fails_and_secure_does_not(name: str, tmp_path: Path) -> None:
    pair = PAIRS[name]
    bad = verdicts(make_project(tmp_path / "bad", dict(pair.insecure)), tmp_path / "state", pair.prefixes)
    good = verdicts(make_project(tmp_path / "good", dict(pair.secure)), tmp_path / "state", pair.prefixes)
    assert set(bad) == set(good)
    passed_wrongly = sorted(check for check in bad if bad[check] != "fail" and check not in pair.not_shown)
    assert passed_wrongly == []
    failed_wrongly = sorted(check for check in good if good[check] not in ("pass", "not_applicable"))
    assert failed_wrongly == []
    assert sum(status == "pass" for status in good.values()) >= len(good) * 2 // 3


@pytest.mark.parametrize("name", PAIRS)
def test_a_project_without_such_files_is_not_judged(name: str, tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"app.py": "print(1)\n"})
    found = verdicts(project, tmp_path / "state", PAIRS[name].prefixes)
    assert set(found.values()) == {"not_applicable"}
