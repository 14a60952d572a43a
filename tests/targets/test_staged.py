"""What is staged: the content of git's index and nothing else, and never a clean answer where git could not say."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from projecttest import commit, make_project, run_git
from secaudit.engine.collect import collect_one
from secaudit.engine.registry import load_table
from secaudit.errors import TargetError
from secaudit.model import TableData
from secaudit.tableapi import TooLarge, Wants
from secaudit.targets.recorder import Cache
from secaudit.targets.staged import KEPT_BYTES, NothingStaged, open_staged
from tabletest import NOW_S, rows_of


def read_staged(name: str, folder: Path) -> TableData:
    access = open_staged(str(folder))
    return collect_one(access, load_table(name), Wants(()), NOW_S, Cache(), time.monotonic() + 60)


def staged_files(folder: Path) -> dict[str, str]:
    data = read_staged("project_files", folder)
    assert data.status == "ok", data.reason
    return {str(row["path"]): str(row["tracking"]) for row in rows_of(data)}


def test_only_files_that_differ_from_head_are_there_and_all_are_tracked(tmp_path: Path) -> None:
    project = make_project(
        tmp_path / "p", {"same.py": "1\n", "changed.py": "1\n", "gone.py": "1\n", ".gitignore": "x\n"}
    )
    (project / "changed.py").write_text("2\n")
    (project / "gone.py").unlink()
    (project / "new.py").write_text("3\n")
    (project / "x").write_text("ignored\n")
    run_git(project, "add", "-A")
    (project / "untracked.py").write_text("4\n")
    (project / "same.py").write_text("changed in the folder only\n")
    assert staged_files(project) == {"changed.py": "tracked", "new.py": "tracked"}


def test_the_content_is_that_of_the_index_and_not_of_the_folder(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": "1\n", "b.py": "1\n"})
    (project / "a.py").write_text("staged\n")
    run_git(project, "add", "a.py")
    (project / "a.py").write_text("mended after it was staged\n")
    access = open_staged(str(project))
    descriptor = access.open("/a.py")
    with open(descriptor, "rb") as stream:
        assert stream.read() == b"staged\n"


def test_before_the_first_commit_all_that_is_staged_counts(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": "1\n", "d/b.py": "2\n"}, git=False)
    run_git(project, "init", "-q")
    run_git(project, "add", "a.py", "d/b.py")
    assert staged_files(project) == {"a.py": "tracked", "d/b.py": "tracked"}


def test_a_part_of_a_repository_shows_its_own_files_only(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"shop/a.py": "1\n", "other/b.py": "1\n"})
    for path in ("shop/a.py", "other/b.py"):
        (project / path).write_text("2\n")
    run_git(project, "add", "-A")
    assert staged_files(project / "shop") == {"a.py": "tracked"}


def test_names_of_any_bytes_links_and_modes_arrive(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": "1\n"})
    for name in (b"bad\xff.py", b"esc\x1b[2J.py", b"line\nbreak.py", b"tab\there.py", b" lead"):
        (project / name.decode("utf-8", "surrogateescape")).write_text("2\n")
    (project / "out").symlink_to("/etc/passwd")
    (project / "run.sh").write_text("x\n")
    (project / "run.sh").chmod(0o755)
    run_git(project, "add", "-A")
    rows = {str(row["path"]): row for row in rows_of(read_staged("project_files", project))}
    assert set(rows) == {
        "bad\\xff.py", "esc\x1b[2J.py", "line\nbreak.py", "tab\there.py", " lead", "out", "run.sh",
    }  # fmt: skip
    assert all(row["type"] == "file" and row["size"] == 2 for name, row in rows.items() if name != "out")
    assert (rows["out"]["type"], rows["out"]["leads_out"]) == ("link", 1)
    assert rows["run.sh"]["executable"] == 1


def test_a_large_file_is_named_and_not_read(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": "1\n"})
    (project / "dump.sql").write_bytes(b"x" * (KEPT_BYTES + 1))
    run_git(project, "add", "-A")
    access = open_staged(str(project))
    assert "dump.sql" in access.notes[0]
    with pytest.raises(TooLarge):
        access.open("/dump.sql")


def test_nothing_staged_is_said_and_no_repository_is_an_error(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": "1\n"})
    (project / "a.py").write_text("not staged\n")
    with pytest.raises(NothingStaged):
        open_staged(str(project))
    plain = make_project(tmp_path / "plain", {"a.py": "1\n"}, git=False)
    with pytest.raises(TargetError, match="no git repository"):
        open_staged(str(plain))


def test_a_damaged_index_is_an_error_and_not_nothing(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": "1\n"})
    (project / "a.py").write_text("2\n")
    run_git(project, "add", "-A")
    (project / ".git/index").write_bytes(b"DIRC garbage")
    with pytest.raises(TargetError) as caught:
        open_staged(str(project))
    assert not isinstance(caught.value, NothingStaged)


def test_a_lost_content_is_an_error(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": "1\n"})
    (project / "a.py").write_text("2\n")
    run_git(project, "add", "-A")
    oid = run_git(project, "rev-parse", ":a.py").strip()
    (project / ".git/objects" / oid[:2] / oid[2:]).unlink()
    with pytest.raises(TargetError, match="lost the content"):
        open_staged(str(project))


def test_a_merge_that_is_not_finished_is_an_error(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": "1\n"})
    run_git(project, "checkout", "-q", "-b", "side")
    (project / "a.py").write_text("2\n")
    commit(project, "side")
    run_git(project, "checkout", "-q", "main")
    (project / "a.py").write_text("3\n")
    commit(project, "main")
    with pytest.raises(Exception, match="merge"):
        run_git(project, "merge", "-q", "side")
    with pytest.raises(TargetError, match="merge is not finished"):
        open_staged(str(project))


def test_a_table_that_asks_for_the_history_is_told_that_there_is_none(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": "1\n"})
    (project / "a.py").write_text("2\n")
    run_git(project, "add", "-A")
    data = read_staged("project_history_secrets", project)
    assert (data.status, data.reason) == ("unsupported", "only what is staged for the next commit was looked at")
