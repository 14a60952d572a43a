"""mail_dmarc: what receivers do with mail that pretends to be from the domain (DMARC, RFC 9989)."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

from secaudit.protocols.names.dmarc import MOST_STEPS, Discovery, discover, steps
from secaudit.tableapi import Net, Planned, Target, table
from secaudit.tables.network._domain import PORT, asker, cut


class Row(NamedTuple):
    """The policy that applies to the domain, with its own record or one from above."""

    domain: str
    state: str
    """own, inherited, none, or unknown when an answer that matters is missing."""
    own_records: int | None
    """Records at the domain itself that begin with v=DMARC1: at most one may. NULL: the DNS did not answer."""
    misspelt: int | None
    """Records whose version is written in another case: receivers ignore them."""
    found_at: str | None
    """The domain whose record applies; empty without one."""
    is_inherited: int | None
    record: str | None
    policy: str | None
    """none, quarantine or reject for mail from the domain itself; empty when receivers do nothing at all."""
    subdomain_policy: str | None
    """For names below the domain, by the record of the organisation (RFC 9989 does not look at others)."""
    missing_policy: str | None
    """For subdomains that do not exist."""
    is_test: int | None
    """t=y: receivers are asked not to act."""
    pct: int | None
    """A share below 100 by the older rules (RFC 7489); 100 when none is written. NULL where it is no number."""
    spf_alignment: str | None
    """r (relaxed) or s (strict)."""
    dkim_alignment: str | None
    psd: str | None
    rua: int | None
    """Addresses for reports that are valid."""
    ruf: int | None
    errors: int | None
    first_error: str
    unknown_tags: str
    old_tags: str
    """Those of RFC 7489 that RFC 9989 took away: pct, rf, ri, and size for a size behind an address (`!10m`)."""
    organisation: str | None
    """The organisational domain, by the walk up the tree."""
    walked: str
    """The names that were asked."""


def plan_dmarc(net: Net) -> Iterable[Planned]:
    """The walk up the tree."""
    names = steps(net.domain)[:MOST_STEPS]
    return [Planned("dns", "", PORT, f"TXT _dmarc.{name}", 1, "passive") for name in names]


def read(target: Target) -> Discovery:
    """The walk, done once for both tables."""
    return discover(target.net.domain, asker(target, MOST_STEPS))


@table(targets={"domain"}, timeout_s=60, plan=plan_dmarc)
def mail_dmarc(target: Target) -> Iterator[Row]:
    """Yield one row.

    Source: TXT records below _dmarc; RFC 9989.
    """
    found: Discovery = target.shared("mail-dmarc", read)
    own = None if found.own is None else len(found.own)
    misspelt = None if found.own is None else len(found.own_misspelt)
    walked = " ".join(found.walked)
    record = found.record
    if not found.is_certain or record is None:
        empty = "" if found.is_certain else None
        place = None if empty is None else found.organisation
        state = "unknown" if empty is None else "none"
        inherited = None if empty is None else 0
        nothing = (None,) * 7
        yield Row(
            found.domain, state, own, misspelt, empty, inherited, None, empty, empty, empty, None, *nothing, "", "", "",
            place, walked,
        )  # fmt: skip
        return
    is_inherited = record.place != found.domain
    values, below = record.values, found.below
    pct = values.get("pct", "100")
    yield Row(
        found.domain,
        "inherited" if is_inherited else "own",
        own,
        misspelt,
        record.place,
        int(is_inherited),
        cut(record.text),
        record.policy("subdomain" if is_inherited else "domain"),
        below.policy("subdomain") if below is not None and found.is_whole else None,
        below.policy("missing") if below is not None and found.is_whole else None,
        int(values.get("t", "n").lower() == "y"),
        int(pct) if pct.isdigit() and len(pct) <= 3 else None,
        values.get("aspf", "r").lower()[:10],
        values.get("adkim", "r").lower()[:10],
        record.psd[:10],
        sum(not item.error for item in record.rua),
        sum(not item.error for item in record.ruf),
        len(record.errors),
        cut(record.errors[0]) if record.errors else "",
        cut(" ".join(record.unknown)),
        " ".join(record.gone),
        found.organisation if found.is_whole else None,
        walked,
    )
