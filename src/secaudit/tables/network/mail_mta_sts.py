"""mail_mta_sts: whether the domain announces a policy that mail to it must be encrypted (MTA-STS, RFC 8461)."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

from secaudit.protocols.names.asking import texts
from secaudit.protocols.names.transport import announcement
from secaudit.tableapi import Net, Planned, Target, table
from secaudit.tables.network._domain import asker, cut, questions


class Row(NamedTuple):
    """The record below _mta-sts."""

    domain: str
    records: int | None
    """Exactly one counts. NULL: the DNS did not answer."""
    record: str | None
    is_valid: int | None
    error: str
    policy_id: str


def _plan(net: Net) -> Iterable[Planned]:
    return questions(net, ["TXT"], "_mta-sts")


@table(targets={"domain"}, timeout_s=30, plan=_plan)
def mail_mta_sts(target: Target) -> Iterator[Row]:
    """Yield one row.

    Source: the TXT record below _mta-sts; RFC 8461.
    """
    domain = target.net.domain
    reply = asker(target, 1)(f"_mta-sts.{domain}", "TXT")
    if not reply.known:
        yield Row(domain, None, None, None, reply.code, "")
        return
    found = announcement(texts(reply, "v=STSv1"), "STSv1")
    text = cut(found.text) if found.number else None
    yield Row(domain, found.number, text, int(not found.error), found.error, found.values.get("id", "")[:40])
