"""`audit PROJECT`: which kind a target is, which checks are made, and what the run says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from projecttest import make_project
from runprogram import secaudit


def test_a_folder_of_code_is_a_project_and_a_folder_with_a_system_is_not(tmp_path: Path) -> None:
    project = make_project(tmp_path / "shop", {"app.py": "print(1)\n"})
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "usr").mkdir()
    (root / "etc/os-release").write_text("ID=debian\n")
    for folder, kind, profile in ((project, "project", "project"), (root, "root", "freelancer")):
        done = secaudit("audit", str(folder), "--format", "json", "--no-save", state=tmp_path)
        run = json.loads(done.stdout)
        assert (run["target"]["kind"], run["profile"]) == (kind, profile)


def test_only_checks_of_projects_are_made_and_findings_name_file_and_fix(tmp_path: Path) -> None:
    project = make_project(tmp_path / "shop", {"app.py": "print(1)\n", ".env": "KEY=1\n"})
    done = secaudit("audit", "--project", str(project), "--format", "json", "--no-save", state=tmp_path)
    assert done.returncode == 1
    run = json.loads(done.stdout)
    assert {table["name"] for table in run["tables"]} >= {"project_files"}
    assert "sshd_config" not in {table["name"] for table in run["tables"]}
    (failed,) = [item for item in run["results"] if item["check"] == "repo-no-env-files"]
    assert failed["status"] == "fail"
    assert failed["rows"][0]["path"] == ".env"
    assert run["score"]["grade"] not in ("A", "B"), "a file with passwords, whatever the points are"
    shown = secaudit("audit", "--project", str(project), "--format", "text", "--no-save", state=tmp_path)
    assert f"Not a better grade, since {run['score']['held_back']}." in shown.stdout
    assert "git rm --cached" in failed["fix"]


@pytest.mark.parametrize("make", ["missing", "empty", "file"])
def test_what_is_no_project_is_refused(tmp_path: Path, make: str) -> None:
    place = tmp_path / "p"
    if make == "empty":
        place.mkdir()
    if make == "file":
        place.write_text("x")
    done = secaudit("audit", "--project", str(place), "--no-save", state=tmp_path)
    assert done.returncode == 3
    assert "option --project" in done.stderr


def test_checks_of_a_machine_are_not_made_on_a_project(tmp_path: Path) -> None:
    project = make_project(tmp_path / "shop", {"app.py": "print(1)\n"})
    done = secaudit("audit", str(project), "--profile", "server", "--only", "ssh-*", "--no-save", state=tmp_path)
    assert done.returncode == 3
    assert "none of these checks looks at a project" in done.stderr


def test_a_run_of_a_project_can_be_judged_again(tmp_path: Path) -> None:
    project = make_project(tmp_path / "shop", {"app.py": "print(1)\n", ".env": "KEY=1\n"})
    kept = tmp_path / "snapshot.jsonl"
    first = secaudit("audit", str(project), "--no-save", "-o", str(kept), "--format", "json", state=tmp_path)
    again = secaudit("audit", "--replay", str(kept), "--no-save", "--format", "json", state=tmp_path)
    assert json.loads(first.stdout)["results"] == json.loads(again.stdout)["results"]
