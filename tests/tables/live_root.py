"""A recorded running system: files of /proc and /sys below a folder, answered as a live target. Nothing is run."""

from __future__ import annotations

import time
from pathlib import Path

from secaudit.engine.collect import collect_one
from secaudit.engine.registry import load_table
from secaudit.model import TableData
from secaudit.tableapi import Wants
from secaudit.targets.recorder import Cache
from secaudit.targets.root import RootAccess
from tabletest import NOW_S, make_root, rows_of


class LiveRoot(RootAccess):
    """A root that says it is running; commands are still refused."""

    kind = "host"
    live = True


def read_live(name: str, folder: Path) -> TableData:
    spec = load_table(name)
    return collect_one(LiveRoot(str(folder)), spec, Wants(()), NOW_S, Cache(), time.monotonic() + spec.timeout_s)


def live_rows(name: str, folder: Path) -> list[dict[str, str | int | None]]:
    data = read_live(name, folder)
    assert data.status == "ok", (data.status, data.reason)
    return rows_of(data)


def mountinfo(*lines: tuple[str, str, str, str]) -> str:
    """Lines of (device number, mount point, type, device), options `rw`; an option list may follow the mount point."""
    text = ""
    for number, (device_number, place, kind, device) in enumerate(lines, 20):
        place, _, options = place.partition(" ")
        text += f"{number} 1 {device_number} / {place} {options or 'rw,relatime'} shared:1 - {kind} {device} rw\n"
    return text


def add_disk(folder: Path, name: str, number: str, **facts: str) -> None:
    """A block device in /sys: `dm_uuid`, `slaves` (words), `parent` (it is a partition of), `model`, `backing_file`."""
    parent = facts.get("parent")
    real = f"/sys/devices/pci0/block/{parent}/{name}" if parent else f"/sys/devices/pci0/block/{name}"
    place = folder / real.lstrip("/")
    place.mkdir(parents=True)
    (place / "slaves").mkdir()
    if parent:
        (place / "partition").write_text("1\n")
    if "dm_uuid" in facts:
        (place / "dm").mkdir()
        (place / "dm/uuid").write_text(facts["dm_uuid"] + "\n")
    for slave in facts.get("slaves", "").split():
        (place / "slaves" / slave).mkdir()
    if "backing_file" in facts:
        (place / "loop").mkdir()
        (place / "loop/backing_file").write_text(facts["backing_file"] + "\n")
    if "model" in facts:
        (place / "device").mkdir()
        (place / "device/model").write_text(facts["model"] + "\n")
    if facts.get("removable"):
        (place / "removable").write_text("1\n")
    for link in (f"sys/class/block/{name}", f"sys/dev/block/{number}"):
        (folder / link).parent.mkdir(parents=True, exist_ok=True)
        (folder / link).symlink_to(real)
    (folder / "dev").mkdir(exist_ok=True)
    (folder / "dev" / name).write_text("")


__all__ = ["add_disk", "live_rows", "make_root", "mountinfo", "read_live"]
