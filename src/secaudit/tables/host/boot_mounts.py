"""boot_mounts: what the next start would mount, and with which restrictions. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._mounts import configured_mounts


class BootMount(NamedTuple):
    """One file system that would be mounted."""

    path: str
    """The mount point."""
    device: str
    type: str
    flags: str
    """All options, separated by commas."""
    nosuid: int
    nodev: int
    noexec: int


@table(targets={"host", "root"})
def boot_mounts(target: Target) -> Iterator[BootMount]:
    """Yield one row per file system that fstab and the mount units of systemd name, and systemd's own /dev/shm.

    Beside the table `mounts`, which on a running machine tells what is mounted now.

    Source: fstab(5), systemd.mount(5), systemd-fstab-generator(8).

    Raises:
        Denied: a unit file could not be read.
        Partial: fstab does not name the root file system, so that this is not the whole list.
    """
    found = configured_mounts(target)
    for mount in found.mounts:
        yield BootMount(
            path=mount.path,
            device=mount.device,
            type=mount.type,
            flags=mount.options,
            nosuid=int(mount.has("nosuid")),
            nodev=int(mount.has("nodev")),
            noexec=int(mount.has("noexec")),
        )
    found.finish("other file systems", None if target.is_root else "root")
