"""single_user: whether the rescue shells of systemd ask for a password. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host._dropins import say_unread
from secaudit.tables.host._systemd import Units

UNITS = ("rescue.service", "emergency.service")
FORCE = "SYSTEMD_SULOGIN_FORCE=1"
"""systemd's docs/ENVIRONMENT.md: a root shell without password when the root account is locked."""


class SingleUser(NamedTuple):
    """One way into a machine that did not start fully."""

    unit: str
    command: str
    """What it runs, the last ExecStart= that counts; empty when the unit is masked."""
    asks_password: int
    """1 when it runs sulogin(8), which asks for root's password and gives no shell when root is locked."""
    path: str | None
    line: int | None


@table(targets={"host", "root"})
def single_user(target: Target) -> Iterator[SingleUser]:
    """Yield one row for rescue mode and one for emergency mode.

    Source: systemd.special(7), sulogin(8).

    Raises:
        Absent: systemd is not installed.
        Partial: a unit file could not be read.
    """
    units = Units(target)
    if not units.search_path or all(units.find(name) is None for name in UNITS):
        raise Absent("systemd is not installed")
    for name in UNITS:
        found = units.find(name)
        if found is None:
            continue
        command, path, line, forced = "", None if found.masked else found.path, None, False
        for setting in units.settings(name):
            if setting.section == "Service" and setting.key == "ExecStart":
                command, path, line = setting.value.lstrip("-@:+!"), setting.path, setting.line
            elif setting.section == "Service" and setting.key == "Environment" and FORCE in setting.value:
                forced = True
        yield SingleUser(
            unit=name,
            command=command,
            asks_password=int(found.masked or ("sulogin" in command and not forced)),
            path=path,
            line=line,
        )
    say_unread(units.unread)
