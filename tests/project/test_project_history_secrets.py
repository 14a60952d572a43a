"""project_history_secrets: what older commits hold and the files of today do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from secretsamples import PASSWORD, TOKENS, noise

from projecttest import commit, make_project, project_rows, read_project, run_git
from secaudit.tables.project import _history


def test_a_secret_that_was_removed_is_found_with_the_commit_that_brought_it(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": "x = 1\n"})
    (project / "a.py").write_text(f'x = 1\ntoken = "{TOKENS["github-token"]}"\n')
    commit(project, "leak")
    leak = run_git(project, "rev-parse", "HEAD").strip()
    (project / "a.py").write_text(f'y = 2\n\n\ntoken = "{TOKENS["github-token"]}"\n')
    commit(project, "moved")
    (project / "a.py").write_text("x = 2\n")
    commit(project, "removed")
    (row,) = project_rows("project_history_secrets", project)
    assert (row["rule_id"], row["path"], row["line"], row["commit_id"], row["versions"]) == (
        "github-token", "a.py", 2, leak, 2,
    )  # fmt: skip
    assert project_rows("project_secrets", project) == []


def test_what_stands_in_a_file_of_today_is_not_told_twice(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": f'PASSWORD = "{PASSWORD}"\n'})
    (project / "a.py").write_text(f'# more\nPASSWORD = "{PASSWORD}"\n')
    commit(project, "more")
    assert project_rows("project_history_secrets", project) == []


def test_other_branches_and_stashes_are_searched(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": "x = 1\n"})
    run_git(project, "checkout", "-q", "-b", "try")
    (project / "b.py").write_text(f'PASSWORD = "{PASSWORD}"\n')
    commit(project, "on a branch")
    run_git(project, "checkout", "-q", "main")
    (project / "a.py").write_text(f'token = "{TOKENS["npm-token"]}"\n')
    run_git(project, "stash")
    assert {row["path"] for row in project_rows("project_history_secrets", project)} == {"a.py", "b.py"}


def test_binary_content_and_odd_names_do_not_shift_what_follows(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {
        "a.dat": b"\x00\xff\n" + b"0" * 40 + b" blob 5\n" + bytes(range(256)), "b é.py": f'PASSWORD = "{PASSWORD}"\n', "empty.py": "",
    })  # fmt: skip
    for name in ("a.dat", "b é.py", "empty.py"):
        (project / name).unlink()
    (project / "z.py").write_text("1\n")
    commit(project, "gone")
    (row,) = project_rows("project_history_secrets", project)
    assert (row["path"], len(str(row["commit_id"]))) == ("b é.py", 40)


def test_without_git_there_is_no_history(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": "1\n"}, git=False)
    assert read_project("project_history_secrets", project).status == "absent"


def test_more_history_than_the_limit_is_partial_never_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = make_project(tmp_path / "p", {"a.py": "#" * 5000 + "\n", "b.py": "#" * 5000 + "-\n"})
    for name in ("a.py", "b.py"):
        (project / name).write_text("1\n")
    commit(project, "short")
    monkeypatch.setattr(_history, "BUDGET_BYTES", 6000)
    data = read_project("project_history_secrets", project)
    assert data.status == "partial"
    assert "1 older files were not searched" in str(data.reason)


def test_many_contents_are_read_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_history, "BATCH_COUNT", 7)
    files = {f"f{number}.py": f'PASSWORD = "{noise(str(number), 14)}"\n' for number in range(60)}
    project = make_project(tmp_path / "p", files)
    for name in files:
        (project / name).write_text("1\n")
    commit(project, "cleaned")
    assert {row["path"] for row in project_rows("project_history_secrets", project)} == set(files)
