"""timers: what systemd starts by the clock. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Target, table
from secaudit.tables.host import _unitfile
from secaudit.tables.host._systemd import Units

STAMPS = "/var/lib/systemd/timers"
TRUE_WORDS = ("1", "yes", "y", "true", "t", "on")
SINCE = ("OnActiveSec", "OnBootSec", "OnStartupSec", "OnUnitActiveSec", "OnUnitInactiveSec")


class Timer(NamedTuple):
    """One timer unit."""

    name: str
    unit: str
    """What it starts."""
    on_calendar: str
    """Its calendar expressions, separated by `; `; '' when there is none."""
    on_since: str
    """Its times since an event, as `OnBootSec=15min`, separated by `; `."""
    enabled_state: str
    at_boot: int
    """1 when it is armed at every boot."""
    persistent: int
    """1 when a run that was missed is made up for."""
    last_run_s: int | None
    """When it last ran, seconds since 1970 UTC; only persistent timers leave a stamp, NULL without one."""
    path: str


@table(targets={"host", "root"})
def timers(target: Target) -> Iterator[Timer]:
    """Yield one row per timer; aliases are left out.

    Source: systemd.timer(5).

    Raises:
        Absent: systemd is not installed.
        Partial: unit files could not be read.
    """
    units = Units(target)
    if not units.names:
        raise Absent("systemd is not installed")
    for name in (*units.names, *units.instances()):
        unit = units.find(name)
        if not name.endswith(".timer") or units.is_alias(name) or unit is None:
            continue
        settings = units.settings(name)
        times: list[tuple[str, str]] = []
        for one in settings:  # an empty assignment of any of them clears all, systemd.timer(5)
            if one.section == "Timer" and (one.key == "OnCalendar" or one.key in SINCE):
                times = [*times, (one.key, one.value)] if one.value else []
        persistent = _unitfile.last(settings, "Timer", "Persistent")
        yield Timer(
            name=name,
            unit=units.triggers(name),
            on_calendar="; ".join(value for key, value in times if key == "OnCalendar"),
            on_since="; ".join(f"{key}={value}" for key, value in times if key != "OnCalendar"),
            enabled_state=units.state(name),
            at_boot=int(units.at_boot(name)),
            persistent=int(persistent is not None and persistent.value.lower() in TRUE_WORDS),
            last_run_s=_stamp(target, name),
            path=unit.path,
        )
    if units.unread:
        shown = ", ".join(units.unread[:5])
        raise Partial(
            f"{len(units.unread)} unit files or folders could not be read: {shown}", None if target.is_root else "root"
        )


def _stamp(target: Target, name: str) -> int | None:
    try:
        return target.stat(f"{STAMPS}/stamp-{name}").mtime_s
    except OSError:
        return None
