"""mail_domain: whether the domain takes mail at all."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

from secaudit.protocols.names.hosts import exchangers
from secaudit.tableapi import Net, Planned, Target, table
from secaudit.tables.network._domain import asker, flag, questions


class Row(NamedTuple):
    """The domain."""

    domain: str
    servers: int | None
    """MX records that name a server. NULL: the DNS did not answer."""
    is_null: int | None
    """1: a null MX is among the records (RFC 7505)."""
    is_implicit: int | None
    """1: there is no MX, so mail goes to the address of the domain itself."""
    takes_mail: int | None


def _plan(net: Net) -> Iterable[Planned]:
    return questions(net, ["MX", "A", "AAAA"])


@table(targets={"domain"}, timeout_s=30, plan=_plan)
def mail_domain(target: Target) -> Iterator[Row]:
    """Yield one row.

    Source: MX, A and AAAA records; RFC 5321, section 5.1; RFC 7505.
    """
    ask = asker(target, 3)
    domain = target.net.domain
    found = exchangers(domain, ask)
    if found.code not in ("NOERROR", "NXDOMAIN"):
        yield Row(domain, None, None, None, None)
        return
    servers = sum(bool(item.host) for item in found.hosts) + found.more
    is_null = any(not item.host and not item.error for item in found.hosts)
    implicit: bool | None = False
    if not found.hosts:
        replies = [ask(domain, "A"), ask(domain, "AAAA")]
        implicit = any(reply.records for reply in replies) or (None if any(not r.known for r in replies) else False)
    takes = True if servers else implicit
    yield Row(domain, servers, int(is_null), flag(implicit), flag(takes))
