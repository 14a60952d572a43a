"""project_files: what git tracks, what it does not, and what is left out with the reason."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from projecttest import GIT_ENVIRONMENT, commit, make_project, project_rows, read_project, run_git
from tabletest import rows_of


def _by_path(folder: Path) -> dict[str, dict[str, str | int | None]]:
    return {str(row["path"]): row for row in project_rows("project_files", folder)}


def test_tracked_untracked_and_ignored_are_told_apart(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {
        "app.py": "print(1)\n", ".gitignore": ".env\nnode_modules/\n", ".env": "A=1\n",
        "node_modules/a/index.js": "1\n", "node_modules/b/index.js": "1\n",
    })  # fmt: skip
    (project / "new.py").write_text("2\n")
    found = _by_path(project)
    assert {path: row["tracking"] for path, row in found.items()} == {
        "app.py": "tracked", ".gitignore": "tracked", ".env": "ignored", "node_modules": "ignored", "new.py": "untracked",
    }  # fmt: skip
    assert found["node_modules"]["type"] == "dir"


def test_without_git_the_folder_is_walked_and_foreign_code_is_named_not_entered(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": "1\n", "node_modules/x/i.js": "1\n"}, git=False)
    found = _by_path(project)
    assert set(found) == {"a.py", "node_modules"}
    assert {row["tracking"] for row in found.values()} == {"none"}


@pytest.mark.parametrize(
    ("path", "role", "skipped"),
    [
        ("src/app.py", "code", ""),
        ("tests/test_app.py", "test", ""),
        ("web/app.test.js", "test", ""),
        ("Shop.Tests/OrderTests.cs", "test", ""),
        ("config/environments/test.rb", "test", ""),
        ("config/environments/production.rb", "code", ""),
        ("docs/index.md", "docs", ""),
        (".env.example", "example", ""),
        ("package-lock.json", "lock", ""),
        ("static/jquery.min.js", "minified", "minified"),
        ("third_party/zlib/a.c", "vendored", "vendored"),
        ("dist/app.js", "built", "built"),
        ("logo.png", "code", "binary"),
    ],
)
def test_role_and_why_it_is_not_searched(tmp_path: Path, path: str, role: str, skipped: str) -> None:
    row = _by_path(make_project(tmp_path / "p", {path: "x\n"}))[path]
    assert (row["role"], row["skipped"]) == (role, skipped)


def test_a_large_file_is_said_to_be_skipped(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.txt": "1\n"})
    with (project / "dump.sql").open("wb") as stream:
        stream.truncate(4 << 30)
    assert _by_path(project)["dump.sql"]["skipped"] == "large"


def test_links_out_of_the_project_are_named_and_not_followed(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a/in.txt": "1\n"})
    (project / "a/up").symlink_to("../../secret")
    (project / "a/abs").symlink_to("/etc/passwd")
    (project / "a/ok").symlink_to("../a/in.txt")
    commit(project, "links")
    found = _by_path(project)
    assert {path: row["leads_out"] for path, row in found.items() if row["type"] == "link"} == {
        "a/up": 1, "a/abs": 1, "a/ok": 0,
    }  # fmt: skip


def test_a_bare_repository_shows_the_files_of_its_head(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": "1\n", "b/c.py": "2\n"})
    run_git(tmp_path, "clone", "-q", "--bare", str(project), "bare.git")
    assert set(_by_path(tmp_path / "bare.git")) == {"a.py", "b/c.py"}


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": "1\n"}, git=False)
    run_git(project, "init", "-q")
    assert _by_path(project)["a.py"]["tracking"] == "untracked"


def test_names_with_newlines_escapes_and_bad_bytes(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a\n\x1b[2Jb.py": "1\n"})
    (project / os.fsdecode(b"bad\xff.py")).write_text("1\n")
    assert {row["tracking"] for row in _by_path(project).values()} == {"tracked", "untracked"}
    assert len(_by_path(project)) == 2


def test_nothing_that_a_hostile_repository_names_is_run(tmp_path: Path) -> None:
    """Each key here makes a plain `git status`, `git log` or `git ls-files` of some version start a program."""
    mark = tmp_path / "was-run"
    program = tmp_path / "program.sh"
    program.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    program.chmod(0o755)
    project = make_project(tmp_path / "p", {"a.py": "1\n", ".gitattributes": "* filter=f diff=d\n"})
    for key in ("core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "diff.external", "diff.d.textconv",
                "diff.d.command", "filter.f.clean", "filter.f.smudge", "filter.f.process", "gpg.program",
                "credential.helper", "core.alternateRefsCommand", "core.askPass", "alias.ls-files"):  # fmt: skip
        run_git(project, "config", key, str(program))
    run_git(project, "config", "log.showSignature", "true")
    hooks = project / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-index-change", "fsmonitor-watchman", "reference-transaction", "post-checkout"):
        (hooks / hook).write_text(program.read_text())
        (hooks / hook).chmod(0o755)
    (project / "a.py").write_text("changed\n")
    found = _by_path(project)
    assert found["a.py"]["tracking"] == "tracked"
    assert not mark.exists()
    # the trap works: without the switches, git does start it
    subprocess.run(["git", "diff"], cwd=project, env=GIT_ENVIRONMENT, capture_output=True, check=False, timeout=30)
    assert mark.exists()


def test_the_repository_cannot_send_git_to_another_folder(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "private.txt").write_text("1\n")
    project = make_project(tmp_path / "p", {"a.py": "1\n"})
    run_git(project, "config", "core.worktree", str(other))
    assert set(_by_path(project)) == {"a.py"}


def test_a_damaged_index_is_not_an_empty_project(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": "1\n"})
    (project / ".git/index").write_bytes(b"DIRC nonsense")
    data = read_project("project_files", project)
    assert data.status == "partial"
    assert {row["path"] for row in rows_of(data)} == {"a.py"}


@pytest.mark.parametrize("inner", ["build", "build/sub", "new"])
def test_a_folder_that_the_repository_above_ignores_or_does_not_know_is_no_empty_project(
    tmp_path: Path, inner: str
) -> None:
    outer = make_project(tmp_path / "outer", {".gitignore": "build/\n", "a.py": "1\n"})
    (outer / inner).mkdir(parents=True)
    (outer / inner / "b.py").write_text("2\n")
    assert set(_by_path(outer / inner)) == {"b.py"}


def test_a_part_of_a_repository_is_a_project_with_its_own_paths(tmp_path: Path) -> None:
    outer = make_project(tmp_path / "outer", {"shop/a.py": "1\n", "other/b.py": "1\n", ".gitignore": "x.log\n"})
    (outer / "shop/x.log").write_text("1\n")
    assert {path: row["tracking"] for path, row in _by_path(outer / "shop").items()} == {
        "a.py": "tracked", "x.log": "ignored",
    }  # fmt: skip


def test_a_repository_inside_another_that_git_only_names_is_looked_into(tmp_path: Path) -> None:
    outer = make_project(tmp_path / "outer", {"a.py": "1\n"})
    make_project(outer / "tools/inner", {"b.py": "2\n", "node_modules/x/c.js": "3\n"})
    assert {path: row["tracking"] for path, row in _by_path(outer).items()} == {
        "a.py": "tracked", "tools/inner/b.py": "untracked", "tools/inner/node_modules": "untracked",
    }  # fmt: skip
