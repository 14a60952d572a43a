"""Services of OpenRC runlevels and of SysV rc folders."""

from __future__ import annotations

import re
from typing import NamedTuple

from secaudit.tableapi import Target

_START_LINK = re.compile(r"S[0-9]{2}(.+)")
_NOT_SERVICES = ("README", "skeleton", "rc", "rcS", "functions", "functions.sh")

BOOT_LEVELS = ("sysinit", "boot", "default")
"""Runlevels of OpenRC that a start goes through, rc(8); shutdown and single are others."""


class Script(NamedTuple):
    """One service that a script starts."""

    name: str
    """With the ending .service."""
    manager: str
    runlevels: tuple[str, ...]
    """Where it is started; empty when nowhere."""
    active_state: str | None
    path: str


def read(target: Target, systemd: bool) -> dict[str, Script]:
    """Give the services by name; empty where there are none.

    Args:
        target: where to look.
        systemd: systemd is installed, so it is not OpenRC that reads /etc/init.d.
    """
    names = [name for name in _names(target, "/etc/init.d") if name not in _NOT_SERVICES and "." not in _plain(name)]
    levels = [] if systemd else _names(target, "/etc/runlevels")
    return _openrc(target, names, levels) if levels else _sysv(target, names)


def _names(target: Target, folder: str) -> list[str]:
    try:
        return target.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _openrc(target: Target, names: list[str], levels: list[str]) -> dict[str, Script]:
    where: dict[str, list[str]] = {}
    waiting = [level for level in BOOT_LEVELS if level in levels]
    for level in waiting:
        for name in _names(target, f"/etc/runlevels/{level}"):
            if name in levels and name not in waiting:
                waiting.append(name)  # a runlevel stacked on this one
                continue
            if name not in names:
                continue  # a link whose script is gone
            where.setdefault(name, []).append(level)
    started = set(_names(target, "/run/openrc/started")) if target.live else set()
    known = target.live and bool(started)
    return {
        f"{name}.service": Script(
            f"{name}.service",
            "openrc",
            tuple(where.get(name, ())),
            ("active" if name in started else "inactive") if known else None,
            f"/etc/init.d/{name}",
        )
        for name in sorted({*names, *where})
    }


def _sysv(target: Target, names: list[str]) -> dict[str, Script]:
    """Runlevels S and 2 to 5 are those of a running system, as systemd-sysv-generator(8) takes them."""
    where: dict[str, list[str]] = {}
    for level in ("S", "2", "3", "4", "5"):
        for folder in (f"/etc/rc{level}.d", f"/etc/rc.d/rc{level}.d"):
            for entry in _names(target, folder):
                match = _START_LINK.fullmatch(entry)
                if match:
                    where.setdefault(_plain(match.group(1)), []).append(level)
    files = {_plain(name): name for name in names}
    return {
        f"{name}.service": Script(
            f"{name}.service",
            "sysv",
            tuple(dict.fromkeys(where.get(name, ()))),
            None,
            f"/etc/init.d/{files.get(name, name)}",
        )
        for name in sorted({*files, *(name for name in where if name not in _NOT_SERVICES)})
    }


def _plain(name: str) -> str:
    """Debian's hwclock.sh is known as hwclock."""
    return name[:-3] if name.endswith(".sh") else name
