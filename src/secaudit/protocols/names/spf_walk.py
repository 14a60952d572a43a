"""What an SPF record comes to with all that it includes: lookups, loops, and what happens to mail of strangers.

A receiver stops at the first error or match. This goes on, so that all that is wrong is told at once, and counts the
worst case: the lookups of a message that matches nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from secaudit.protocols.names import spf
from secaudit.protocols.names.asking import Bounded, plain
from secaudit.protocols.names.spf import Term

MAX_LOOKUPS, MAX_VOIDS, MAX_EXCHANGERS = 10, 2, 10
"""RFC 7208, section 4.6.4."""

MAX_DEPTH = 12
MAX_FOUND = 1500
"""Terms over all records that are looked at; what is included twice counts twice."""

_NEAR = re.compile(r"[\s\"'\u201c]*(v\s*=\s*spf|spf1|spf2\.0)", re.IGNORECASE)

RESULTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}


class Found(NamedTuple):
    """One term where it stands."""

    domain: str
    """Whose record it is in."""
    way: str
    """The domains from the first record to this one, with `>` between."""
    depth: int
    term: Term
    counts: bool
    """Whether it makes a receiver ask the DNS."""
    is_void: bool | None
    """Whether the answer is empty; None when unknown or when it depends on the message."""
    is_loop: bool
    is_dead: bool
    """It stands behind `all`, so nobody reads it."""
    error: str
    """What is wrong with the term or with what it points to."""
    is_certain: bool
    """False when the DNS did not answer."""


@dataclass
class Verdict:
    """All about the record of one domain."""

    domain: str
    records: list[str] | None = None
    """Its SPF records; None when the DNS did not answer."""
    near: str = ""
    """A record that somebody meant as SPF and that receivers do not read as such."""
    found: list[Found] = field(default_factory=list)
    lookups: int = 0
    is_cut: bool = False
    """The search ended at a limit of ours: there is more."""
    is_whole: bool = True
    """Every question that matters was answered."""
    strangers: str | None = None
    """What a receiver makes of mail from any address: pass, fail, softfail or neutral; None when unknown."""

    @property
    def errors(self) -> list[Found]:
        return [item for item in self.found if item.error]

    @property
    def voids(self) -> int:
        return sum(item.is_void is True for item in self.found if item.counts)

    @property
    def loops(self) -> int:
        return sum(item.is_loop for item in self.found)

    @property
    def result(self) -> str:
        """none, permerror, temperror, or valid."""
        if self.records is None:
            return "temperror"
        if not self.records:
            return "none"
        if len(self.records) > 1 or self.errors or self.lookups > MAX_LOOKUPS or self.voids > MAX_VOIDS:
            return "permerror"
        return "valid" if self.is_whole else "temperror"


def walk(domain: str, ask: Bounded) -> Verdict:
    """Follow the record of a domain through all that it includes."""
    verdict = Verdict(domain)
    verdict.records = _records(domain, ask)
    verdict.near = next((text for text in ask(domain, "TXT").records if _NEAR.match(text) and not spf.is_spf(text)), "")
    if verdict.records is None:
        verdict.is_whole = False
    elif len(verdict.records) == 1:
        verdict.strangers = _follow(verdict, domain, verdict.records[0], (domain,), ask)
    return verdict


def _records(domain: str, ask: Bounded) -> list[str] | None:
    reply = ask(domain, "TXT")
    return [text for text in reply.records if spf.is_spf(text)] if reply.known else None


def _follow(verdict: Verdict, domain: str, text: str, way: tuple[str, ...], ask: Bounded) -> str | None:
    """Note the terms of one record, and give what it makes of strangers."""
    terms = spf.parse(text)
    is_over = False
    answer: str | None = ""
    has_all = any(term.name == "all" and term.qualifier and not term.error for term in terms)
    redirect: Term | None = None
    for term in terms:
        if len(verdict.found) >= MAX_FOUND:
            verdict.is_cut = True
            return None
        if term.name == "redirect" and not term.qualifier and not term.error:
            if redirect is None and not has_all:
                redirect = term
                continue
            _note(verdict, domain, way, term, is_dead=has_all)
            continue
        matches = _look(verdict, domain, way, term, ask, is_over)
        if not is_over and answer == "" and matches is not False:
            answer = RESULTS[term.qualifier] if matches else None
        is_over = is_over or (term.name == "all" and bool(term.qualifier) and not term.error)
    if redirect is not None:
        inner = _inner(verdict, domain, way, redirect, ask)
        answer = inner if answer == "" else answer
    return "neutral" if answer == "" else answer


def _look(verdict: Verdict, domain: str, way: tuple[str, ...], term: Term, ask: Bounded, is_over: bool) -> bool | None:
    """Note one term; whether it matches mail from any address (None: unknown)."""
    if term.error or is_over or not term.qualifier:
        _note(verdict, domain, way, term, is_dead=is_over)
        return False
    if term.name == "all":
        _note(verdict, domain, way, term)
        return True
    if term.name in ("ip4", "ip6"):
        _note(verdict, domain, way, term)
        return (term.prefix4 if term.name == "ip4" else term.prefix6) == 0
    if term.name == "include":
        inner = _inner(verdict, domain, way, term, ask)
        return None if inner is None else inner == "pass"
    return _hosts(verdict, domain, way, term, ask)


def _hosts(verdict: Verdict, domain: str, way: tuple[str, ...], term: Term, ask: Bounded) -> bool | None:
    """a, mx, exists and ptr."""
    name = spf.expand(term.target, domain) if term.target else domain
    if name is None or term.name == "ptr":  # it depends on the message, so strangers may or may not match
        _note(verdict, domain, way, term, counts=True)
        return False
    types = {"a": ("A", "AAAA"), "mx": ("MX",), "exists": ("A",)}[term.name]
    replies = [ask(name, type) for type in types]
    is_certain = all(reply.known for reply in replies)
    has_any = any(reply.records for reply in replies if reply.known)
    error = ""
    if term.name == "mx" and len(replies[0].records) > MAX_EXCHANGERS:
        error = f"more than {MAX_EXCHANGERS} mail servers"
    is_void = False if has_any else (True if is_certain else None)
    _note(verdict, domain, way, term, counts=True, is_void=is_void, error=error, is_certain=is_certain or has_any)
    if term.name == "exists":
        return has_any if is_certain else None
    return has_any and 0 in (term.prefix4, term.prefix6)


def _inner(verdict: Verdict, domain: str, way: tuple[str, ...], term: Term, ask: Bounded) -> str | None:
    """Follow include or redirect; what the other record makes of strangers."""
    name = spf.expand(term.target, domain)
    if (
        name is None
    ):  # another record for each message: what it asks and says cannot be seen, but it is not for everybody
        verdict.is_cut = True
        _note(verdict, domain, way, term, counts=True)
        return "neutral" if term.name == "include" else None
    name = plain(name)
    if name in way:
        _note(verdict, domain, way, term, counts=True, is_loop=True, error="it leads back to itself")
        return "neutral"
    if ask.is_spent or len(way) > MAX_DEPTH or verdict.lookups > 5 * MAX_LOOKUPS:
        verdict.is_cut = True
        _note(verdict, domain, way, term, counts=True, is_certain=False)
        return None
    reply = ask(name, "TXT")
    records = _records(name, ask)
    if records is None:
        _note(verdict, domain, way, term, counts=True, is_certain=False)
        return None
    error = {0: f"{name} has no SPF record", 1: ""}.get(len(records), f"{name} has several SPF records")
    _note(verdict, domain, way, term, counts=True, is_void=not reply.records, error=error)
    return _follow(verdict, name, records[0], (*way, name), ask) if len(records) == 1 else "neutral"


def _note(
    verdict: Verdict,
    domain: str,
    way: tuple[str, ...],
    term: Term,
    *,
    counts: bool = False,
    is_void: bool | None = None,
    is_loop: bool = False,
    is_dead: bool = False,
    error: str = "",
    is_certain: bool = True,
) -> None:
    verdict.lookups += counts
    verdict.is_whole = verdict.is_whole and is_certain
    verdict.found.append(
        Found(
            domain,
            " > ".join(way),
            len(way) - 1,
            term,
            counts,
            is_void,
            is_loop,
            is_dead,
            term.error or error,
            is_certain,
        )
    )
