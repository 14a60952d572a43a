"""etc_hosts: names with an address of their own on this machine. As osquery's table, but one row for each name."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host import _sockets


class HostsEntry(NamedTuple):
    """One name of one line."""

    address: str
    hostname: str
    """Lower case, without a final dot."""
    address_scope: str
    """loopback, any (0.0.0.0, used to block a name), link-local, private, multicast, public, or unknown."""
    path: str
    line: int


@table(targets={"host", "root"})
def etc_hosts(target: Target) -> Iterator[HostsEntry]:
    """Yield one row per name.

    Source: hosts(5).

    Raises:
        Absent: there is no /etc/hosts.
    """
    path = "/etc/hosts"
    try:
        text = target.read_text(path)
    except FileNotFoundError:
        raise Absent("there is no /etc/hosts") from None
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        for name in words[1:]:
            yield HostsEntry(words[0], name.lower().rstrip("."), _sockets.scope(words[0]), path, number)
