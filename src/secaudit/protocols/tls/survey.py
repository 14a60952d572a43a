"""Find out everything that a server offers before encryption begins: versions, suites, groups, features.

Each connection drops what the server picked before, until it picks nothing more. Where it did not answer, nothing is
claimed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Iterable

from secaudit.protocols.tls import certificate, groups, hello, suites
from secaudit.protocols.tls.answer import Answer
from secaudit.protocols.tls.hello import Offer
from secaudit.protocols.tls.talk import Talk

Each = Callable[[Iterable[Any], Callable[[Any], Any]], list[Any]]
"""Do work for each of some things, several at the same time: `Net.each`."""

OLD_VERSIONS = (hello.TLS12, hello.TLS11, hello.TLS10, hello.SSL3)
BLOCK = 60
"""Suites in a hello for servers that do not like long ones."""
REFUSALS = ("alert", "closed", "reset")
_LAST_WORDS = {"alert", "hello"}
_CLEAR_ALERTS = (40, 47, 70, 71)
"""handshake_failure, illegal_parameter, protocol_version, insufficient_security: a plain no to what was offered.

Any other alert must come twice before it counts."""


@dataclass(slots=True)
class Version:
    """What is known about one version of the protocol."""

    code: int
    offered: bool | None = None
    """None: it did not answer, or not in a form that we understand."""
    how: str = ""
    """What it said: `hello`, the name of an alert, `closed` ..."""
    suites: list[int] = field(default_factory=list)
    """In the order in which the server picked them from our list."""
    complete: bool = False
    """Whether the server said that there are no more."""
    server_order: bool | None = None
    """Whether the server picks by its own order."""
    first: Answer | None = None
    """The first hello of the server, with all that came with it."""
    short_signatures: bool = False
    silent_end: bool = False
    """It said no by closing the connection without a word."""


@dataclass(slots=True)
class Survey:
    """All that was found at one place."""

    versions: dict[int, Version] = field(default_factory=dict)
    groups13: list[int] = field(default_factory=list)
    groups13_complete: bool = False
    groups12: list[int] = field(default_factory=list)
    """Of the highest version before TLS 1.3."""
    groups12_complete: bool = False
    written_curves: list[int] = field(default_factory=list)
    """Bits of curves whose parameters the server writes out."""
    has_fields: bool = False
    """Whether a suite with an own prime is offered, so that `dh_bits` should be known."""
    dh_bits: int | None = None
    dh_prime: bytes = b""
    has_export_key: bool = False
    export_bits: int | None = None
    """Of the small key of an RSA export suite."""
    fallback_scsv: bool | None = None
    other_chains: list[list[bytes]] = field(default_factory=list)
    """Of certificates with another kind of key, which the server shows to clients that ask for no other."""
    others_complete: bool = True
    connections: int = 0
    stopped: str = ""

    @property
    def best_old(self) -> Version | None:
        """The highest version before TLS 1.3 that is offered."""
        return next((self.versions[code] for code in OLD_VERSIONS if self.versions[code].offered), None)


def run(talk: Talk, each: Each) -> Survey:
    """Look at one place."""
    found = Survey()
    codes = (hello.TLS12, hello.TLS13, hello.TLS11, hello.TLS10, hello.SSL3, hello.SSL2)
    found.versions = {one.code: one for one in each(codes, lambda code: _version(talk, code))}
    if not any(one.offered for one in found.versions.values()):
        for one in found.versions.values():
            one.offered = None  # who refuses everything, for want of a name or at random, has answered nothing
    more: list[Callable[[Talk, Survey], None]] = []
    if found.versions[hello.TLS13].offered:
        more += [_groups13, lambda talk, found: _order(talk, found.versions[hello.TLS13])]
    if found.best_old is not None:
        more += [_groups12, _dh_size, _fallback, _others, lambda talk, found: _order(talk, found.best_old)]
    each(more, lambda step: step(talk, found))
    _control(talk, found)
    found.connections, found.stopped = talk.count, talk.stopped
    return found


# ---------------------------------------------------------------- versions and suites


def _offer(talk: Talk, code: int, codes: Iterable[int], short: bool = False) -> Offer:
    return Offer(
        version=code,
        suites=tuple(codes),
        groups=groups.TLS13 if code == hello.TLS13 else groups.OLD,
        signatures=groups.SHORT_SIGNATURES if short else groups.SIGNATURES,
        server_name=talk.server_name,
        alpn=talk.alpn if code >= hello.TLS10 else (),
        compression=True,
    )


def _version(talk: Talk, code: int) -> Version:
    found = Version(code)
    if code == hello.SSL2:
        return _ssl2(talk, found)
    wanted = list(suites.tls13_codes() if code == hello.TLS13 else suites.old_codes())
    answer = talk.ask(_offer(talk, code, wanted), whole=True)
    _hear(found, answer)
    blocks = [wanted]
    if not found.offered and answer.outcome in (*REFUSALS, "timeout") and answer.alert != 70 and code != hello.TLS13:
        # a list this long, or the newer signatures, may be what it does not like
        blocks = [wanted[at : at + BLOCK] for at in range(0, len(wanted), BLOCK)]
        found.short_signatures = code == hello.TLS12 and answer.outcome != "alert"
        answer = talk.ask(_offer(talk, code, blocks[0], found.short_signatures), whole=True)
        _hear(found, answer)
    if not found.offered:
        return found
    found.complete = True
    for number, block in enumerate(blocks):
        if number:
            answer = talk.ask(_offer(talk, code, block, found.short_signatures))
        _suites(talk, found, block, answer)
    return found


def _hear(found: Version, answer: Answer) -> None:
    """What the first answer to a version says about it."""
    found.how = answer.alert_name or answer.outcome
    if answer.outcome == "hello":
        found.offered = answer.version == found.code
        found.how = "hello" if found.offered else f"answers with {hello.VERSIONS.get(answer.version or 0, 'another')}"
        found.first = answer if found.offered else None
    elif answer.outcome in REFUSALS:
        found.offered = False
        found.silent_end = answer.outcome != "alert"
    else:
        found.offered = None


def _suites(talk: Talk, found: Version, block: list[int], answer: Answer) -> None:
    """Ask again without what was picked, until nothing is picked."""
    left = list(block)
    again = False
    while True:
        if answer.outcome == "hello" and answer.version == found.code and answer.suite in left:
            found.suites.append(answer.suite)
            left.remove(answer.suite)
            again = False
        elif answer.outcome == "hello" and answer.version != found.code:
            return  # with the rest of the list only another version is spoken
        elif answer.outcome == "alert" and (answer.alert in _CLEAR_ALERTS or again):
            return
        elif answer.outcome == "alert":
            again = True
        elif answer.outcome in REFUSALS and found.code == hello.TLS12 and not found.short_signatures:
            found.short_signatures = True  # maybe it hangs up on the newer signatures
        elif answer.outcome in REFUSALS:
            found.silent_end = True
            return
        else:
            found.complete = False
            return
        if not left:
            return
        answer = talk.ask(_offer(talk, found.code, left, found.short_signatures))


def _ssl2(talk: Talk, found: Version) -> Version:
    answer = talk.ask(Offer(hello.SSL2, ()))
    _hear(found, answer)
    if answer.outcome == "not_tls":  # it does not know what this is, so it does not speak it
        found.offered = False
    if found.offered:
        found.suites, found.complete = list(answer.ssl2_suites), True
    return found


# ---------------------------------------------------------------- groups and keys


def _groups13(talk: Talk, found: Survey) -> None:
    left = list(groups.TLS13)
    wanted = tuple(found.versions[hello.TLS13].suites)
    while left:
        answer = talk.ask(_offer(talk, hello.TLS13, wanted)._replace(groups=tuple(left)))
        if answer.outcome == "hello" and answer.version == hello.TLS13 and answer.group in left:
            found.groups13.append(answer.group)
            left.remove(answer.group)
            continue
        found.groups13_complete = answer.outcome in _LAST_WORDS
        return


def _groups12(talk: Talk, found: Survey) -> None:
    """Curves of the key exchange before TLS 1.3. The curve of an ECDSA certificate must stay in the list."""
    best = found.best_old
    assert best is not None
    wanted = [code for code in best.suites if suites.suite(code).key_exchange.startswith("ECDHE")]
    found.groups12_complete = best.complete
    own = certificate.curve_of(best.first.certificates[0]) if best.first and best.first.certificates else None
    if not any(suites.suite(code).authentication == "ECDSA" for code in wanted):
        own = None
    left = list(groups.OLD)
    while wanted and left:
        offered = tuple(left) + (() if own is None or own in left else (own,))
        offer = _offer(talk, best.code, wanted, best.short_signatures)._replace(groups=offered)
        answer = talk.ask(offer, whole=True)
        if answer.outcome == "hello" and answer.curve_kind in (1, 2):
            found.written_curves.append(answer.curve_bits or 0)
            return
        if answer.outcome == "hello" and answer.group in left:
            found.groups12.append(answer.group)
            left.remove(answer.group)
            continue
        # it stays with the curve of its certificate, which every client that can use the certificate has
        stays = answer.outcome == "hello" and answer.group == own and own is not None
        found.groups12_complete = stays or answer.outcome == "alert"
        return


def _dh_size(talk: Talk, found: Survey) -> None:
    """The size of the prime, and of the small key of RSA export suites."""
    for version in found.versions.values():
        fields = [code for code in version.suites if suites.suite(code).key_exchange.startswith("DHE")]
        small = [code for code in version.suites if suites.suite(code).export]
        found.has_fields = found.has_fields or bool(fields)
        if fields and found.dh_bits is None:
            answer = talk.ask(_offer(talk, version.code, fields, version.short_signatures), whole=True)
            found.dh_bits, found.dh_prime = answer.dh_bits, answer.dh_prime
        keys = [code for code in small if suites.suite(code).key_exchange == "RSA" and version.code != hello.SSL2]
        found.has_export_key = found.has_export_key or bool(keys)
        if keys and found.export_bits is None:
            found.export_bits = talk.ask(_offer(talk, version.code, keys), whole=True).dh_bits


def _others(talk: Talk, found: Survey) -> None:
    """Ask with suites of the other kinds of keys only."""
    best = found.best_old
    assert best is not None
    own = suites.suite(best.first.suite or 0).authentication if best.first else ""
    seen = {tuple(best.first.certificates)} if best.first else set()
    for kind in ("RSA", "ECDSA", "DSS"):
        wanted = [code for code in best.suites if suites.suite(code).authentication == kind]
        if kind == own or not wanted:
            continue
        answer = talk.ask(_offer(talk, best.code, wanted, best.short_signatures), whole=True)
        if answer.outcome != "hello" or not answer.chain_complete:
            found.others_complete = False
        elif tuple(answer.certificates) not in seen:
            found.other_chains.append(answer.certificates)


# ---------------------------------------------------------------- how it behaves


def _order(talk: Talk, version: Version | None) -> None:
    """Offer its own suites the other way round: does it pick the first of ours, or its own favourite again?"""
    if version is None or len(version.suites) < 2:
        return
    turned = list(reversed(version.suites))
    answer = talk.ask(_offer(talk, version.code, turned, version.short_signatures))
    if answer.outcome == "hello" and answer.suite in version.suites:
        version.server_order = answer.suite != turned[0]


def _fallback(talk: Talk, found: Survey) -> None:
    """A client that says it comes back with a lower version must be sent away, RFC 7507."""
    spoken = [code for code in (hello.TLS13, *OLD_VERSIONS) if found.versions[code].offered]
    if len(spoken) < 2:
        return
    lower = found.versions[spoken[1]]
    answer = talk.ask(_offer(talk, lower.code, lower.suites, lower.short_signatures)._replace(fallback=True))
    if answer.outcome == "hello":
        found.fallback_scsv = False
    elif answer.outcome == "alert":
        found.fallback_scsv = True if answer.alert == 86 else None


def _control(talk: Talk, found: Survey) -> None:
    """Where it said no by hanging up: does it still talk to us at all? Otherwise those were no answers."""
    silent = [version for version in found.versions.values() if version.silent_end]
    known = next((one for one in found.versions.values() if one.offered and one.code != hello.SSL2), None)
    if not silent:
        return
    alive = False
    if known is not None:
        alive = talk.ask(_offer(talk, known.code, known.suites, known.short_signatures)).outcome == "hello"
    for version in silent:
        if not alive and version.offered is False:
            version.offered = None
        if not alive:
            version.complete = False
