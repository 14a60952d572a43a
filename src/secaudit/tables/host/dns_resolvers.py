"""dns_resolvers: which name servers this machine asks. As osquery's table of this name."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host import _sockets

FILES = (("/etc/resolv.conf", 0), ("/run/systemd/resolve/resolv.conf", 1))
"""The second is written by systemd-resolved and names the servers behind its stub 127.0.0.53."""

MAX_SERVERS = 100


class DnsResolver(NamedTuple):
    """One line of resolv.conf(5) that names servers or search domains; a line with several words gives several rows."""

    id: int
    """Order in its file, from 0."""
    type: str
    """nameserver, search or options."""
    address: str
    """The server, the domain, or the option."""
    address_scope: str
    """loopback, link-local, private, public, ...; '' unless this is a name server."""
    upstream: int
    """1 for servers behind systemd-resolved's own stub."""
    path: str
    line: int


@table(targets={"host", "root"})
def dns_resolvers(target: Target) -> Iterator[DnsResolver]:
    """Yield the name servers, search domains and options in order.

    Source: resolv.conf(5), systemd-resolved.service(8).

    Raises:
        Absent: there is no /etc/resolv.conf.
    """
    read = 0
    for path, upstream in FILES:
        try:
            text = target.read_text(path)
        except FileNotFoundError:
            continue
        read += 1
        number = 0
        for line_number, line in enumerate(text.splitlines(), 1):
            words = line.split()
            if len(words) < 2 or words[0] not in ("nameserver", "search", "domain", "options"):
                continue
            kind = "search" if words[0] == "domain" else words[0]
            for word in words[1:2] if kind == "nameserver" else words[1:MAX_SERVERS]:
                where = _sockets.scope(word) if kind == "nameserver" else ""
                yield DnsResolver(number, kind, word, where, upstream, path, line_number)
                number += 1
    if not read:
        raise Absent("there is no /etc/resolv.conf")
