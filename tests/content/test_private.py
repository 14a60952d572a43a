"""Nothing is written where somebody else could lead the writing elsewhere."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from runprogram import secaudit
from secaudit.content.cache import write_whole
from secaudit.content.private import foreign_place
from tabletest import open_to_others

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to make folders of another user")
NOBODY = 65534


@pytest.fixture
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def test_own_folders_and_what_is_not_there_yet_are_ours(place: Path) -> None:
    assert foreign_place(place / "a" / "b") is None
    (place / "real").mkdir(mode=0o700)
    (place / "link").symlink_to(place / "real")
    assert foreign_place(place / "link" / "x") is None, "a link of our own"


def test_a_folder_that_others_can_write_is_not_ours(place: Path) -> None:
    shared = place / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    assert foreign_place(shared / "x") == shared
    with pytest.raises(PermissionError, match="exchange"):
        write_whole(shared / "x" / "content.json", b"{}")
    assert os.listdir(shared) == []
    shared.chmod(0o1777)
    assert foreign_place(shared / "x") is None, "as /tmp"
    (place / "link").symlink_to(shared)
    shared.chmod(0o777)
    assert foreign_place(place / "link") == shared, "where a link leads counts as well"


@needs_root
def test_root_writes_no_cache_through_the_link_of_a_user(place: Path) -> None:
    """A user exchanges the cache folder for a link to a folder of root's."""
    home, victim = place / "home", place / "victim"
    home.mkdir()
    victim.mkdir()
    (home / "secaudit").symlink_to(victim)
    os.lchown(home / "secaudit", NOBODY, NOBODY)
    os.chown(home, NOBODY, NOBODY)
    for folder in (home / "secaudit", home / "secaudit" / "new", home / "new"):
        with pytest.raises(PermissionError, match="exchange"):
            write_whole(folder / "content.json", b"{}")
    assert os.listdir(victim) == []
    done = secaudit("checks", "list", state=place / "state", env={"SECAUDIT_CACHE": str(home / "secaudit")})
    assert done.returncode == 0, done.stderr
    done = secaudit(
        "audit", "--only", "ssh-*", "--fail-on", "never", "--no-save", "-o", str(place / "r.html"),
        state=place / "state", env={"SECAUDIT_CACHE": str(home / "secaudit")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert os.listdir(victim) == []


@needs_root
def test_root_keeps_no_run_through_the_link_of_a_user(place: Path) -> None:
    home, victim = place / "home", place / "victim"
    home.mkdir()
    victim.mkdir()
    victim.chmod(0o755)
    (home / "state").symlink_to(victim)
    os.lchown(home / "state", NOBODY, NOBODY)
    os.chown(home, NOBODY, NOBODY)
    done = secaudit("audit", "--only", "ssh-*", "--fail-on", "never", state=home / "state")
    assert done.returncode == 0, done.stderr
    assert "warning: this run was not kept" in done.stderr
    assert "root does not write there" in done.stderr
    assert os.listdir(victim) == []
    assert victim.stat().st_mode & 0o777 == 0o755


def test_the_folder_above_the_runs_keeps_its_mode(place: Path) -> None:
    """SECAUDIT_STATE=/tmp as root must not close /tmp to everybody."""
    state = place / "state"
    state.mkdir()
    state.chmod(0o1777)
    done = secaudit("audit", "--only", "ssh-*", "--fail-on", "never", state=state)
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr
    assert state.stat().st_mode & 0o7777 == 0o1777
    assert (state / "runs").stat().st_mode & 0o777 == 0o700
    made = place / "made"
    secaudit("audit", "--only", "ssh-*", "--fail-on", "never", state=made)
    assert made.stat().st_mode & 0o777 == 0o700


@needs_root
def test_a_user_keeps_runs_in_a_folder_of_a_team(tmp_path: Path, as_nobody) -> None:
    from secaudit.history.store import make_private

    open_to_others(tmp_path)
    team = tmp_path / "team"
    team.mkdir()
    team.chmod(0o777)
    assert as_nobody(lambda: make_private(team / "runs")) is None
    assert (team / "runs").stat().st_uid == NOBODY
