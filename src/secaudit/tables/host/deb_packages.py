"""deb_packages: the packages of dpkg, in any state. As osquery's table of this name."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._dpkg import read_packages


class DebPackageRow(NamedTuple):
    """One package as dpkg knows it."""

    name: str
    version: str
    """Empty where a package was never installed."""
    source: str
    """The source package."""
    size: int | None
    """Size on the disk in KiB, as the package says; NULL when it does not say."""
    arch: str
    revision: str
    """The part of the version after its last hyphen."""
    status: str
    """dpkg's three words, `install ok installed` for a package that is there and wanted."""
    section: str
    priority: str
    is_installed: int
    """1 when it is completely installed (held ones too)."""
    is_held: int
    """1 when it was told to stay as it is: it gets no updates, security updates included."""
    is_broken: int
    """1 when an installation or removal was not finished."""


@table(targets={"host", "root"})
def deb_packages(target: Target) -> Iterator[DebPackageRow]:
    """Yield one row per package and architecture, removed packages whose configuration stayed included.

    Source: /var/lib/dpkg/status, or the files of /var/lib/dpkg/status.d; dpkg(1), "Package states".

    Raises:
        Absent: there is no dpkg database.
    """
    for package in read_packages(target):
        yield DebPackageRow(
            name=package.name,
            version=package.version,
            source=package.source,
            size=package.size_kib,
            arch=package.arch,
            revision=package.version.rpartition("-")[2] if "-" in package.version else "",
            status=package.status,
            section=package.section,
            priority=package.priority,
            is_installed=int(package.is_installed),
            is_held=int(package.is_held),
            is_broken=int(package.is_broken),
        )
