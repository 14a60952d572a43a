"""apk_packages: the packages of Alpine Linux. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._apkdb import read_packages


class ApkPackageRow(NamedTuple):
    """One installed package."""

    name: str
    version: str
    arch: str
    source: str
    """The package that it was built with."""
    size: int | None
    """Size of its files in bytes."""


@table(targets={"host", "root"})
def apk_packages(target: Target) -> Iterator[ApkPackageRow]:
    """Yield one row per installed package.

    Source: /lib/apk/db/installed.

    Raises:
        Absent: there is no apk database.
    """
    for package in read_packages(target):
        yield ApkPackageRow(*package)
