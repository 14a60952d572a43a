"""mail_dmarc_reports: where reports about DMARC go, and whether hosts of others say that they want them."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

from secaudit.protocols.names.dmarc import Discovery, authorises, outside
from secaudit.tableapi import Net, Partial, Planned, Target, table
from secaudit.tables.network._domain import asker, cut, end, flag, others
from secaudit.tables.network.mail_dmarc import plan_dmarc, read


class Row(NamedTuple):
    """One address."""

    kind: str
    """rua (sums of each day) or ruf (single messages)."""
    uri: str
    scheme: str
    host: str
    error: str
    is_outside: int
    """The host belongs to another organisation."""
    is_authorised: int | None
    """Whether that host says that it wants reports about the domain; 1 for own hosts. NULL: no answer."""


def _plan(net: Net) -> Iterable[Planned]:
    return [*plan_dmarc(net), others("_report._dmarc at hosts that reports go to", 10)]


@table(targets={"domain"}, timeout_s=60, plan=_plan)
def mail_dmarc_reports(target: Target) -> Iterator[Row]:
    """Yield one row per address of the record that applies.

    Source: TXT records below _report._dmarc; RFC 9990, section 4.

    Raises:
        Partial: an answer is missing.
    """
    found: Discovery = target.shared("mail-dmarc", read)
    record = found.record
    if not found.is_certain:
        raise Partial("the DNS did not answer all questions about DMARC")
    if record is None:
        return
    ask = asker(target, 10)
    hosts = {host: authorises(host, record.place, ask) for host in outside(record, found.organisation)}
    for kind, addresses in (("rua", record.rua), ("ruf", record.ruf)):
        for item in addresses:
            wanted = hosts.get(item.host, True)
            yield Row(kind, cut(item.text), item.scheme, item.host, item.error, int(item.host in hosts), flag(wanted))
    end(ask)
