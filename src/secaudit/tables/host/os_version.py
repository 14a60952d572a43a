"""os_version: which operating system this is. As osquery's table of this name, plus `family` and `base_codename`."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Failed, Target, table
from secaudit.tables.host._os_release import PATHS, read_os_release
from secaudit.tables.host._osfamily import family_of, platform_of


class OsVersion(NamedTuple):
    """The operating system. Always one row."""

    name: str
    """NAME, such as `Debian GNU/Linux`."""
    version: str
    """VERSION_ID, such as `12` or `22.04`; empty on rolling and testing releases."""
    major: int | None
    """The first number of the version; NULL where there is none."""
    minor: int | None
    """The second number of the version, 0 when there is only one; NULL where there is no version."""
    platform: str
    """ID, such as `debian`, `ubuntu`, `fedora`, `arch`."""
    platform_like: str
    """ID_LIKE, ids separated by spaces, nearest first."""
    codename: str
    """VERSION_CODENAME, such as `bookworm`."""
    base_codename: str
    """The codename of the Debian or Ubuntu release below a derived system; else the same as `codename`."""
    family: str
    """debian, fedora, arch, alpine, suse, or empty: which package tools and folders to expect."""
    variant: str
    """VARIANT_ID, such as `server` or `workstation`; often empty."""
    support_end: str
    """SUPPORT_END, YYYY-MM-DD; set by few makers."""
    pretty_name: str
    path: str


@table(targets={"host", "root"})
def os_version(target: Target) -> Iterator[OsVersion]:
    """Yield one row that says which operating system this is.

    Source: os-release(5).

    Raises:
        Failed: there is no os-release file, so nobody can say which system this is.
    """
    path = next((path for path in PATHS if target.exists(path)), None)
    if path is None:
        raise Failed("neither /etc/os-release nor /usr/lib/os-release exists")
    values = read_os_release(target)
    like = " ".join(values.get("ID_LIKE", "").lower().split())
    version = values.get("VERSION_ID", "")
    major, minor = _numbers(version)
    codename = values.get("VERSION_CODENAME") or _codename_in(values.get("VERSION", ""))
    yield OsVersion(
        name=values.get("NAME", "Linux"),
        version=version,
        major=major,
        minor=minor,
        platform=platform_of(values),
        platform_like=like,
        codename=codename,
        base_codename=values.get("UBUNTU_CODENAME") or values.get("DEBIAN_CODENAME") or codename,
        family=family_of(values),
        variant=values.get("VARIANT_ID", ""),
        support_end=values.get("SUPPORT_END", ""),
        pretty_name=values.get("PRETTY_NAME", "Linux"),
        path=path,
    )


def _numbers(version: str) -> tuple[int | None, int | None]:
    match = re.match(r"([0-9]{1,9})(?:\.([0-9]{1,9}))?", version)
    if match is None:
        return None, None
    return int(match.group(1)), int(match.group(2) or 0)


def _codename_in(version: str) -> str:
    """The word in brackets of older releases: `9 (stretch)`."""
    match = re.search(r"\(([A-Za-z]{1,40})\)", version)
    return match.group(1).lower() if match else ""
