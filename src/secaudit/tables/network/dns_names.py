"""dns_names: names of the domain that point elsewhere, and whether what they point to exists.

A name that points to nothing can be taken over: whoever registers the target answers in the name of the domain.
"""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

from secaudit.protocols.addresses import is_address
from secaudit.protocols.names.asking import is_below, plain
from secaudit.protocols.names.hosts import (
    COMMON_NAMES,
    MAX_HOSTS,
    Host,
    class_of,
    exchangers,
    host,
    service_of,
)
from secaudit.tableapi import Net, Planned, Target, table
from secaudit.tables.network._domain import asker, cut, end, flag, others, questions
from secaudit.tables.network.dns_nameservers import Servers, plan_servers, servers
from secaudit.tables.network.dns_zone import NOBODY

MOST = 2 * (len(COMMON_NAMES) + 1) + 2 + 2 * MAX_HOSTS


class Row(NamedTuple):
    """One pointer."""

    name: str
    kind: str
    """CNAME, MX, NS, or A for a name with addresses of its own."""
    target: str
    """The last name of a chain of aliases."""
    is_there: int | None
    """0: the DNS says that the target does not exist. NULL: no answer."""
    has_address: int | None
    is_outside: int
    """The target does not belong to the domain."""
    service: str
    """The service where anybody could claim such a target; empty when we know none."""
    addresses: str
    internal: int | None
    """1: an address is private, of this machine, or of no use outside. NULL: not known."""
    is_wildcard: int
    """1: the answer is the one for every name."""


def _plan(net: Net) -> Iterable[Planned]:
    own = [planned for below in ("", NOBODY, *COMMON_NAMES) for planned in questions(net, ["A", "AAAA"], below)]
    mail = [*questions(net, ["MX"]), others("A and AAAA of each mail server", 2 * MAX_HOSTS)]
    return [*own, *mail, *plan_servers(net)]


@table(targets={"domain"}, timeout_s=120, plan=_plan)
def dns_names(target: Target) -> Iterator[Row]:
    """Yield one row per name that is there: the domain, common names below it, mail servers and name servers.

    Source: A, AAAA, CNAME, MX and NS records.

    Raises:
        Partial: an answer is missing.
    """
    domain = target.net.domain
    ask = asker(target, MOST)
    nobody = host(f"{NOBODY}.{domain}", ask)
    for name in (domain, *(f"{below}.{domain}" for below in COMMON_NAMES)):
        seen = host(name, ask)
        if seen.exists is False and not seen.aliases:
            continue
        same = nobody.exists is True and seen.addresses == nobody.addresses and seen.alias == nobody.alias
        if seen.addresses or seen.aliases or seen.unknown:
            yield _row(
                name, "CNAME" if seen.aliases else "A", seen.alias or name, seen, domain, same and name != domain
            )
    for item in exchangers(domain, ask).hosts:
        if item.host and not item.error:
            yield _row(domain, "MX", item.host, host(item.host, ask), domain)
    found: Servers = target.shared("dns-nameservers", servers)
    for one in found.hosts:
        yield _row(domain, "NS", one.name, one, domain)
    ask.unknown.extend(found.unknown)
    end(ask)


def _row(name: str, kind: str, target: str, seen: Host, domain: str, wildcard: bool = False) -> Row:
    addresses = [text for text in seen.addresses or () if is_address(text)]
    service = next((found for found in map(service_of, (*seen.aliases, target)) if found), "")
    return Row(
        plain(name),
        kind,
        plain(target),
        flag(seen.exists),
        None if seen.addresses is None else int(bool(addresses)),
        int(not is_below(target, domain)),
        service,
        cut(" ".join(addresses)),
        None if seen.addresses is None else int(any(class_of(text) != "public" for text in addresses)),
        int(wildcard),
    )
