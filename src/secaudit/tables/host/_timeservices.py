"""The programs that set the clock from the network."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target
from secaudit.tables.host._unitstate import ServiceStates

FIRST_NAMESPACE = "pid:[4026531836]"
"""PROC_PID_INIT_INO of include/linux/proc_ns.h. A file /.dockerenv is no proof: such images also start as machines."""


class TimeService(NamedTuple):
    """One program that is installed."""

    service: str
    unit: str
    at_boot: int
    active: int | None


PROGRAMS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("systemd-timesyncd", ("systemd-timesyncd.service",), "systemd-timesyncd"),
    ("chrony", ("chrony.service", "chronyd.service"), "chronyd"),
    ("ntpsec", ("ntpsec.service",), "ntpd"),
    ("openntpd", ("openntpd.service",), "ntpd"),
    ("ntp", ("ntp.service", "ntpd.service"), "ntpd"),
)
"""Name, names of its service, name of its process."""


def time_services(target: Target, with_state: bool) -> Iterator[TimeService]:
    """Every installed time service; `active` is only looked for on demand.

    Raises:
        Absent: a container has the clock of its host.
    """
    if target.live and _in_container(target):
        raise Absent("a container has the clock of its host")
    states = ServiceStates(target)
    for service, units, process in PROGRAMS:
        unit = states.installed(units)
        if unit is None:
            continue
        name = "openntpd" if unit == "ntpd.service" and _is_openntpd(target) else service
        yield TimeService(name, unit, int(states.at_boot(unit)), states.active(unit, process) if with_state else None)


def _in_container(target: Target) -> bool:
    try:
        return target.readlink("/proc/self/ns/pid") != FIRST_NAMESPACE
    except OSError:
        return False


def _is_openntpd(target: Target) -> bool:
    """OpenNTPD and the classic ntpd share the unit's name outside Debian."""
    return target.exists("/etc/ntpd.conf") and not target.exists("/etc/ntp.conf")
