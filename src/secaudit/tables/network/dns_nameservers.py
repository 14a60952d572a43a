"""dns_nameservers: the servers that answer for the domain (NS records)."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

from secaudit.protocols.names.asking import Bounded, is_below, plain
from secaudit.protocols.names.hosts import MAX_HOSTS, Host, class_of, host, is_address, network_of
from secaudit.tableapi import Net, Partial, Planned, Target, table
from secaudit.tables.network._domain import asker, cut, flag, others, questions


class Row(NamedTuple):
    """One name server."""

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

    is_known: bool
    code: str
    hosts: tuple[Host, ...]
    more: int
    unknown: tuple[str, ...]

    @staticmethod
    def networks(one: Host) -> list[str]:
        """The networks of its addresses."""
        return sorted({network_of(text) for text in one.addresses or () if is_address(text)})


def plan_servers(net: Net) -> Iterable[Planned]:
    """Questions about name servers."""
    return [*questions(net, ["NS"]), others("A and AAAA of each name server", 2 * MAX_HOSTS)]


def servers(target: Target) -> Servers:
    """The name servers of the domain; of a name without a zone of its own none."""
    ask: Bounded = asker(target, 1 + 2 * MAX_HOSTS)
    reply = ask(target.net.domain, "NS")
    names = sorted({plain(text) for text in reply.records}) if reply.known else []
    hosts = tuple(host(name, ask) for name in names[:MAX_HOSTS])
    return Servers(reply.known, reply.code, hosts, max(0, len(names) - MAX_HOSTS), tuple(ask.unknown))


@table(targets={"domain"}, timeout_s=60, plan=plan_servers)
def dns_nameservers(target: Target) -> Iterator[Row]:
    """Yield one row per NS record.

    Source: NS, A and AAAA records.

    Raises:
        Partial: an answer is missing, or there are more servers than are looked at.
    """
    found: Servers = target.shared("dns-nameservers", servers)
    for one in found.hosts:
        addresses = one.addresses
        yield Row(
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
