"""login_banners: what is shown before and after a log-in. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Partial, TableProblem, Target, table
from secaudit.tables.host._sshd import read_server

PATHS = ("/etc/issue", "/etc/issue.net", "/etc/motd")
LIMIT_BYTES = 65_536
_ESCAPE = re.compile(r"\\[mrsvnoO](?![a-z])|\\S(?:\{|\s|$)")
"""agetty(8): architecture, kernel release, system, version, host name, domain; \\S is the name from os-release."""


class LoginBanner(NamedTuple):
    """One file."""

    path: str
    when: str
    """`before` or `after` the log-in."""
    words: int
    """0: nothing is shown."""
    tells_system: int
    """1: it names the system, its version or its kernel."""
    line: int | None
    """The first line that does; NULL when none does."""


@table(targets={"host", "root"})
def login_banners(target: Target) -> Iterator[LoginBanner]:
    """Yield one row per existing banner file, and for each that sshd is told to show. The text itself is not kept.

    Source: issue(5), motd(5), agetty(8), sshd_config(5) (Banner).

    Raises:
        Partial: a file could not be read.
    """
    names = re.compile("|".join(re.escape(name) for name in _names(target)), re.IGNORECASE)
    unread: list[str] = []
    of_ssh = _of_ssh(target)
    for path in dict.fromkeys((*PATHS, *of_ssh)):
        try:
            text = target.read_text(path, LIMIT_BYTES)
        except FileNotFoundError:
            if path not in of_ssh:
                continue
            text = ""
        except OSError:
            unread.append(path)
            continue
        telling = [
            number for number, line in enumerate(text.splitlines(), 1) if _ESCAPE.search(line) or names.search(line)
        ]
        yield LoginBanner(
            path=path,
            when="after" if path == "/etc/motd" else "before",
            words=len(text.split()),
            tells_system=int(bool(telling)),
            line=telling[0] if telling else None,
        )
    if unread:
        raise Partial(f"could not be read: {', '.join(unread)}", None if target.is_root else "root")


def _of_ssh(target: Target) -> list[str]:
    """The files that sshd shows; one that is not there is shown as nothing."""
    try:
        values = read_server(target).values("banner")
    except (TableProblem, OSError):
        return []
    return [value for value in values if value.startswith("/")]


def _names(target: Target) -> list[str]:
    """Names by which systems are known, and this system's own."""
    found = ["GNU/Linux", "Debian", "Ubuntu", "Fedora", "Red Hat", "CentOS", "AlmaLinux", "Rocky Linux", "Arch Linux"]
    found += ["Alpine", "openSUSE", "Linux Mint", "Kali", "kernel"]
    try:
        text = target.read_text("/etc/os-release", LIMIT_BYTES)
    except OSError:
        return found
    for line in text.splitlines():
        key, _, value = line.partition("=")
        value = value.strip("\"' ")
        if key in ("NAME", "PRETTY_NAME") and len(value) > 3:
            found.append(value)
    return found
