"""diff: two audits of one project, before and after something got worse."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from projecttest import commit, make_project
from runprogram import secaudit

GOOD = {"app.py": "import subprocess\nsubprocess.run(['ls'])\n"}
BAD = "import hashlib, os\nfrom flask import request\nos.system('ls ' + request.args['x'])\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that was audited before and after a change, so two runs are stored."""
    folder = make_project(tmp_path / "shop", GOOD)
    audit(folder, tmp_path)
    (folder / "app.py").write_text(BAD)
    commit(folder, "worse")
    return folder


def audit(folder: Path, state: Path) -> None:
    time.sleep(1.1)  # runs are told apart by the second in which they began
    words = ("--only", "topic:code-python", "--fail-on", "never", "-q", "--format", "json")
    done = secaudit("audit", str(folder), *words, state=state)
    assert done.returncode == 0, done.stderr


def test_what_got_worse_is_told_with_an_exit_code(project: Path, tmp_path: Path) -> None:
    audit(project, tmp_path)
    done = secaudit("diff", "--format", "plain", state=tmp_path)
    assert done.returncode == 1, done.stderr
    first = done.stdout.splitlines()[0].split("\t")
    assert first[0] == "new"
    assert "app.py" in first[4]
    assert secaudit("diff", "--fail-on", "never", state=tmp_path).returncode == 0
    found = json.loads(secaudit("diff", "--format", "json", state=tmp_path).stdout)
    assert found["schema"] == "secaudit.diff/1"
    assert found["separated"] is True
    assert {"new"} == {change["kind"] for change in found["changes"]}
    text = secaudit("diff", "--format", "text", state=tmp_path).stdout
    assert "fails now" in text
    assert "app.py" in text


def test_what_was_mended_is_no_failure(project: Path, tmp_path: Path) -> None:
    audit(project, tmp_path)
    (project / "app.py").write_text(GOOD["app.py"])
    commit(project, "better")
    audit(project, tmp_path)
    done = secaudit("diff", "--target", "shop", "--format", "plain", state=tmp_path)
    assert done.returncode == 0
    assert {line.split("\t")[0] for line in done.stdout.splitlines()} == {"fixed"}


def test_other_checks_are_told_apart_from_other_code(project: Path, tmp_path: Path) -> None:
    """The same code and a stricter check of the user's own: nothing changed on the target."""
    own = tmp_path / "own" / "checks" / "project" / "code-python"
    own.mkdir(parents=True)
    words = ("audit", str(project), "--fail-on", "never", "-q", "--only", "own-one", "--format", "json")
    check = """\
id: own-one
title: There are few Python files
fail_title: There are too many Python files
severity: low
objective: secure-design
sql: SELECT 'files' AS resource, count(*) AS actual, count(*) <= {most} AS pass FROM project_files WHERE path LIKE '%.py'
why: A test.
verify: git ls-files
fix: {{any: 'true'}}
references: [CWE-1]
examples:
  healthy: {{project_files: []}}
  failing: {{project_files: [{{path: a.py}}, {{path: b.py}}, {{path: c.py}}, {{path: d.py}}, {{path: e.py}}, {{path: f.py}}]}}
"""
    for most in (5, 0):
        (own / "own-one.yaml").write_text(check.format(most=most))
        time.sleep(1.1)
        done = secaudit(*words, "--content", str(tmp_path / "own"), state=tmp_path)
        assert done.returncode == 0, done.stderr
    found = json.loads(secaudit("diff", "--content", str(tmp_path / "own"), "--format", "json", state=tmp_path).stdout)
    assert found["changes"] == []
    assert [change["check"] for change in found["by_content"]] == ["own-one"]
    assert found["score_by_content"] == 0
    without = json.loads(secaudit("diff", "--format", "json", state=tmp_path).stdout)
    assert without["separated"] is False
    assert [change["kind"] for change in without["changes"]] == ["new"]


def test_two_targets_are_not_compared(project: Path, tmp_path: Path) -> None:
    other = make_project(tmp_path / "other", GOOD)
    audit(other, tmp_path)
    runs = [
        line.split("\t")[0] for line in secaudit("history", "--format", "plain", state=tmp_path).stdout.splitlines()
    ]
    done = secaudit("diff", *runs, state=tmp_path)
    assert done.returncode == 2
    assert "two targets" in done.stderr
    assert secaudit("diff", state=tmp_path).returncode == 2
    assert secaudit("diff", "--target", "nobody", state=tmp_path).returncode == 2
