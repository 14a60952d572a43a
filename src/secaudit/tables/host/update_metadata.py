"""update_metadata: how fresh the knowledge of this machine about new packages is. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Target, Unsupported, table
from secaudit.tables.host._apt_archives import SEPARATE, Archive, Archives, read_archives

APT_STAMPS = ("/var/lib/apt/periodic/update-success-stamp", "/var/lib/apt/periodic/update-stamp")
"""Written by apt's daily job and by update-notifier after `apt update` worked."""

CACHES = (
    ("dnf", ("/var/cache/dnf/*/repodata/repomd.xml", "/var/cache/libdnf5/*/repodata/repomd.xml")),
    ("pacman", ("/var/lib/pacman/sync/*.db",)),
    ("apk", ("/var/cache/apk/APKINDEX.*.tar.gz", "/etc/apk/cache/APKINDEX.*.tar.gz")),
)
MARKS = {"dnf": ("/etc/dnf", "/etc/yum.repos.d"), "pacman": ("/etc/pacman.conf",), "apk": ("/etc/apk",)}


class UpdateMetadata(NamedTuple):
    """The lists of one package manager."""

    manager: str
    """apt, dnf, pacman or apk."""
    is_present: int | None
    """1 when it has lists of what can be installed. Without them it knows of no update at all. NULL when not all
    sources could be read, and those that could be read do not say."""
    last_refreshed_s: int | None
    """The newest moment at which the lists are known to have been current, seconds since 1970 UTC."""
    age_days: int | None
    """Whole days since then; NULL when there are no lists or nothing says how old they are."""
    path: str | None
    """The file that says so."""


@table(targets={"host", "root"})
def update_metadata(target: Target) -> Iterator[UpdateMetadata]:
    """Yield one row per package manager.

    For apt the date inside the signed release file of the security archive counts: file times follow the server, and
    the times of folders also change when an update failed. Security archives are signed anew within 7 days.

    Raises:
        Absent: there is no package manager that we know.
        Unsupported: a root holds no lists, as is usual for images.
        Partial: the configuration of apt is not fully known.
    """
    rows, faults = _rows(target)
    if not rows:
        raise Absent("no package manager that we know is here")
    if not target.live and not faults and not any(row.is_present for row in rows):
        raise Unsupported("no package lists are here, as is usual for images")
    yield from rows
    if faults:
        raise Partial("not all sources are known: " + "; ".join(faults[:5]))


def _rows(target: Target) -> tuple[list[UpdateMetadata], list[str]]:
    rows = []
    faults: list[str] = []
    archives = read_archives(target)
    if archives.files:
        faults = archives.faults
        row = _row(target, "apt", *_apt(target, archives))
        if faults and (row.age_days is None or not any(item.is_security == 1 for item in archives.archives)):
            row = UpdateMetadata("apt", None, None, None, None)  # what could not be read may be what decides
        rows.append(row)
    for manager, patterns in CACHES:
        if not any(target.exists(mark) for mark in MARKS[manager]):
            continue
        times = [(target.stat(path).mtime_s, path) for pattern in patterns for path in target.glob(pattern)]
        if rows and not times:
            continue  # installed beside the system's own package manager
        rows.append(_row(target, manager, *(max(times) if times else (None, None))))
    return rows, faults


def _row(target: Target, manager: str, refreshed_s: int | None, path: str | None) -> UpdateMetadata:
    return UpdateMetadata(
        manager=manager,
        is_present=int(path is not None),
        last_refreshed_s=refreshed_s,
        age_days=None if refreshed_s is None else max(0, target.now_s - refreshed_s) // 86400,
        path=path,
    )


def _apt(target: Target, archives: Archives) -> tuple[int | None, str | None]:
    """The oldest of the security archives decides. Where there is none, the newest proof of any archive.

    The main archive of a stable release is signed only every few months: its date says little about the last refresh.
    """
    used = [archive for archive in archives.archives if archive.source.enabled and archive.source.type == "deb"]
    security = [archive for archive in used if archive.is_security == 1]
    if security:
        dates = [_date(archive) for archive in security]
        return min(dates, key=lambda pair: (pair[1] is not None, pair[0] is not None, pair[0] or 0))
    fetched = [_date(archive) for archive in used if archive.release is not None]
    if not fetched:
        return None, None
    moving = archives.platform not in SEPARATE or any(archive.source.suite.endswith("-updates") for archive in used)
    found = [pair for pair in fetched if pair[0] is not None] if moving else []
    for path in APT_STAMPS:
        try:
            found.append((target.stat(path).mtime_s, path))
        except (FileNotFoundError, NotADirectoryError):
            continue
    return max(found, key=lambda pair: pair[0] or 0, default=(None, fetched[0][1]))


def _date(archive: Archive) -> tuple[int | None, str | None]:
    release = archive.release
    return (None, None) if release is None else (release.date_s, release.path)
