"""mail_bimi: the logo that mail programs show beside mail of the domain (BIMI)."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

from secaudit.protocols.names.asking import texts
from secaudit.protocols.names.transport import bimi
from secaudit.tableapi import Net, Partial, Planned, Target, table
from secaudit.tables.network._domain import asker, cut, questions


class Row(NamedTuple):
    """The record of the selector `default`."""

    domain: str
    record: str
    logo: str
    certificate: str
    is_valid: int
    error: str


def _plan(net: Net) -> Iterable[Planned]:
    return questions(net, ["TXT"], "default._bimi")


@table(targets={"domain"}, timeout_s=30, plan=_plan)
def mail_bimi(target: Target) -> Iterator[Row]:
    """Yield one row when there is a record.

    Source: the TXT record below default._bimi.

    Raises:
        Partial: the DNS did not answer.
    """
    domain = target.net.domain
    reply = asker(target, 1)(f"default._bimi.{domain}", "TXT")
    if not reply.known:
        raise Partial(f"the DNS did not answer: TXT default._bimi.{domain}: {reply.code}")
    records = texts(reply, "v=BIMI1")
    if records:
        logo, certificate, error = bimi(records)
        yield Row(domain, cut(records[0]), logo, certificate, int(not error), error)
