"""time_servers: the servers that the time services ask. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._dropins import say_unread
from secaudit.tables.host._timeservers import read_sources
from secaudit.tables.host._timeservices import time_services


class TimeServer(NamedTuple):
    """One server of one service."""

    service: str
    kind: str
    """server, pool, peer, refclock, or fallback (asked when nothing else is known)."""
    address: str
    """`(built in)` for the fallback that systemd-timesyncd was built with."""
    nts: int
    """1 when it is asked with Network Time Security, RFC 8915."""
    path: str | None
    line: int | None


@table(targets={"host", "root"})
def time_servers(target: Target) -> Iterator[TimeServer]:
    """Yield one row per configured server of each installed time service.

    Source: timesyncd.conf(5), chrony.conf(5), ntp.conf(5), ntpd.conf(5).

    Raises:
        Absent: this is a container, which has the clock of its host.
        Partial: a configuration file could not be read.
    """
    unread: list[str] = []
    for found in time_services(target, with_state=False):
        for source in read_sources(target, found.service, unread):
            yield TimeServer(*source)
    say_unread(unread)
