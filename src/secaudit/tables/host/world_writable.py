"""world_writable: files and folders that every account may change. Not in osquery."""

from __future__ import annotations

import posixpath
from typing import Iterator, NamedTuple

from secaudit.tableapi import Partial, TableProblem, Target, table
from secaudit.tables.host._names import Names
from secaudit.tables.host._special import Special, closed, scan

TYPES = {"file": "regular", "dir": "directory", "char": "character"}


class WorldWritable(NamedTuple):
    """One file, folder, fifo, socket or device with the write bit for others."""

    path: str
    type: str
    """`regular`, `directory`, `fifo`, `socket`, `block` or `character`."""
    sticky: int
    """1: in this folder people can remove only what is theirs."""
    uid: int
    username: str
    """'' when no account has this UID."""
    mode: int
    mode_octal: str
    reachable: int | None
    """1 when every folder above lets others pass; 0 when one is closed to them; NULL when that could not be read."""


@table(targets={"host", "root"}, timeout_s=9.0)
def world_writable(target: Target) -> Iterator[WorldWritable]:
    """Yield one row per entry of the local file systems that others may write. Links are left out.

    Not looked into: documentation, icons, headers, container images, package caches, and folders named node_modules,
    site-packages, dist-packages, __pycache__, .git, .cache, .npm, .rustup or .snapshots, and container images in
    homes.

    What lies in a folder that is closed to others is listed only when we may look there: nobody else reaches it.

    Source: stat(2), find(1).

    Raises:
        Partial: folders that let others in were closed to us, or there are too many such files, and only
            folders are listed.
    """
    names = Names(target)
    passable: dict[str, int | None] = {"/": 1}
    problem: TableProblem | None = None
    denied: list[str] = []
    entries: list[Special] = []
    try:
        entries.extend(entry for entry in scan(target, denied) if entry.mode & 0o002)
    except Partial as partial:
        problem = partial
    for entry in sorted(entries):
        yield WorldWritable(
            path=entry.path,
            type=TYPES.get(entry.kind, entry.kind),
            sticky=int(bool(entry.mode & 0o1000)),
            uid=entry.uid,
            username=names.user(entry.uid),
            mode=entry.mode,
            mode_octal=f"{entry.mode:04o}",
            reachable=_reachable(target, posixpath.dirname(entry.path), passable),
        )
    if problem is not None:
        raise problem
    doubtful = [path for path in denied if _lets_others_in(target, path)]
    if doubtful:
        raise closed(target, doubtful)


def _lets_others_in(target: Target, path: str) -> bool:
    """Whether others could reach what lies in a folder that we cannot list."""
    try:
        return bool(target.stat(path, follow=False).mode & 0o001)
    except OSError:
        return True


def _reachable(target: Target, folder: str, passable: dict[str, int | None]) -> int | None:
    """Go up until a folder is known, then down again, so that each folder is looked at once."""
    waiting: list[str] = []
    while folder not in passable:
        waiting.append(folder)
        folder = posixpath.dirname(folder)
    answer = passable[folder]
    for step in reversed(waiting):
        if answer == 1:
            try:
                answer = int(bool(target.stat(step, follow=False).mode & 0o001))
            except OSError:
                answer = None
        passable[step] = answer
    return answer
