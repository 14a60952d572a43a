"""mounts: mounted file systems and the restrictions they are mounted with. As osquery's, plus columns."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._mounts import configured_mounts, read_mountinfo


class MountRow(NamedTuple):
    """One mounted file system."""

    path: str
    """The mount point."""
    device: str
    type: str
    flags: str
    """All options, separated by commas."""
    nosuid: int
    """1: the set-uid and set-gid bits of programs here have no effect."""
    nodev: int
    """1: device files here do not work."""
    noexec: int
    """1: programs here cannot be started directly."""
    read_only: int
    shadowed: int
    """1: another file system is mounted over it at the same place, so nobody sees this one."""
    state: str
    """`running`: mounted now; `configured`: would be mounted at boot (a mounted tree)."""


@table(targets={"host", "root"})
def mounts(target: Target) -> Iterator[MountRow]:
    """Yield one row per mounted file system; in a mounted tree, one per file system that would be mounted at boot.

    Source: proc(5) (mountinfo); fstab(5), systemd.mount(5) and systemd's built-in /dev/shm for a mounted tree.

    Raises:
        Denied: a mounted tree with unit files that cannot be read.
        Partial: a mounted tree whose fstab does not name the root file system, so that this is not the whole list.
    """
    at_boot = None if target.live else configured_mounts(target)
    for mount in read_mountinfo(target) if at_boot is None else at_boot.mounts:
        yield MountRow(
            path=mount.path,
            device=mount.device,
            type=mount.type,
            flags=mount.options,
            nosuid=int(mount.has("nosuid")),
            nodev=int(mount.has("nodev")),
            noexec=int(mount.has("noexec")),
            read_only=int(mount.has("ro")),
            shadowed=int(mount.shadowed),
            state="running" if target.live else "configured",
        )
    if at_boot is not None:
        at_boot.finish("other file systems", None if target.is_root else "root")
