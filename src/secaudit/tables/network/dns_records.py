"""dns_records: what the DNS says about the domain itself, record by record."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

from secaudit.tableapi import Net, Planned, Target, table
from secaudit.tables.network._domain import asker, cut, end, questions

TYPES = ("SOA", "NS", "A", "AAAA", "MX", "TXT", "CAA", "HTTPS")
MAX_ROWS_PER_TYPE = 50


class Row(NamedTuple):
    """One record."""

    name: str
    type: str
    value: str
    """As zone files write it; the strings of a TXT record are joined."""
    length: int
    ttl_s: int
    alias: str
    """The name that answered, when the domain is an alias."""
    is_authenticated: int
    """1: the resolver says that it checked the signatures."""


def _plan(net: Net) -> Iterable[Planned]:
    return questions(net, TYPES)


@table(targets={"domain"}, timeout_s=60, plan=_plan)
def dns_records(target: Target) -> Iterator[Row]:
    """Yield one row per record.

    Source: the resolver.

    Raises:
        Partial: an answer is missing.
    """
    ask = asker(target, len(TYPES))
    for kind in TYPES:
        reply = ask(target.net.domain, kind)
        alias = reply.names[-1] if reply.names else ""
        for value in reply.records[:MAX_ROWS_PER_TYPE]:
            yield Row(reply.name, kind, cut(value), len(value), reply.ttl_s, alias, int(reply.authenticated))
    end(ask)
