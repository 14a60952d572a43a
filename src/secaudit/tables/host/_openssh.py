"""Which OpenSSH is installed: the version that its own programs carry, else what the package manager says."""

from __future__ import annotations

import re
from typing import NamedTuple

from secaudit.tableapi import Target

PROGRAM_LIMIT_BYTES = 16 * 1024 * 1024
# The end of a whole C string; the patterns of old peers such as `OpenSSH_6.6.1*` are not. It begins with plain text,
# which `re` looks for much faster than for a look-behind: a quarter second less for the three tables that ask.
_BANNER = re.compile(rb"OpenSSH_((\d{1,3})\.(\d{1,3})(?:\.\d{1,3})?(?:p\d{1,3})?(?: [ -~]{1,80})?)\0")
_PRINTABLE = range(0x20, 0x7F)
_DPKG = re.compile(r"^Version: (?:\d+:)?((\d{1,3})\.(\d{1,3})\S*)$", re.MULTILINE)


class Version(NamedTuple):
    """The version of an installed OpenSSH program."""

    major: int
    minor: int
    text: str
    """As the program says it, such as `9.2p1 Debian-2+deb12u10`."""
    source: str
    """The file that told."""

    @property
    def number(self) -> tuple[int, int]:
        return self.major, self.minor

    @property
    def is_debian_family(self) -> bool:
        """Built by Debian or Ubuntu, whose patches and build options the facts of `_sshd_defaults` were measured on."""
        return "Debian" in self.text or "Ubuntu" in self.text


def find_server(target: Target) -> str | None:
    """The path of sshd, or None when no OpenSSH server is installed."""
    return target.find_program("sshd")


def version_of(target: Target, program: str, package: str) -> Version | None:
    """Read the version out of the program, or None when nothing tells it.

    Args:
        target: where to look.
        program: absolute path.
        package: the Debian package to ask when the program itself cannot be read.
    """
    try:
        found = _from_program(target, program)
    except OSError:
        found = None
    return found or _from_dpkg(target, package)


def _from_program(target: Target, program: str) -> Version | None:
    # The plain version and the one with the distribution's suffix both stand in the program: the longer one says more.
    data = target.read_bytes(program, PROGRAM_LIMIT_BYTES)
    found = _BANNER.finditer(data)
    whole = [match for match in found if not match.start() or data[match.start() - 1] not in _PRINTABLE]
    if not whole:
        return None
    best = max(whole, key=lambda match: len(match.group(1)))
    return Version(int(best.group(2)), int(best.group(3)), best.group(1).decode("ascii"), program)


def _from_dpkg(target: Target, package: str) -> Version | None:
    path = "/var/lib/dpkg/status"
    try:
        status = target.read_text(path)
    except OSError:
        return None
    start = status.find(f"\nPackage: {package}\n")
    if start < 0 and not status.startswith(f"Package: {package}\n"):
        return None
    paragraph = status[max(start, 0) :].lstrip("\n").split("\n\n", 1)[0]
    match = _DPKG.search(paragraph)
    if match is None or "\nStatus: install ok installed" not in paragraph:
        return None
    return Version(int(match.group(2)), int(match.group(3)), f"{match.group(1)} Debian", path)
