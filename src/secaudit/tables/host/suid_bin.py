"""suid_bin: programs that run with the rights of their owner or group, whoever starts them. As osquery's table.

Unlike osquery, which looks into fixed program folders, every local file system is walked; see `_special` for the trees
that are left out.
"""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Partial, TableProblem, Target, table
from secaudit.tables.host._mounts import Mount, holder, read_mountinfo
from secaudit.tables.host._names import Names
from secaudit.tables.host._owners import packaged
from secaudit.tables.host._special import Special, closed, scan

MAX_PROGRAMS = 5_000


class SuidBin(NamedTuple):
    """One program file."""

    path: str
    uid: int
    gid: int
    username: str
    """'' when no account has this UID."""
    groupname: str
    permissions: str
    """`S` set-uid, `G` set-gid, `SG` both."""
    mode: int
    mode_octal: str
    executable: int
    """0: nobody may start it, so the bits do nothing."""
    other_write: int
    package_owned: int | None
    """1 when an installed package brought it; NULL when the package manager cannot be asked."""


@table(targets={"host", "root"}, timeout_s=30.0)
def suid_bin(target: Target) -> Iterator[SuidBin]:
    """Yield one row per set-uid or set-gid program of the local file systems.

    File systems mounted `nosuid` are left out, because the bits do nothing there. Not looked into: documentation,
    icons, headers, container images, package caches, and folders named node_modules, site-packages, dist-packages,
    __pycache__, .git, .cache, .npm, .rustup or .snapshots, and container images in homes.

    Source: stat(2), execve(2), find(1).

    Raises:
        Partial: folders were closed, or there are too many entries.
    """
    programs: list[Special] = []
    problem: TableProblem | None = None
    denied: list[str] = []
    mounts = read_mountinfo(target) if target.live else []
    try:
        for entry in scan(target, denied):
            if entry.kind == "file" and entry.mode & 0o6000 and not _harmless(mounts, entry.path):
                if len(programs) >= MAX_PROGRAMS:
                    raise Partial(f"more than {MAX_PROGRAMS} set-uid programs")
                programs.append(entry)
    except Partial as partial:
        problem = partial
    names = Names(target)
    owned = packaged(target, [entry.path for entry in programs])
    for entry in sorted(programs):
        yield SuidBin(
            path=entry.path,
            uid=entry.uid,
            gid=entry.gid,
            username=names.user(entry.uid),
            groupname=names.group(entry.gid),
            permissions=("S" if entry.mode & 0o4000 else "") + ("G" if entry.mode & 0o2000 else ""),
            mode=entry.mode,
            mode_octal=f"{entry.mode:04o}",
            executable=int(bool(entry.mode & 0o111)),
            other_write=int(bool(entry.mode & 0o002)),
            package_owned=owned[entry.path],
        )
    if problem is not None:
        raise problem
    if denied:
        raise closed(target, denied)


def _harmless(mounts: list[Mount], path: str) -> bool:
    mount = holder(mounts, path)
    return mount is not None and mount.has("nosuid")
