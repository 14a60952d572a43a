"""swaps: swap space, and whether what is written there is encrypted. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._blockdev import Disks, Protection
from secaudit.tables.host._crypttab import Configured
from secaudit.tables.host._mounts import configured_mounts, holder, read_fstab, read_mountinfo, unescape


class Swap(NamedTuple):
    """One swap area."""

    device: str
    """Device file, or the swap file."""
    type: str
    """`partition` or `file`."""
    size: int | None
    """Bytes; NULL where it is not in use (a mounted tree)."""
    on_disk: int
    """0 for zram without a disk behind it: memory only."""
    zram: int
    encrypted: int | None
    """NULL where it cannot be seen from here, and for memory only."""
    kind: str
    stack: str


@table(targets={"host", "root"})
def swaps(target: Target) -> Iterator[Swap]:
    """Yield one row per swap area in use; in a mounted tree, per swap area of fstab. None means: there is no swap.

    Source: proc(5) (/proc/swaps), /sys/block/zramN/backing_dev, fstab(5), crypttab(5).

    Raises:
        Partial: a mounted tree without a root file system in fstab: what it would use as swap is not known.
    """
    yield from _running(target) if target.live else _configured(target)


def _running(target: Target) -> Iterator[Swap]:
    lines = target.read_text("/proc/swaps").splitlines()[1:]
    if not lines:
        return
    disks = Disks(target, read_mountinfo(target))
    for line in lines:
        fields = line.split()
        if len(fields) < 3:
            continue
        device, kind = unescape(fields[0]), fields[1]
        size = int(fields[2]) * 1024 if fields[2].isascii() and fields[2].isdigit() and len(fields[2]) < 16 else None
        name = device.rpartition("/")[2]
        if name.startswith("zram"):
            backing = _backing(target, name)
            if not backing:
                yield Swap(device, kind, size, 0, 1, None, "memory", name)
                continue
            found = disks.of_device(backing)
            yield Swap(device, kind, size, 1, 1, found.encrypted, found.kind, f"{name} > {found.stack}")
            continue
        found = disks.of_file(device) if kind == "file" else disks.of_device(device)
        yield Swap(device, kind, size, 1, 0, found.encrypted, found.kind, found.stack)


def _backing(target: Target, name: str) -> str:
    """The disk that zram may write pages to; '' for none, or on kernels that cannot."""
    try:
        text = target.read_text(f"/sys/block/{name}/backing_dev", 4096).strip()
    except OSError:
        return ""
    return "" if text in ("", "none") else text


def _configured(target: Target) -> Iterator[Swap]:
    try:
        entries = [entry for entry in read_fstab(target) if entry.type == "swap"]
    except FileNotFoundError:
        entries = []
    configured = Configured(target)
    at_boot = configured_mounts(target)
    for entry in entries:
        is_file = entry.device.startswith("/") and not entry.device.startswith("/dev/")
        if is_file:
            mount = holder(at_boot.mounts, entry.device)
            found = configured.of_device(mount.device) if mount else Protection(None, "hidden", entry.device)
        else:
            found = configured.of_device(entry.device)
        yield Swap(
            entry.device, "file" if is_file else "partition", None, 1, 0, found.encrypted, found.kind, found.stack
        )
    at_boot.finish("swap space", None if target.is_root else "root")
