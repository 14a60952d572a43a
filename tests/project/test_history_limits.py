"""The search of the history can be left out or cut, and then nothing is said about it: unknown, never a pass."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from secretsamples import PASSWORD, noise

from projecttest import commit, make_project, read_project, run_git
from runprogram import secaudit
from tabletest import rows_of

CHECKS = ("secrets-history-no-keys", "secrets-history-no-passwords")


def results(project: Path, *words: str) -> dict[str, dict[str, object]]:
    done = secaudit(
        "audit",
        str(project),
        "--no-save",
        "--format",
        "json",
        "--only",
        "secrets-*",
        *words,
        state=project.parent / "s",
    )
    assert done.returncode in (0, 1), done.stderr
    return {item["check"]: item for item in json.loads(done.stdout)["results"]}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project with two commits, whose first one holds a password."""
    project = make_project(tmp_path / "shop", {"app.py": f'password = "{PASSWORD}"\n', "b.py": "1\n"})
    (project / "app.py").write_text("print(1)\n")
    commit(project, "mended")
    return project


def test_left_out_is_unknown_with_the_reason(shop: Path) -> None:
    assert results(shop)["secrets-history-no-passwords"]["status"] == "fail"
    found = results(shop, "--no-history")
    for name in CHECKS:
        assert found[name]["status"] == "unknown"
        assert "--no-history" in str(found[name]["reason"])
    assert found["secrets-no-literal-passwords"]["status"] == "pass", "the files of today are searched as ever"


def test_cut_by_time_is_unknown_and_the_files_of_today_keep_their_own_time(tmp_path: Path) -> None:
    body = "".join(f"value_{number} = compute({number})\n" for number in range(30_000))
    names = [f"f{number}.py" for number in range(60)]
    project = make_project(tmp_path / "shop", {name: f"# {name}\n{body}" for name in names})
    for name in names:
        (project / name).write_text("print(1)\n")
    commit(project, "short")
    found = results(project, "--history-seconds", "1")
    for name in CHECKS:
        if found[name]["status"] != "pass":  # a fast machine may be through
            assert found[name]["status"] == "unknown"
            assert "in time" in str(found[name]["reason"]) or "1 s" in str(found[name]["reason"])
    assert found["secrets-no-private-keys"]["status"] == "pass"


def test_a_table_that_is_cut_keeps_what_it_found_and_says_how_far_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from secaudit.tableapi import TimedOut
    from secaudit.tables.project import project_history_secrets
    from secaudit.targets.recorder import Recorder

    monkeypatch.setattr(project_history_secrets, "LOOK_EVERY", 1)
    told: list[str] = []

    def tell(self: Recorder, text: str) -> None:
        told.append(text)
        if len(told) > 3:
            raise TimedOut("reading took longer than this table's deadline")

    monkeypatch.setattr(Recorder, "tell", tell)
    files = {f"f{number}.py": f'password = "{noise(str(number), 14)}"\n' for number in range(9)}
    project = make_project(tmp_path / "p", files)
    for name in files:
        (project / name).write_text("1\n")
    commit(project, "mended")
    data = read_project("project_history_secrets", project)
    assert data.status == "partial"
    assert "only 3 of 9 older files" in str(data.reason)
    assert "--history-seconds" in str(data.reason)
    assert len(rows_of(data)) == 3
    assert told[:2] == ["0 of 9 older files", "1 of 9 older files"]


def test_a_shallow_clone_is_partial(shop: Path, tmp_path: Path) -> None:
    run_git(tmp_path, "clone", "-q", "--depth", "1", f"file://{shop}", "shallow")
    data = read_project("project_history_secrets", tmp_path / "shallow")
    assert data.status == "partial"
    assert "--unshallow" in str(data.reason)


def test_a_clone_without_contents_is_partial_and_nothing_is_fetched(shop: Path, tmp_path: Path) -> None:
    run_git(shop, "config", "uploadpack.allowFilter", "true")
    run_git(tmp_path, "clone", "-q", "--filter=blob:none", f"file://{shop}", "lean")
    before = sorted(path.name for path in (tmp_path / "lean/.git/objects").rglob("*"))
    data = read_project("project_history_secrets", tmp_path / "lean")
    assert data.status == "partial", data.reason
    assert sorted(path.name for path in (tmp_path / "lean/.git/objects").rglob("*")) == before


def test_a_damaged_history_is_never_no_history(shop: Path) -> None:
    head = run_git(shop, "rev-parse", "HEAD~1").strip()
    (shop / ".git/objects" / head[:2] / head[2:]).unlink()
    data = read_project("project_history_secrets", shop)
    assert data.status == "partial"
    assert "damaged" in str(data.reason)


def test_a_repository_without_commits_has_no_history(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": "1\n"}, git=False)
    run_git(project, "init", "-q")
    assert read_project("project_history_secrets", project).status == "absent"
    shutil.rmtree(project / ".git/refs")
    assert read_project("project_history_secrets", project).status in ("absent", "partial", "failed")
