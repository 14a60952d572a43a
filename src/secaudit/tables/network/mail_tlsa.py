"""mail_tlsa: certificates that the domain names for its mail servers (DANE, RFC 7672)."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

from secaudit.protocols.names.transport import tlsa
from secaudit.tableapi import Net, Planned, Target, table
from secaudit.tables.network._domain import asker, cut, end, mail_exchangers, others, questions


class Row(NamedTuple):
    """One TLSA record of one mail server."""

    host: str
    record: str
    usage: int
    selector: int
    matching: int
    is_valid: int
    error: str
    is_authenticated: int
    """1: the resolver says that it checked the signatures; without that the record counts for nothing."""


def _plan(net: Net) -> Iterable[Planned]:
    return [*questions(net, ["MX", "A", "AAAA"]), others("TLSA _25._tcp of each mail server", 12)]


@table(targets={"domain"}, timeout_s=60, plan=_plan)
def mail_tlsa(target: Target) -> Iterator[Row]:
    """Yield one row per TLSA record.

    Source: TLSA records below _25._tcp of the mail servers; RFC 7672.

    Raises:
        Partial: an answer is missing.
    """
    servers = target.shared("mail-exchangers", mail_exchangers)
    ask = asker(target, 12)
    for _, host in servers:
        reply = ask(f"_25._tcp.{host}", "TLSA")
        for text in reply.records[:20]:
            found = tlsa(text)
            yield Row(
                host,
                cut(text),
                found.usage,
                found.selector,
                found.matching,
                int(not found.error),
                found.error,
                int(reply.authenticated),
            )
    end(ask)
