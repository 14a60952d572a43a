"""What tests of project tables need: small projects made on the spot, with the real git, and rows as dictionaries."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from secaudit.engine.collect import collect_one
from secaudit.engine.registry import load_table
from secaudit.model import TableData
from secaudit.tableapi import Wants
from secaudit.targets.project import ProjectAccess
from secaudit.targets.recorder import Cache
from tabletest import NOW_S, rows_of

GIT_ENVIRONMENT = {
    **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ayesha", "GIT_AUTHOR_EMAIL": "ayesha@example.org",
    "GIT_COMMITTER_NAME": "Ayesha", "GIT_COMMITTER_EMAIL": "ayesha@example.org",
}  # fmt: skip


def make_project(folder: Path, files: dict[str, str | bytes], *, git: bool = True) -> Path:
    """Write files; with git they are committed, those that .gitignore names excepted."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    if git:
        run_git(folder, "init", "-q", "-b", "main")
        commit(folder, "first")
    return folder


def run_git(folder: Path, *words: str) -> str:
    """The real git, with no configuration of this user."""
    done = subprocess.run(
        ["git", *words], cwd=folder, env=GIT_ENVIRONMENT, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def commit(folder: Path, message: str) -> None:
    """Commit all that is not ignored."""
    run_git(folder, "add", "-A")
    run_git(folder, "commit", "-q", "--allow-empty", "-m", message)


def read_project(name: str, folder: Path, now_s: int = NOW_S) -> TableData:
    """Collect one table from a project."""
    spec = load_table(name)
    access = ProjectAccess(str(folder))
    return collect_one(access, spec, Wants(()), now_s, Cache(), time.monotonic() + spec.timeout_s)


def project_rows(name: str, folder: Path) -> list[dict[str, str | int | None]]:
    """Collect one table that must be read completely, and give its rows."""
    data = read_project(name, folder)
    assert data.status == "ok", (data.status, data.reason)
    return rows_of(data)
