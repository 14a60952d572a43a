"""dns_nameservers: the servers that answer for the domain (NS records)."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

from secaudit.protocols.addresses import is_address
from secaudit.protocols.names.asking import Bounded, is_below, parents, plain
from secaudit.protocols.names.hosts import MAX_HOSTS, Apex, Host, apex, class_of, host, network_of
from secaudit.tableapi import Net, Partial, Planned, Target, table
from secaudit.tables.network._domain import PORT, asker, cut, flag, others


class Row(NamedTuple):
    """One name server."""

    zone: str
    """The domain, or the name above it where the zone begins."""
    host: str
    is_there: int | None
    """0: the DNS says that there is no such name. NULL: no answer."""
    addresses: str | None
    networks: str | None
    is_public: int | None
    is_own: int
    """1: its name lies within the domain."""
    alias: str
    """The name that it is an alias of, which RFC 2181 does not allow for name servers."""


class Servers(NamedTuple):
    """All name servers, looked up once for several tables."""

    zone: Apex
    is_known: bool
    """The answer about the NS records came."""
    hosts: tuple[Host, ...]
    more: int
    unknown: tuple[str, ...]

    @staticmethod
    def networks(one: Host) -> list[str]:
        """The networks of its addresses."""
        return sorted({network_of(text) for text in one.addresses or () if is_address(text)})


def plan_servers(net: Net) -> Iterable[Planned]:
    """Questions about name servers."""
    climbing = [
        Planned("dns", "", PORT, f"{kind} {name}", 1, "passive") for name in climb(net) for kind in ("SOA", "NS")
    ]
    return [*climbing, others("A and AAAA of each name server", 2 * MAX_HOSTS)]


def climb(net: Net) -> list[str]:
    """The names at which the zone may begin."""
    return [name for number, name in enumerate(parents(net.domain)) if number == 0 or "." in name][:8]


def servers(target: Target) -> Servers:
    """The name servers of the zone that the domain lies in."""
    ask: Bounded = asker(target, 9 + 2 * MAX_HOSTS)
    zone = apex(target.net.domain, ask)
    reply = ask(zone.name, "NS") if zone.name else None
    names = sorted({plain(text) for text in reply.records}) if reply is not None else []
    hosts = tuple(host(name, ask) for name in names[:MAX_HOSTS])
    return Servers(zone, reply is not None and reply.known, hosts, max(0, len(names) - MAX_HOSTS), tuple(ask.unknown))


@table(targets={"domain"}, timeout_s=60, plan=plan_servers)
def dns_nameservers(target: Target) -> Iterator[Row]:
    """Yield one row per NS record of the zone that the domain lies in.

    Source: NS, A and AAAA records.

    Raises:
        Partial: an answer is missing, or there are more servers than are looked at.
    """
    found: Servers = target.shared("dns-nameservers", servers)
    for one in found.hosts:
        addresses = one.addresses
        yield Row(
            found.zone.name,
            one.name,
            flag(one.exists),
            None if addresses is None else cut(" ".join(addresses)),
            None if addresses is None else cut(" ".join(found.networks(one))),
            None if addresses is None else int(any(class_of(text) == "public" for text in addresses)),
            int(is_below(one.name, target.net.domain)),
            one.alias,
        )
    if found.unknown:
        raise Partial(f"the DNS did not answer: {', '.join(found.unknown[:3])}")
    if found.more:
        raise Partial(f"{found.more} name servers more than are looked at")
