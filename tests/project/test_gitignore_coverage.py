"""gitignore_coverage: what the real git leaves out, asked of it and compared with what `git add` does."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from projecttest import GIT_ENVIRONMENT, commit, make_project, project_rows, read_project, run_git

APP = {
    "package.json": "{}", "requirements.txt": "", "manage.py": "", ".env.example": "A=\n", "infra/main.tf": "",
    "api/composer.json": "{}", "Dockerfile": "", "tests/package.json": "{}",
}  # fmt: skip
ALL = {
    ("env", ".env"), ("env-local", ".env.local"), ("node-modules", "node_modules/"), ("venv", ".venv/"),
    ("venv", "venv/"), ("vendor", "api/vendor/"), ("database", "db.sqlite3"),
    ("terraform-state", "infra/terraform.tfstate"), ("terraform-state", "infra/terraform.tfstate.backup"),
    ("terraform-folder", "infra/.terraform/"), ("key", "server.key"), ("key", "private.pem"), ("editor", ".idea/"),
    ("system", ".DS_Store"),
}  # fmt: skip


def by_path(project: Path) -> dict[str, dict[str, str | int | None]]:
    return {str(row["path"]): row for row in project_rows("gitignore_coverage", project)}


def test_names_are_chosen_by_what_the_project_is(tmp_path: Path) -> None:
    found = by_path(make_project(tmp_path / "p", APP))
    assert {(row["kind"], path) for path, row in found.items()} == ALL
    assert {row["is_ignored"] for row in found.values()} == {0}
    assert found["infra/.terraform/"]["because"] == "infra/main.tf"


def test_a_library_is_not_asked_about_settings_and_keys(tmp_path: Path) -> None:
    found = by_path(make_project(tmp_path / "p", {"pyproject.toml": "", "src/a.py": ""}))
    assert {row["kind"] for row in found.values()} == {"venv", "editor", "system"}
    assert by_path(make_project(tmp_path / "q", {"notes.txt": ""})) == {}


@pytest.mark.parametrize(
    "rules",
    [
        ".env\n",
        ".env*\n!.env.example\n",
        "/.env\nnode_modules\n.terraform\n*.tfstate\n",
        ".env \n",  # a blank at the end is dropped
        ".env\\ \n",  # unless it is escaped
        "# .env\n",
        "\\.env\n",
        "*\n!*.py\n!*/\n",
        ".env\n!.env\n",
        "**/.env\n**/node_modules/**\n",
        "infra/\n",
        "*.sqlite3\n*.key\n*.pem\r\n",
        ".ENV\n",
        "node_modules\nvendor/\nvenv/\n.venv\n",
        "",
    ],
)
def test_git_add_agrees(tmp_path: Path, rules: str) -> None:
    """The judge: make each file, let git add everything, and see what is in the index."""
    project = make_project(tmp_path / "p", {**APP, ".gitignore": rules})
    found = by_path(project)
    for path in found:
        place = project / (path + "inside" if path.endswith("/") else path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("x")
    run_git(project, "add", "-A")
    index = run_git(project, "ls-files").splitlines()
    added = {path for path in found if any(name == path or name.startswith(path.rstrip("/") + "/") for name in index)}
    assert added == {path for path, row in found.items() if row["is_ignored"] == 0}


def test_a_list_of_this_copy_alone_is_told_apart(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", APP)
    (project / ".git/info/exclude").write_text(".env\n")
    row = by_path(project)[".env"]
    assert (row["is_ignored"], row["source_tracking"]) == (1, "local")
    other = make_project(tmp_path / "q", {**APP, ".gitignore": ".env\n.gitignore\n"})
    row = by_path(other)[".env"]
    assert (row["is_ignored"], row["source"], row["line"], row["source_tracking"]) == (1, ".gitignore", 1, "ignored")
    third = make_project(tmp_path / "r", APP)
    (third / ".gitignore").write_text("\n.env\n")
    row = by_path(third)[".env"]
    assert (row["line"], row["pattern"], row["source_tracking"]) == (2, ".env", "untracked")


def test_the_list_of_the_person_who_audits_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = make_project(tmp_path / "p", APP)
    home = tmp_path / "home"
    (home / ".config/git").mkdir(parents=True)
    (home / ".config/git/ignore").write_text(".env\n")
    monkeypatch.setenv("HOME", str(home))
    run_git(project, "config", "core.excludesFile", str(home / ".config/git/ignore"))
    assert by_path(project)[".env"]["is_ignored"] == 0


def test_a_link_is_no_folder(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {**APP, ".gitignore": "node_modules/\n.venv\n"})
    for name in ("node_modules", ".venv"):
        (project / name).symlink_to("/tmp")
    found = by_path(project)
    assert (found["node_modules/"]["is_ignored"], found[".venv/"]["is_ignored"]) == (0, 1)


def test_what_is_tracked_all_the_same_is_counted(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {**APP, ".env": "A=1", "node_modules/a/i.js": "1", "node_modules.js": ""})
    (project / ".gitignore").write_text(".env\nnode_modules/\n")
    commit(project, "too late")
    found = by_path(project)
    assert {path: row["tracked_files"] for path, row in found.items() if row["tracked_files"]} == {
        ".env": 1, "node_modules/": 1,
    }  # fmt: skip
    assert found[".env"]["is_ignored"] == 1


def test_odd_folders_are_no_magic(tmp_path: Path) -> None:
    project = make_project(
        tmp_path / "p", {":(top)x/package.json": "{}", "-n/package.json": "{}", "a\n\x1b[2J/package.json": "{}",
                         "b*/package.json": "{}", ".gitignore": "b?/node_modules\n"}
    )  # fmt: skip
    found = by_path(project)
    assert {path: row["is_ignored"] for path, row in found.items() if row["kind"] == "node-modules"} == {
        ":(top)x/node_modules/": 0, "-n/node_modules/": 0, "a\n\x1b[2J/node_modules/": 0, "b*/node_modules/": 1,
    }  # fmt: skip


def test_without_git_it_says_so(tmp_path: Path) -> None:
    assert read_project("gitignore_coverage", make_project(tmp_path / "p", APP, git=False)).status == "absent"
    run_git(tmp_path, "init", "-q", "--bare", "bare.git")
    assert read_project("gitignore_coverage", tmp_path / "bare.git").status == "unsupported"


def test_asking_changes_nothing_and_starts_nothing(tmp_path: Path) -> None:
    mark = tmp_path / "was-run"
    program = tmp_path / "program.sh"
    program.write_text(f"#!/bin/sh\ntouch {mark}\n")
    program.chmod(0o755)
    project = make_project(tmp_path / "p", APP)
    for key in ("core.fsmonitor", "core.pager", "core.sshCommand", "filter.f.clean"):
        run_git(project, "config", key, str(program))
    before = {path: path.stat().st_mtime_ns for path in project.rglob("*")}
    for table in ("gitignore_coverage", "project_git", "project_commits", "project_git_settings"):
        assert read_project(table, project).status == "ok"
    assert {path: path.stat().st_mtime_ns for path in project.rglob("*")} == before
    assert not mark.exists()
    subprocess.run(["git", "status"], cwd=project, env=GIT_ENVIRONMENT, capture_output=True, check=False, timeout=30)
    assert mark.exists()  # the trap works
