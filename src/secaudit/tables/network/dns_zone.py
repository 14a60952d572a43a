"""dns_zone: how the domain is held: first server, times, number of name servers, whether every name is answered."""

from __future__ import annotations

import re
from typing import Iterable, Iterator, NamedTuple

from secaudit.protocols.names.asking import plain
from secaudit.tableapi import Net, Planned, Target, table
from secaudit.tables.network._domain import asker, flag, questions
from secaudit.tables.network.dns_nameservers import Servers, plan_servers, servers

NOBODY = "secaudit-no-such-name"
_SOA = re.compile(r"(\S+)\s+(\S+)\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})")


class Row(NamedTuple):
    """The domain."""

    domain: str
    is_there: int | None
    """0: the DNS says that there is no such name. NULL: no answer."""
    zone: str
    """The domain, or the name above it where the zone begins; empty when it was not found."""
    first_server: str
    contact: str
    serial: int | None
    refresh_s: int | None
    retry_s: int | None
    expire_s: int | None
    negative_ttl_s: int | None
    nameservers: int | None
    networks: int | None
    """Different networks (/24, /48) of the addresses of the name servers; NULL when an address is missing."""
    wildcard: int | None
    """1: a name that nobody made has an address, too."""


def _plan(net: Net) -> Iterable[Planned]:
    return [*questions(net, ["A"], NOBODY), *plan_servers(net)]


@table(targets={"domain"}, timeout_s=60, plan=_plan)
def dns_zone(target: Target) -> Iterator[Row]:
    """Yield one row.

    Source: SOA, NS, A and AAAA records.
    """
    net = target.net
    nobody = asker(target, 1)(f"{NOBODY}.{net.domain}", "A")
    found: Servers = target.shared("dns-nameservers", servers)
    zone = found.zone
    match = _SOA.match(zone.soa)
    serial, refresh, retry, expire, negative = map(int, match.groups()[2:]) if match else (None,) * 5
    count = networks = None
    if found.is_known:
        count = len(found.hosts)
        if all(host.addresses for host in found.hosts):
            networks = len({network for host in found.hosts for network in found.networks(host)})
    yield Row(
        net.domain,
        flag(zone.code != "NXDOMAIN" if zone.code in ("NOERROR", "NXDOMAIN") else None),
        zone.name,
        plain(match[1]) if match else "",
        plain(match[2]) if match else "",
        serial,
        refresh,
        retry,
        expire,
        negative,
        count,
        networks,
        flag(bool(nobody.records) if nobody.known else None),
    )
