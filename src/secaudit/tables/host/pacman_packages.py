"""pacman_packages: the packages of Arch Linux and its relatives. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Partial, Target, table
from secaudit.tables.host._pacman import read_packages


class PacmanPackageRow(NamedTuple):
    """One installed package."""

    name: str
    version: str
    """With epoch and release: `1:2.3-4`."""
    arch: str
    source: str
    """The package base that it was built from."""
    size: int | None
    """Size of its files in bytes."""
    install_time: int | None
    """Seconds since 1970 UTC."""
    packager: str
    is_explicit: int
    """1 when a person asked for it, 0 when it came as a dependency."""
    validation: str
    """How its file was checked: pgp, sha256, md5 or none; several are separated by spaces."""


@table(targets={"host", "root"})
def pacman_packages(target: Target) -> Iterator[PacmanPackageRow]:
    """Yield one row per installed package.

    Source: /var/lib/pacman/local.

    Raises:
        Absent: there is no pacman database.
        Partial: some descriptions could not be read.
    """
    faults: list[str] = []
    for package in read_packages(target, faults):
        yield PacmanPackageRow(*package)
    if faults:
        raise Partial(f"{len(faults)} packages could not be read: " + "; ".join(faults[:3]))
