"""The sources of apt together with what their release files say: whose archive it is, and whether it brings fixes."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from secaudit.tableapi import Target
from secaudit.tables.host._apt_lists import Release, host_of, list_names, prefix_of, read_release
from secaudit.tables.host._apt_sources import Source, read_sources
from secaudit.tables.host._os_release import codenames, read_os_release

VENDOR_ORIGINS = {
    "debian": {"Debian", "Debian Backports", "Raspberry Pi Foundation"},
    "ubuntu": {"Ubuntu", "UbuntuESM", "UbuntuESMApps", "Canonical"},
    "raspbian": {"Raspbian", "Raspberry Pi Foundation"},
    "linuxmint": {"linuxmint", "Ubuntu", "Debian"},
    "kali": {"Kali"},
    "devuan": {"Devuan"},
    "pop": {"pop-os-release", "pop-os-apps", "Ubuntu"},
}
"""ID of os-release -> `Origin` of the archives that belong to the system."""

VENDOR_HOSTS = re.compile(
    r"(?:.*\.)?(?:debian\.org|ubuntu\.com|raspbian\.org|raspberrypi\.(?:org|com)|linuxmint\.com|kali\.org|devuan\.org)\Z"
)
VENDOR_PATHS = ("/debian", "/debian-security", "/ubuntu", "/ubuntu-ports", "/raspbian", "/kali", "/devuan")
VENDOR_KEYS = ("debian-archive-", "ubuntu-archive-", "linuxmint-", "raspbian-", "kali-archive-", "devuan-")
SEPARATE = ("debian", "ubuntu", "linuxmint", "devuan")
"""Systems whose security fixes come from an archive of their own."""

_SUITE_ENDING = re.compile(
    r"(?:-infra|-apps)?(?:-security|/updates|-updates|-proposed|-proposed-updates|-backports|-backports-sloppy)?\Z"
)
MOVING_SUITES = ("stable", "oldstable", "oldoldstable", "testing", "unstable")


class Archive(NamedTuple):
    """One source and its release file."""

    source: Source
    prefix: str
    release: Release | None
    """None when it was not fetched."""
    is_vendor: int | None
    """1 when the archive is of the makers of this system; None when that cannot be said without its release file."""
    is_security: int | None
    """1 when it brings the security fixes of this release; None when that cannot be said without its release file."""
    is_this_release: int | None
    """1 when its suite is one of the installed release; None when that cannot be said."""


class Archives(NamedTuple):
    """All sources; `faults` names the files whose content is not known."""

    archives: list[Archive]
    faults: list[str]
    files: int
    list_names: set[str]
    codenames: set[str]
    platform: str


def read_archives(target: Target, arch: str = "") -> Archives:
    """Read the sources and the heads of their release files.

    Raises:
        PermissionError: the sources or the folder of lists cannot be listed.
    """
    system = read_os_release(target)
    names = list_names(target)
    found = read_sources(target)
    faults = list(found.faults)
    known = codenames(system)
    platform = system.get("ID", "").lower()
    read: dict[str, Release | None] = {}
    archives = []
    for source in found.sources:
        prefix = prefix_of(source, arch)
        if prefix not in read:
            try:
                read[prefix] = read_release(target, names, prefix)
            except OSError as error:
                faults.append(f"the release file of {source.uri} {source.suite}: {error.strerror or error}")
                read[prefix] = None
        release = read[prefix]
        vendor = _is_vendor(source, release, platform)
        security = _is_security(source, release, known, vendor)
        archives.append(Archive(source, prefix, release, vendor, security, _is_this_release(source, release, known)))
    return Archives(archives, faults, found.files, names, known, platform)


def _is_vendor(source: Source, release: Release | None, platform: str) -> int | None:
    if release is not None and release.origin:
        origins = VENDOR_ORIGINS.get(platform)
        if origins is None:
            origins = set().union(*VENDOR_ORIGINS.values())
        return int(release.origin in origins)
    host, path = host_of(source.uri), _path_of(source.uri)
    if VENDOR_HOSTS.match(host):
        return int(not host.startswith("ppa.") and not host.endswith("launchpad.net"))
    key = source.options.get("signed-by", "").rsplit("/", 1)[-1]
    if key:
        return int(key.startswith(VENDOR_KEYS))
    if path not in VENDOR_PATHS and not source.uri.startswith(("cdrom:", "mirror+file:", "file:", "copy:")):
        return 0
    return None


def _is_this_release(source: Source, release: Release | None, known: set[str]) -> int | None:
    """By the codename of the release file or the suite, without endings such as `-updates`."""
    name = (release.codename if release is not None else "") or source.suite
    if not known or not name or name in MOVING_SUITES:
        return None
    return int(_SUITE_ENDING.sub("", name.lower()) in known)


def _path_of(uri: str) -> str:
    try:
        return urlsplit(uri).path.rstrip("/")
    except ValueError:
        return ""


def _is_security(source: Source, release: Release | None, known: set[str], vendor: int | None) -> int | None:
    suite = source.suite.lower()
    if suite.endswith("-security"):
        base = suite[: -len("-security")]
    elif suite.endswith("/updates"):  # Debian 10 and older
        base = suite[: -len("/updates")]
    else:
        return 0
    if source.type != "deb" or vendor == 0:
        return 0
    if base in MOVING_SUITES:
        if release is None or not release.codename:
            return None
        base = re.sub(r"(?:-security|/updates)\Z", "", release.codename.lower())
    base = re.sub(r"-(?:infra|apps)\Z", "", base)  # Ubuntu Pro
    return int(not known or base in known)
