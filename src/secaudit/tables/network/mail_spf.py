"""mail_spf: which servers may send mail for the domain (SPF, RFC 7208), as receivers compute it."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

from secaudit.protocols.names.asking import has_foreign_bytes
from secaudit.protocols.names.spf_walk import Verdict, walk
from secaudit.tableapi import Net, Planned, Target, table
from secaudit.tables.network._domain import asker, cut, others, questions

MOST = 60


class Row(NamedTuple):
    """The record of the domain, with all that it includes."""

    domain: str
    records: int | None
    """TXT records that begin with v=spf1: exactly one counts. NULL: the DNS did not answer."""
    record: str | None
    near: str
    """A record that was meant as SPF, but does not begin with exactly `v=spf1` and a blank, so nobody reads it."""
    result: str
    """none, valid, permerror (receivers refuse to use it) or temperror (an answer is missing)."""
    length: int | None
    is_ascii: int | None
    errors: int | None
    """Terms that are wrong, or point to what is wrong, over all records."""
    first_error: str
    lookups: int | None
    """Questions that a receiver must ask for mail that matches nothing; 10 is the limit. NULL: not all was seen."""
    lookups_at_least: int
    """Those that were seen."""
    voids: int | None
    """Questions of these whose answer is empty; 2 is the limit."""
    loops: int | None
    ptr: int | None
    """Terms with ptr."""
    strangers: str | None
    """What it says of mail from any other address: fail, softfail, neutral or pass."""
    dead: int | None
    """Terms behind `all`, which nobody reads, unless they are modifiers of no meaning there."""
    is_whole: int
    """1 when every answer came."""


def plan_spf(net: Net) -> Iterable[Planned]:
    """The tables mail_spf and mail_spf_terms share their questions."""
    return [*questions(net, ["TXT"]), others("names that the SPF record points to", MOST - 1)]


def read(target: Target) -> Verdict:
    """The record, followed once for both tables."""
    return walk(target.net.domain, asker(target, MOST))


@table(targets={"domain"}, timeout_s=120, plan=plan_spf)
def mail_spf(target: Target) -> Iterator[Row]:
    """Yield one row.

    Source: TXT records; RFC 7208.
    """
    verdict: Verdict = target.shared("mail-spf", read)
    records = verdict.records
    record = records[0] if records else None
    is_one = records is not None and len(records) == 1
    is_seen = records is not None and verdict.is_whole and not verdict.is_cut
    void_certain = is_seen or verdict.voids > 2
    errors = verdict.errors
    yield Row(
        verdict.domain,
        None if records is None else len(records),
        None if record is None else cut(record),
        cut(verdict.near),
        verdict.result,
        None if record is None else len(record),
        None if record is None else int(not has_foreign_bytes(record)),
        len(errors) if is_seen or errors else None,
        cut(f"{errors[0].domain}: {errors[0].term.text[:200]}: {errors[0].error}") if errors else "",
        verdict.lookups if is_seen or verdict.lookups > 10 else None,
        verdict.lookups,
        verdict.voids if void_certain else None,
        verdict.loops if is_seen or verdict.loops else None,
        sum(item.term.name == "ptr" and item.counts for item in verdict.found) if is_seen else None,
        verdict.strangers if is_one else None,
        None if records is None else sum(item.is_dead and bool(item.term.qualifier) for item in verdict.found),
        int(is_seen),
    )
