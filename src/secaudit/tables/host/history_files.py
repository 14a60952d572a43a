"""history_files: the files in which shells and database clients keep what was typed. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._history import history_files as find
from secaudit.tables.host._homeread import HomeReader


class HistoryFile(NamedTuple):
    """One existing history file."""

    username: str
    program: str
    """bash, zsh, fish, mysql, psql, python ..."""
    path: str
    mode: int
    mode_octal: str
    uid: int
    size: int
    others_can_read: int | None
    """1 when an account other than the owner and root can open it, folders on the way included."""


@table(targets={"host", "root"})
def history_files(target: Target) -> Iterator[HistoryFile]:
    """Yield one row per history file in a home folder.

    Raises:
        Partial: a folder could not be entered.
    """
    reader = HomeReader(target)
    for username, program, path, stat in find(reader):
        yield HistoryFile(
            username=username,
            program=program,
            path=path,
            mode=stat.mode,
            mode_octal=f"{stat.mode:04o}",
            uid=stat.uid,
            size=stat.size,
            others_can_read=reader.others_can_read(path, stat),
        )
    reader.finish()
