"""rpm_packages: the packages of rpm. As osquery's table of this name, plus `is_signed`."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Partial, Target, table
from secaudit.tables.host._rpmdb import read_packages


class RpmPackageRow(NamedTuple):
    """One installed package. Public keys that rpm trusts are packages named `gpg-pubkey`."""

    name: str
    version: str
    release: str
    epoch: int
    """0 where the package has none."""
    arch: str
    source: str
    """The source package's file name."""
    size: int | None
    """Size of its files in bytes."""
    install_time: int | None
    """Seconds since 1970 UTC."""
    vendor: str
    is_signed: int
    """1 when the package carries a signature; whether by a trusted key was judged when it was installed."""


@table(targets={"host", "root"}, timeout_s=20.0)
def rpm_packages(target: Target) -> Iterator[RpmPackageRow]:
    """Yield one row per installed package.

    Source: rpmdb.sqlite, read from a private copy; other database forms are asked of `rpm -qa` on a running system.

    Raises:
        Absent: there is no rpm database.
        Unsupported: the database is in a form (ndb, Berkeley DB) that only rpm reads, and rpm cannot be run here.
        Partial: some headers are damaged.
    """
    faults: list[str] = []
    for package in read_packages(target, faults):
        yield RpmPackageRow(
            name=package.name,
            version=package.version,
            release=package.release,
            epoch=package.epoch,
            arch=package.arch,
            source=package.source,
            size=package.size,
            install_time=package.install_time_s,
            vendor=package.vendor,
            is_signed=package.is_signed,
        )
    if faults:
        raise Partial(f"{len(faults)} packages could not be read: " + "; ".join(faults[:3]))
