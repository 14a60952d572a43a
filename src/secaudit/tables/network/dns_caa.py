"""dns_caa: who may issue certificates for the domain (CAA, RFC 8659)."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

from secaudit.protocols.names.asking import parents
from secaudit.protocols.names.caa import climb
from secaudit.tableapi import Net, Partial, Planned, Target, table
from secaudit.tables.network._domain import PORT, asker, cut


class Row(NamedTuple):
    """One record of the closest name that has any."""

    found_at: str
    flags: int
    tag: str
    """issue, issuewild, iodef and others, in lower case."""
    value: str
    issuer: str
    """Who may issue; empty for nobody, and for other tags."""
    is_critical: int
    error: str


def _plan(net: Net) -> Iterable[Planned]:
    return [Planned("dns", "", PORT, f"CAA {name}", 1, "passive") for name in list(parents(net.domain))[:10]]


@table(targets={"domain"}, timeout_s=60, plan=_plan)
def dns_caa(target: Target) -> Iterator[Row]:
    """Yield one row per record; none when neither the domain nor a name above it has any.

    Source: CAA records; RFC 8659.

    Raises:
        Partial: a name on the way up did not answer.
    """
    found = climb(target.net.domain, asker(target, 10))
    for item in found.records:
        yield Row(found.place, item.flags, item.tag, cut(item.value), item.issuer, int(item.is_critical), item.error)
    if not found.is_certain:
        raise Partial(f"the DNS did not answer: {found.unknown}")
