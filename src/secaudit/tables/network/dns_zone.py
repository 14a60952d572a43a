"""dns_zone: how the domain is held: first server, times, number of name servers, whether every name is answered."""

from __future__ import annotations

import re
from typing import Iterable, Iterator, NamedTuple

from secaudit.protocols.names.asking import plain
from secaudit.tableapi import Net, Planned, Target, table
from secaudit.tables.network._domain import asker, flag, questions
from secaudit.tables.network.dns_nameservers import plan_servers, servers

NOBODY = "secaudit-no-such-name"
_SOA = re.compile(r"(\S+)\s+(\S+)\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})")


class Row(NamedTuple):
    """The domain."""

    domain: str
    is_there: int | None
    """0: the DNS says that there is no such name. NULL: no answer."""
    is_zone: int | None
    """1: it has a SOA record of its own; 0: it lies within the zone of a name above."""
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
    return [*questions(net, ["SOA"]), *questions(net, ["A"], NOBODY), *plan_servers(net)]


@table(targets={"domain"}, timeout_s=60, plan=_plan)
def dns_zone(target: Target) -> Iterator[Row]:
    """Yield one row.

    Source: SOA, NS, A and AAAA records.
    """
    net = target.net
    ask = asker(target, 2)
    soa, nobody = ask(net.domain, "SOA"), ask(f"{NOBODY}.{net.domain}", "A")
    match = _SOA.match(soa.records[0]) if soa.known and soa.records else None
    serial, refresh, retry, expire, negative = map(int, match.groups()[2:]) if match else (None,) * 5
    found = target.shared("dns-nameservers", servers)
    count = networks = None
    if found.is_known:
        count = len(found.hosts)
        if all(host.addresses for host in found.hosts):
            networks = len({network for host in found.hosts for network in found.networks(host)})
    yield Row(
        net.domain,
        flag(soa.code != "NXDOMAIN" if soa.known else None),
        flag(bool(soa.records) if soa.known else None),
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
