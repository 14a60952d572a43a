"""CAA (RFC 8659): who may issue certificates for a domain. The closest name above with records decides."""

from __future__ import annotations

import re
from typing import NamedTuple

from secaudit.protocols.names.asking import Bounded, parents, plain

TAGS = ("issue", "issuewild", "iodef", "contactemail", "contactphone", "issuemail", "issuevmc")
"""The registry of IANA, November 2026."""

_RECORD = re.compile(r'(\d{1,3})\s+([A-Za-z0-9]{1,255})\s+(?:"((?:[^"\\]|\\.)*)"|(\S*))\s*')
_ISSUER = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)?\s*(;.*)?", re.DOTALL)


class Caa(NamedTuple):
    """One record."""

    flags: int
    tag: str
    value: str
    issuer: str
    """The issuer that it allows; empty for none at all, and for other tags."""
    error: str

    @property
    def is_critical(self) -> bool:
        return bool(self.flags & 128)


class Answer(NamedTuple):
    """What the climb found."""

    place: str
    """The name whose records count; empty when none above has any."""
    records: tuple[Caa, ...]
    is_certain: bool
    """False when a name on the way did not answer: it may have records that count."""
    unknown: str


def climb(domain: str, ask: Bounded) -> Answer:
    """Look at the name and those above it, but not at the root."""
    for name in list(parents(plain(domain)))[:10]:
        reply = ask(name, "CAA")
        if not reply.known:
            return Answer("", (), False, f"CAA {name}: {reply.code}")
        if reply.records:
            return Answer(name, tuple(map(parse, reply.records[:50])), True, "")
    return Answer("", (), True, "")


def parse(text: str) -> Caa:
    """Read a record as zone files write it."""
    match = _RECORD.fullmatch(text.strip())
    if match is None or int(match[1]) > 255:
        return Caa(0, "", text[:200], "", "it cannot be read")
    flags, tag, value = int(match[1]), match[2].lower(), match[3] if match[3] is not None else match[4]
    issuer, error = "", ""
    if tag in ("issue", "issuewild", "issuemail", "issuevmc"):
        found = _ISSUER.fullmatch(value)
        issuer = (found[1] or "").lower() if found else ""
        error = "" if found else "the issuer is not a name, so nobody may issue"
    elif tag == "iodef":
        error = "" if value.lower().startswith(("mailto:", "https:", "http:")) else "it must be mailto: or https:"
    elif tag not in TAGS:
        error = "an unknown tag that must be understood, so nobody may issue" if flags & 128 else "an unknown tag"
    return Caa(flags, tag, value[:500], issuer, error)
