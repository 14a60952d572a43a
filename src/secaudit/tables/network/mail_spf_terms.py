"""mail_spf_terms: each term of the SPF record and of all records that it includes."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.protocols.names.spf_walk import Verdict
from secaudit.tableapi import Partial, Target, table
from secaudit.tables.network._domain import cut, flag
from secaudit.tables.network.mail_spf import plan_spf, read


class Row(NamedTuple):
    """One word of one record."""

    number: int
    """In the order in which a receiver reads them."""
    domain: str
    """Whose record it stands in."""
    way: str
    """The domains on the way to it, with > between."""
    depth: int
    position: int
    """Its number in the record; the version is 1."""
    term: str
    kind: str
    """all, include, a, mx, ptr, ip4, ip6, exists, redirect, exp; empty where it cannot be read."""
    qualifier: str
    """+, -, ~ or ?; empty for a modifier."""
    target: str
    prefix: int | None
    """Size of the network, for ip4 and ip6."""
    prefix6: int | None
    """Size of the IPv6 network, for ip6, a and mx."""
    is_lookup: int
    is_void: int | None
    """NULL: unknown, or it depends on the message."""
    is_loop: int
    is_dead: int
    """It stands behind `all`."""
    is_seen: int
    """0: the DNS did not answer about it."""
    error: str


@table(targets={"domain"}, timeout_s=120, plan=plan_spf)
def mail_spf_terms(target: Target) -> Iterator[Row]:
    """Yield one row per term.

    Source: TXT records; RFC 7208.

    Raises:
        Partial: an answer is missing, or the record includes more than is looked at.
    """
    verdict: Verdict = target.shared("mail-spf", read)
    for number, item in enumerate(verdict.found, 1):
        term = item.term
        is_network = term.name in ("ip4", "ip6") and not term.error
        sized = term.name in ("a", "mx") and not term.error
        yield Row(
            number,
            item.domain,
            cut(item.way),
            item.depth,
            term.position,
            cut(term.text),
            term.name[:40],
            term.qualifier,
            cut(term.target),
            term.prefix4 if (is_network and term.name == "ip4") or sized else None,
            term.prefix6 if (is_network and term.name == "ip6") or sized else None,
            int(item.counts),
            flag(item.is_void),
            int(item.is_loop),
            int(item.is_dead),
            int(item.is_certain),
            cut(item.error),
        )
    if verdict.records is None or not verdict.is_whole:
        raise Partial("the DNS did not answer all questions about SPF")
    if verdict.is_cut:
        raise Partial("the SPF record includes more than is looked at")
