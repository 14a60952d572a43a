"""time_sync: programs that keep the clock right. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import TableProblem, Target, table
from secaudit.tables.host._dropins import say_unread
from secaudit.tables.host._timeservers import read_sources
from secaudit.tables.host._timeservices import time_services


class TimeSync(NamedTuple):
    """One time service that is installed."""

    service: str
    """systemd-timesyncd, chrony, ntpsec, openntpd or ntp."""
    unit: str
    at_boot: int
    """1 when it is started at every boot."""
    active: int | None
    """1 when it runs; NULL in a mounted file system."""
    in_use: int | None
    """1 when it runs; in a mounted file system when it starts at boot."""
    servers: str
    """Configured servers, pools and clocks, separated by spaces; fallbacks are left out."""
    server_count: int
    has_fallback: int
    """1 when the program has a fallback pool for the case that nothing is configured."""
    nts: int
    """1 when all configured servers are asked with Network Time Security."""
    synchronised: int | None
    """1 when the kernel's clock is in step; NULL when it cannot be known."""


@table(targets={"host", "root"})
def time_sync(target: Target) -> Iterator[TimeSync]:
    """Yield one row per installed time service; none when nothing sets the clock.

    Source: timesyncd.conf(5), chrony.conf(5), ntp.conf(5), ntpd.conf(5), timedatectl(1).

    Raises:
        Absent: this is a container, which has the clock of its host.
        Partial: a configuration file could not be read.
    """
    unread: list[str] = []
    for found in time_services(target, with_state=True):
        sources = read_sources(target, found.service, unread)
        named = [source for source in sources if source.kind != "fallback"]
        yield TimeSync(
            service=found.service,
            unit=found.unit,
            at_boot=found.at_boot,
            active=found.active,
            in_use=found.active if target.live else found.at_boot,
            servers=" ".join(source.address for source in named)[:2000],
            server_count=len(named),
            has_fallback=int(len(named) < len(sources)),
            nts=int(bool(named) and all(source.nts for source in named)),
            synchronised=_synchronised(target) if found.active else None,
        )
    say_unread(unread)


def _synchronised(target: Target) -> int | None:
    """Ask systemd, which asks adjtimex(2); there is no file that tells."""
    try:
        if not target.exists("/run/systemd/system"):
            return None
        done = target.run(["timedatectl", "show", "--property=NTPSynchronized", "--value"])
    except (OSError, TableProblem):
        return None
    return {"yes": 1, "no": 0}.get(done.stdout.strip()) if done.exit_code == 0 else None
