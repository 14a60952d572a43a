"""Read dpkg's list of packages once for all tables that need it. Source: dpkg(1), deb-control(5)."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from secaudit.tableapi import Absent, Failed, Target

STATUS = "/var/lib/dpkg/status"
STATUS_D = "/var/lib/dpkg/status.d"
"""One file a package, without a Status field: images built without dpkg (distroless)."""
STATUS_LIMIT_BYTES = 64 * 1024 * 1024

MAX_ARCHITECTURES = 200
"""Debian knows about 100, most of which never had a package. Each of them costs a look at every source of apt."""

_FIELD = re.compile(r"\n(Package|Status|Version|Architecture|Source|Installed-Size|Section|Priority):[ \t]*([^\n]*)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]*")
_BROKEN = ("half-installed", "half-configured", "unpacked", "triggers-awaited")


class DebPackage(NamedTuple):
    """One stanza of the status file."""

    name: str
    version: str
    source: str
    """Name of the source package."""
    size_kib: int | None
    arch: str
    status: str
    """Three words: what is wanted, an error flag, the state."""
    section: str
    priority: str

    @property
    def is_installed(self) -> bool:
        """Wanted and completely there."""
        return self.status == "install ok installed" or (self.state == "installed" and " ok " in self.status)

    @property
    def is_held(self) -> bool:
        return self.status.startswith("hold ")

    @property
    def is_broken(self) -> bool:
        """Left behind by an installation that did not finish, or marked for re-installation."""
        return self.state in _BROKEN or " reinstreq " in self.status

    @property
    def state(self) -> str:
        return self.status.rsplit(" ", 1)[-1]

    @property
    def has_files(self) -> bool:
        """Files of some version of it are on the disk."""
        return self.state not in ("not-installed", "config-files", "")


def read_packages(target: Target) -> list[DebPackage]:
    """Every package that dpkg knows of, removed ones whose configuration stayed included.

    Raises:
        Absent: there is no dpkg database.
        Failed: it is damaged.
    """
    packages: list[DebPackage] = []
    found = False
    try:
        packages.extend(parse_status(target.read_text(STATUS, STATUS_LIMIT_BYTES)))
        found = True
    except FileNotFoundError:
        pass
    for path in target.glob(STATUS_D + "/*"):
        if not path.endswith(".md5sums"):
            packages.extend(parse_status(target.read_text(path), "install ok installed"))
            found = True
    if not found:
        raise Absent("there is no dpkg here")
    for package in packages:
        if not _NAME.fullmatch(package.name):  # dpkg refuses such a database as well
            raise Failed(f"the database of dpkg is damaged: {package.name[:40]} is no name of a package")
    return packages


@functools.lru_cache(maxsize=1)  # four tables ask for the same: 40 ms less
def parse_status(text: str, default_status: str = "") -> tuple[DebPackage, ...]:
    """Parse stanzas parted by empty lines; one without a name is skipped."""
    packages: list[DebPackage] = []
    for stanza in text.split("\n\n"):
        fields = dict(_FIELD.findall("\n" + stanza))
        name = fields.get("Package")
        if not name:
            continue
        size = fields.get("Installed-Size", "")
        package = DebPackage(
            name=name,
            version=fields.get("Version", ""),
            source=fields.get("Source", "").partition(" ")[0] or name,
            size_kib=int(size) if size.isascii() and size.isdigit() and len(size) < 16 else None,
            arch=fields.get("Architecture", ""),
            status=fields.get("Status", default_status),
            section=fields.get("Section", ""),
            priority=fields.get("Priority", ""),
        )
        packages.append(package)
    return tuple(packages)


def architectures(target: Target, packages: list[DebPackage]) -> list[str]:
    """The native architecture first, then the foreign ones, as `dpkg --print-(foreign-)architecture(s)` does.

    Raises:
        Failed: the list of them is damaged.
    """
    native = next((p.arch for p in packages if p.name == "dpkg" and p.has_files and p.arch != "all"), "")
    if not native:
        native = next((p.arch for p in packages if p.arch not in ("", "all")), "")
    try:
        listed = target.read_text("/var/lib/dpkg/arch").split()
    except FileNotFoundError:
        listed = []
    if len(listed) > MAX_ARCHITECTURES:
        raise Failed("/var/lib/dpkg/arch names more architectures than there are")
    return [arch for arch in dict.fromkeys([native, *listed]) if arch]
