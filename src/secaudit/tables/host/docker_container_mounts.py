"""docker_container_mounts: what of the machine containers see. As osquery's table, without asking the engine."""

from __future__ import annotations

import posixpath
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host import _dockerconf, _dockerstore
from secaudit.tables.host._dockerstore import text


class ContainerMount(NamedTuple):
    """One mount of one container."""

    id: str
    container: str
    """Its name."""
    type: str
    """bind (a place of the machine), volume (kept by the engine), tmpfs."""
    name: str
    """Of a volume."""
    source: str
    """The place on the machine, without double slashes and `..`."""
    destination: str
    rw: int
    """1 when the container may write there."""
    path: str


@table(targets={"host", "root"})
def docker_container_mounts(target: Target) -> Iterator[ContainerMount]:
    """Yield one row per mount, from what was asked for (Binds, Mounts) and what the engine made of it (MountPoints).

    Source: https://docs.docker.com/engine/storage/bind-mounts/

    Raises:
        Absent: the Docker engine is not installed.
        Partial: a file could not be read.
    """
    _dockerconf.installed(target)
    unread: list[str] = []
    for one in _dockerstore.containers(target, unread):
        found: dict[str, ContainerMount] = {}
        binds = one.host.get("Binds")
        for bind in binds if isinstance(binds, list) else ():
            source, _, rest = str(bind).partition(":")
            destination, _, mode = rest.partition(":")
            kind = "bind" if source.startswith("/") else "volume"
            name = "" if kind == "bind" else source
            place = posixpath.normpath(source) if kind == "bind" else ""
            found[destination] = ContainerMount(
                one.id, one.name, kind, name, place, destination, int("ro" not in mode.split(",")), one.path
            )
        asked = one.host.get("Mounts")
        for mount in asked if isinstance(asked, list) else ():
            if isinstance(mount, dict):
                kind, source = text(mount, "Type"), text(mount, "Source")
                place = posixpath.normpath(source) if kind == "bind" and source else ""
                found[text(mount, "Target")] = ContainerMount(
                    one.id, one.name, kind, "" if kind == "bind" else source, place, text(mount, "Target"),
                    int(mount.get("ReadOnly") is not True), one.path,
                )  # fmt: skip
        made = one.config.get("MountPoints")
        for destination, point in made.items() if isinstance(made, dict) else ():
            if isinstance(point, dict) and destination not in found:
                source = text(point, "Source")
                found[destination] = ContainerMount(
                    one.id, one.name, text(point, "Type") or "bind", text(point, "Name"),
                    posixpath.normpath(source) if source else "", destination, int(point.get("RW") is True), one.path,
                )  # fmt: skip
        yield from found.values()
    _dockerstore.finish(target, unread)
