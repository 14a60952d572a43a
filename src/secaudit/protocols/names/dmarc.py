"""DMARC as RFC 9989 has it: the record, the walk up the tree of names, and the policy that applies in the end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from secaudit.protocols.names import tags
from secaudit.protocols.names.asking import Bounded, is_below, plain
from secaudit.protocols.names.tags import Address

MOST_STEPS = 8
"""Names that the walk asks at most: the domain itself, then those of at most seven labels."""

POLICIES = ("none", "quarantine", "reject")
KNOWN = {
    "p": POLICIES, "sp": POLICIES, "np": POLICIES, "t": ("y", "n"), "psd": ("y", "n", "u"),
    "adkim": ("r", "s"), "aspf": ("r", "s"), "fo": None, "rua": None, "ruf": None, "v": None,
}  # fmt: skip
"""Tags and their values (RFC 9989, section 4.7); None where they are judged in another way."""

GONE = ("pct", "rf", "ri")
"""Tags of the older RFC 7489, which older receivers still follow. It also had sizes behind addresses (`!10m`)."""

_VERSION = re.compile(r"v\s*=\s*DMARC1\s*(;|$)", re.IGNORECASE)
_EXACT = re.compile(r"v\s*=\s*DMARC1\s*(;|$)")


class Record(NamedTuple):
    """One DMARC record."""

    place: str
    """The domain that it was found at."""
    text: str
    values: dict[str, str]
    unknown: tuple[str, ...]
    gone: tuple[str, ...]
    errors: tuple[str, ...]
    rua: tuple[Address, ...]
    ruf: tuple[Address, ...]

    @property
    def psd(self) -> str:
        return self.values.get("psd", "u").lower()

    @property
    def is_usable(self) -> bool:
        """Whether receivers act on it: its policies are valid, or there is an address for reports."""
        return self._has_rua or all((self._is_right("p", needed=True), self._is_right("sp"), self._is_right("np")))

    @property
    def _has_rua(self) -> bool:
        return any(not address.error for address in self.rua)

    def _is_right(self, tag: str, needed: bool = False) -> bool:
        value = self.values.get(tag)
        return not needed if value is None else value.lower() in POLICIES

    def policy(self, kind: str) -> str:
        """The policy for `domain`, `subdomain` or `missing` (a subdomain that does not exist); empty: none applies."""
        if not self.is_usable:
            return ""
        if not (self._is_right("p", needed=True) and self._is_right("sp") and self._is_right("np")):
            return "none"
        order = {"domain": ("p",), "subdomain": ("sp", "p"), "missing": ("np", "sp", "p")}[kind]
        return next(self.values[tag].lower() for tag in order if tag in self.values)


@dataclass
class Discovery:
    """What the walk found."""

    domain: str
    own: list[str] | None
    """Records at the domain itself that begin with the version; None when the DNS did not answer."""
    own_misspelt: list[str]
    """Those whose version is written in another case, which receivers ignore."""
    walked: list[str]
    record: Record | None
    """That which applies."""
    below: Record | None
    """That which applies to names below the domain that have none of their own: the organisation's one."""
    organisation: str
    """The organisational domain, as far as the walk can tell."""
    is_certain: bool
    """Every answer came that matters for the domain itself."""
    is_whole: bool
    """Every answer came."""


def parse(place: str, text: str) -> Record:
    """Read a record. Unknown tags are kept and are no error."""
    read = tags.parse(text)
    errors = list(read.errors)
    for name, value in read.values.items():
        allowed = KNOWN.get(name)
        if allowed is not None and value.lower() not in allowed:
            errors.append(f"{name}={value[:40]} is not one of {', '.join(allowed)}")
    if "p" not in read.values:
        errors.append("p= is missing")
    fo = read.values.get("fo")
    if fo is not None and not re.fullmatch(r"[01ds](:[01ds])*", fo.lower()):
        errors.append(f"fo={fo[:40]} is not a list of 0, 1, d, s")
    lists = {}
    for name in ("rua", "ruf"):
        lists[name] = tuple(tags.addresses(read.values[name])) if name in read.values else ()
        errors.extend(f"{name}: {item.text[:60]}: {item.error}" for item in lists[name] if item.error)
    unknown = tuple(name for name in read.order if name not in KNOWN and name not in GONE)
    gone = [name for name in read.order if name in GONE]
    if any("!" in item.text for items in lists.values() for item in items):
        gone.append("size")
    return Record(place, text, read.values, unknown, tuple(gone), tuple(errors), lists["rua"], lists["ruf"])


def discover(domain: str, ask: Bounded) -> Discovery:
    """Walk up the tree of names (RFC 9989, section 4.10) and choose the record that applies."""
    domain = plain(domain)
    found = Discovery(domain, None, [], [], None, None, domain, True, True)
    records: list[Record] = []
    for step in steps(domain):
        reply = ask(f"_dmarc.{step}", "TXT")
        found.walked.append(step)
        if not reply.known:
            found.is_certain = found.is_whole = False
            continue
        texts = [text for text in reply.records if _EXACT.match(text)]
        if step == domain:
            found.own = texts
            found.own_misspelt = [text for text in reply.records if _VERSION.match(text) and text not in texts]
        if len(texts) != 1:
            continue
        record = parse(step, texts[0])
        records.append(record)
        if record.psd == "n" or (record.psd == "y" and step != domain):
            break
    _choose(found, records)
    return found


def steps(domain: str) -> list[str]:
    """The names that the walk asks, in order."""
    labels = plain(domain).split(".")
    rest = labels[1:] if len(labels) < 8 else labels[-7:]
    return [".".join(labels), *(".".join(rest[start:]) for start in range(len(rest)))]


def _choose(found: Discovery, records: list[Record]) -> None:
    """The organisational domain, and of the three places the record of the first that has one."""
    suffix: Record | None = None
    organisation = records[-1].place if records else found.domain
    for record in records:
        if record.psd == "n":
            organisation = record.place
            break
        if record.psd == "y" and record.place != found.domain:
            suffix = record
            more = len(record.place.split(".")) + 1
            organisation = ".".join(found.domain.split(".")[-more:])
            break
    found.organisation = organisation
    by_place = {record.place: record for record in records}
    own = by_place.get(found.domain)
    found.record = own or by_place.get(organisation) or suffix
    found.below = by_place.get(organisation) or suffix or own
    if own is not None:
        found.is_certain = found.own is not None


def outside(record: Record, organisation: str) -> list[str]:
    """Hosts that reports go to and that belong to somebody else: each must say that it wants them."""
    hosts = [item.host for item in (*record.rua, *record.ruf) if item.scheme == "mailto" and item.host]
    return sorted({host for host in hosts if not is_below(host, organisation)})[:10]


def authorises(host: str, place: str, ask: Bounded) -> bool | None:
    """Whether the other side says that it wants reports about `place`; None when the DNS did not answer."""
    reply = ask(f"{place}._report._dmarc.{host}", "TXT")
    return any(_EXACT.match(text) for text in reply.records) if reply.known else None
