"""mount_options: each mount option as a row, as mounted now and as written in fstab. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._mounts import read_fstab, read_mountinfo


class MountOption(NamedTuple):
    """One option of one mount point."""

    path: str
    """The mount point."""
    option: str
    """The word before `=`."""
    state: str
    """`running` or `configured` (fstab, with the words that `defaults` and `user` stand for)."""
    value: str
    """What stands after `=`; '' for a plain word."""
    line: int | None
    """Of fstab; NULL for a running mount."""


@table(targets={"host", "root"})
def mount_options(target: Target) -> Iterator[MountOption]:
    """Yield one row per option of each file system that is mounted and not hidden, and of each entry of fstab.

    Source: proc(5), fstab(5), mount(8).
    """
    if target.live:
        for mount in read_mountinfo(target):
            if not mount.shadowed:
                for word in mount.options.split(","):
                    name, _, value = word.partition("=")
                    yield MountOption(mount.path, name, "running", value, None)
    try:
        entries = read_fstab(target)
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.type != "swap":
            for word in entry.effective:
                name, _, value = word.partition("=")
                yield MountOption(entry.mount_point, name, "configured", value, entry.line)
