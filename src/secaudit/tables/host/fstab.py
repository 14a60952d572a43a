"""fstab: the file systems that are to be mounted. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host._mounts import read_fstab


class FstabRow(NamedTuple):
    """One entry of fstab(5)."""

    device: str
    """A device file, UUID=, LABEL=, PARTUUID= or the name of a network share."""
    mount_point: str
    """`none` or `swap` for swap space."""
    type: str
    options: str
    """As written; a password is shown as `****`."""
    nosuid: int
    """1 when the words amount to it: `user` includes it, a later `suid` takes it back."""
    nodev: int
    noexec: int
    auto: int
    """1: mounted at boot."""
    user_mountable: int
    """1: people may mount it themselves (`user`, `users`, `owner`, `group`)."""
    path: str
    line: int


@table(targets={"host", "root"})
def fstab(target: Target) -> Iterator[FstabRow]:
    """Yield one row per entry, swap included.

    Source: fstab(5), mount(8).

    Raises:
        Absent: there is no /etc/fstab.
    """
    try:
        entries = read_fstab(target)
    except FileNotFoundError:
        raise Absent("there is no /etc/fstab") from None
    for entry in entries:
        words = set(entry.effective)
        yield FstabRow(
            device=entry.device,
            mount_point=entry.mount_point,
            type=entry.type,
            options=entry.options,
            nosuid=int("nosuid" in words),
            nodev=int("nodev" in words),
            noexec=int("noexec" in words),
            auto=int("noauto" not in words),
            user_mountable=int(bool(words & {"user", "users", "owner", "group"})),
            path="/etc/fstab",
            line=entry.line,
        )
