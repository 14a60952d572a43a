"""mail_tls_rpt: where other servers report that mail to the domain could not be encrypted (TLS-RPT, RFC 8460)."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

from secaudit.protocols.names.asking import texts
from secaudit.protocols.names.transport import announcement
from secaudit.tableapi import Net, Planned, Target, table
from secaudit.tables.network._domain import asker, cut, questions


class Row(NamedTuple):
    """The record below _smtp._tls."""

    domain: str
    records: int | None
    """Exactly one counts. NULL: the DNS did not answer."""
    record: str | None
    is_valid: int | None
    error: str
    rua: str


def _plan(net: Net) -> Iterable[Planned]:
    return questions(net, ["TXT"], "_smtp._tls")


@table(targets={"domain"}, timeout_s=30, plan=_plan)
def mail_tls_rpt(target: Target) -> Iterator[Row]:
    """Yield one row.

    Source: the TXT record below _smtp._tls; RFC 8460.
    """
    domain = target.net.domain
    reply = asker(target, 1)(f"_smtp._tls.{domain}", "TXT")
    if not reply.known:
        yield Row(domain, None, None, None, reply.code, "")
        return
    found = announcement(texts(reply, "v=TLSRPTv1"), "TLSRPTv1")
    text = cut(found.text) if found.number else None
    yield Row(domain, found.number, text, int(not found.error), found.error, cut(found.values.get("rua", "")))
