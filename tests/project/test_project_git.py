"""project_git and project_commits: the repository as a whole, and who made the latest commits."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from projecttest import commit, make_project, project_rows, read_project, run_git
from tabletest import rows_of


def test_a_repository_with_hooks_large_files_and_a_remote(tmp_path: Path) -> None:
    origin = make_project(tmp_path / "o", {"a": "1", ".gitattributes": "*.psd filter=lfs diff=lfs\n# *.x filter=lfs\n"})
    commit(origin, "second")
    run_git(tmp_path, "clone", "-q", str(origin), "p")
    hook = tmp_path / "p/.git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\n")
    hook.chmod(0o755)
    (row,) = project_rows("project_git", tmp_path / "p")
    assert row == {
        "branch": "main", "default_branch": "main", "commits": 2, "is_bare": 0, "is_shallow": 0,
        "large_file_patterns": 1, "hooks": 1,
    }  # fmt: skip


def test_no_commit_no_branch_and_no_repository(tmp_path: Path) -> None:
    empty = make_project(tmp_path / "e", {"a": "1"}, git=False)
    assert read_project("project_git", empty).status == "absent"
    assert read_project("project_commits", empty).status == "absent"
    run_git(empty, "init", "-q", "-b", "trunk")
    (row,) = project_rows("project_git", empty)
    assert (row["branch"], row["commits"]) == ("trunk", 0)
    assert read_project("project_commits", empty).reason == "this repository has no commit yet"
    commit(empty, "first")
    run_git(empty, "checkout", "-q", "--detach")
    assert project_rows("project_git", empty)[0]["branch"] == ""


def test_a_damaged_repository_is_not_an_empty_one(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a": "1"})
    (project / ".git/HEAD").write_text("nonsense")
    for table in ("project_git", "project_commits", "gitignore_coverage"):
        assert read_project(table, project).status == "failed", table


def test_signatures_are_seen_and_not_verified(tmp_path: Path) -> None:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    project = make_project(tmp_path / "p", {"a": "1"})
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True, timeout=60)
    run_git(project, "config", "gpg.format", "ssh")
    run_git(project, "config", "user.signingkey", str(key))
    run_git(project, "commit", "-q", "-S", "--allow-empty", "-m", "signed\n\ngpgsig -----BEGIN PGP SIGNATURE-----")
    commit(project, "text only\n\ngpgsig -----BEGIN PGP SIGNATURE-----")
    rows = project_rows("project_commits", project)
    assert [(row["position"], row["is_signed"], row["signature"]) for row in rows] == [
        (1, 0, ""), (2, 1, "ssh"), (3, 0, ""),
    ]  # fmt: skip


def test_authors_are_counted_and_only_their_domain_is_kept(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a": "1"})
    for number, author in enumerate(("B <b@Other.example>", "C <root@laptop>", "D <>", "Ayesha <ayesha@example.org>")):
        run_git(project, "commit", "-q", "--allow-empty", "--author", author, "-m", str(number))
    rows = project_rows("project_commits", project)
    assert [(row["author"], row["author_domain"]) for row in rows] == [
        (1, "example.org"), (2, ""), (3, "laptop"), (4, "other.example"), (1, "example.org"),
    ]  # fmt: skip
    assert "ayesha" not in repr(rows)


def test_a_shallow_copy_is_partial(tmp_path: Path) -> None:
    origin = make_project(tmp_path / "o", {"a": "1"})
    commit(origin, "second")
    run_git(tmp_path, "clone", "-q", "--depth", "1", origin.as_uri(), "p")
    data = read_project("project_commits", tmp_path / "p")
    assert (data.status, len(rows_of(data))) == ("partial", 1)
    assert project_rows("project_git", tmp_path / "p")[0]["is_shallow"] == 1


def test_only_the_latest_commits_are_looked_at(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a": "1"})
    stream = "".join(
        f"commit refs/heads/main\ncommitter A <a@b.example> {1_700_000_000 + number} +0000\ndata 1\nx\n"
        + ("from refs/heads/main^0\n" if number == 0 else "")
        for number in range(230)
    )
    subprocess.run(["git", "fast-import", "--quiet"], cwd=project, input=stream.encode(), check=True, timeout=60)
    rows = project_rows("project_commits", project)
    assert [len(rows), rows[-1]["position"]] == [200, 200]


def test_merges_are_marked(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a": "1"})
    run_git(project, "checkout", "-q", "-b", "side")
    commit(project, "side")
    run_git(project, "checkout", "-q", "main")
    run_git(project, "merge", "-q", "--no-ff", "-m", "merge", "side")
    assert [row["is_merge"] for row in project_rows("project_commits", project)] == [1, 0, 0]
