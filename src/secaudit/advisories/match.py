"""Does an advisory fit a version? OSV's algorithm, with "cannot be said" as a third answer.

Source: OSV schema 1.7, section "Evaluation".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cmp_to_key, lru_cache
from typing import Any, Iterable, Sequence

from secaudit.advisories import versions
from secaudit.advisories.reading import Known
from secaudit.advisories.record import HOLE, MALWARE, NOTICE, Affected, Range

HIGH, MEDIUM, LOW = "high", "medium", "low"
_TRUST = {HIGH: 3, MEDIUM: 2, LOW: 1, "": 0}
_KINDS = (MALWARE, HOLE, NOTICE)
"""The worst first."""

_BADNESS = {"critical": 5, "high": 4, "medium": 3, "": 2, "low": 1, "none": 0}
"""A hole that nobody rated counts between medium and low."""

MOST_TRIED = 200
"""Fixed versions that are tried one after the other for one that is whole."""

parse = lru_cache(maxsize=200_000)(versions.parse)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one advisory says about one version."""

    affected: bool | None
    """None: it cannot be said."""
    confidence: str = ""
    reason: str = ""
    """Why it cannot be said, or why the confidence is not high."""


@dataclass(frozen=True, slots=True)
class Hole:
    """One hole in one version of a package, from all advisories that are about it."""

    id: str
    aliases: tuple[str, ...]
    summary: str
    severity: str
    score: str
    cwes: tuple[int, ...]
    kind: str
    """As of an advisory; the worst where several are joined."""
    judgement: Judgement
    fixed_in: str = ""
    """The nearest version at or above this one that it is not in; empty when none is known."""


NOT_AFFECTED = Judgement(False)


def judge(affected: Affected, version: str) -> Judgement:
    """Whether a version is one of those that an advisory is about.

    Listed versions count, and so do those in a range; ranges of commits cannot be judged.
    """
    ecosystem, place = affected.ecosystem, parse(affected.ecosystem, version)
    listed = version in affected.versions or (place is not None and place in _listed(ecosystem, affected.versions))
    if not affected.ranges:
        return _without_ranges(affected, version, listed)
    if listed:
        return Judgement(True, HIGH)
    if place is None:
        return Judgement(None, reason=f'"{version[:60]}" is no version that can be compared')
    answers = [_in_range(ecosystem, item, place) for item in affected.ranges]
    if True in answers:
        return _within(affected, place)
    if None in answers:
        return Judgement(None, reason="the advisory names a version that cannot be compared")
    return NOT_AFFECTED


def _without_ranges(affected: Affected, version: str, listed: bool) -> Judgement:
    if listed:
        return Judgement(True, HIGH)
    if affected.versions:
        return NOT_AFFECTED
    what = "commits only" if affected.has_commits else "no version"
    return Judgement(None, reason=f"the advisory names {what}")


def _within(affected: Affected, place: Any) -> Judgement:
    """In a range and not in the list."""
    if affected.known_up_to:
        text = affected.known_up_to.lstrip("<= ")
        limit = parse(affected.ecosystem, text)
        if limit is not None and (place > limit or (place == limit and "=" not in affected.known_up_to)):
            return Judgement(
                True, LOW, f"known in versions {affected.known_up_to}; nobody said whether later ones have it"
            )
    if affected.versions:
        return Judgement(True, MEDIUM, "in the range of the advisory, but not in its list of versions")
    return Judgement(True, HIGH)


@lru_cache(maxsize=20_000)
def _listed(ecosystem: str, texts: tuple[str, ...]) -> frozenset[Any]:
    """The places of listed versions; 1.0 and 1.0.0 are one."""
    return frozenset(place for text in texts if (place := parse(ecosystem, text)) is not None)


def _in_range(ecosystem: str, item: Range, place: Any) -> bool | None:
    """Walk the events in the order of their versions. None when one of them cannot be compared."""
    walk = _walk(ecosystem, item.events)
    if walk is None:
        return None
    events, limits = walk
    if limits and not any(place < limit for limit in limits):
        return False
    inside = False
    for at, kind in events:
        if kind == "introduced":
            inside = inside or at is None or place >= at
        elif kind == "fixed":
            inside = inside and not place >= at
        elif kind == "last_affected":
            inside = inside and not place > at
    return inside


@lru_cache(maxsize=50_000)
def _walk(
    ecosystem: str, written: tuple[tuple[str, str], ...]
) -> tuple[tuple[tuple[Any, str], ...], tuple[Any, ...]] | None:
    """Events in the order of their versions, and limits. None when one of them cannot be compared."""
    events: list[tuple[Any, str]] = []
    limits: list[Any] = []
    for kind, text in written:
        if kind == "introduced" and text == "0":
            events.append((None, kind))  # before everything
        elif kind != "limit" or text != "*":
            at = parse(ecosystem, text)
            if at is None:
                return None
            if kind == "limit":
                limits.append(at)
            else:
                events.append((at, kind))
    return tuple(sorted(events, key=cmp_to_key(_order))), tuple(limits)


def _order(one: tuple[Any, str], other: tuple[Any, str]) -> int:
    """By version, the beginning of all first; what is equal stays as the record has it."""
    if one[0] is None or other[0] is None:
        return (other[0] is None) - (one[0] is None)
    return _compare(one[0], other[0])


def holes_of(known: Sequence[Known], version: str) -> list[Hole]:
    """The holes of a version, and those of which it cannot be said; worst first."""
    families: dict[int, list[tuple[Known, Judgement]]] = {}
    for item in known:
        families.setdefault(item.family, []).append((item, judge(item.affected, version)))
    found = []
    for members in families.values():
        hit = [pair for pair in members if pair[1].affected]
        if hit:
            best = max((judgement for _, judgement in hit), key=lambda judgement: _TRUST[judgement.confidence])
            found.append(_hole(hit, best, _fixed_in([item for item, _ in members], version)))
        elif open_ := [pair for pair in members if pair[1].affected is None]:
            found.append(_hole(open_, open_[0][1], ""))
    return sorted(found, key=lambda hole: (-badness(hole), hole.id))


def holes_of_any(known: Sequence[Known], reason: str) -> list[Hole]:
    """What could be in a package of which the version is not known: the worst of each severity."""
    families: dict[int, list[tuple[Known, Judgement]]] = {}
    for item in known:
        families.setdefault(item.family, []).append((item, Judgement(None, reason=reason)))
    worst: dict[tuple[str, str], Hole] = {}
    for members in families.values():
        hole = _hole(members, members[0][1], "")
        worst.setdefault((hole.severity, hole.kind), hole)
    return sorted(worst.values(), key=lambda hole: (-badness(hole), hole.id))


def upgrade_of(known: Sequence[Known], version: str) -> str:
    """The nearest higher version of which no known hole is said; empty when none is known."""
    return _fixed_in(known, version)


def badness(hole: Hole) -> int:
    """For sorting: malware, then by severity."""
    return 6 if hole.kind == MALWARE else 0 if hole.kind == NOTICE else _BADNESS.get(hole.severity, 2)


def _hole(members: Iterable[tuple[Known, Judgement]], judgement: Judgement, fixed_in: str) -> Hole:
    items = sorted((item for item, _ in members), key=lambda item: item.id)
    named = min(items, key=lambda item: (_KINDS.index(item.kind), not item.id.startswith("GHSA-"), item.id))
    names = dict.fromkeys(name for item in items for name in (item.id, *item.aliases) if name != named.id)
    rated = max(items, key=lambda item: _BADNESS.get(item.severity, 2))
    return Hole(
        id=named.id,
        aliases=tuple(sorted(names)),
        summary=named.summary or next((item.summary for item in items if item.summary), ""),
        severity=rated.severity or next((item.severity for item in items if item.severity), ""),
        score=rated.score,
        cwes=tuple(sorted({cwe for item in items for cwe in item.cwes})),
        kind=min((item.kind for item in items), key=_KINDS.index),
        judgement=judgement,
        fixed_in=fixed_in,
    )


def _fixed_in(known: Sequence[Known], version: str) -> str:
    """The lowest fixed version above that none of these advisories is about."""
    if not known:
        return ""
    ecosystem = known[0].affected.ecosystem
    here = parse(ecosystem, version)
    if here is None:
        return ""
    found: dict[str, Any] = {}
    for item in known:
        for one in item.affected.ranges:
            for kind, text in one.events:
                at = parse(ecosystem, text) if kind == "fixed" else None
                if at is not None and at > here:
                    found[text] = at
    rising = cmp_to_key(_compare)
    for text in sorted(found, key=lambda text: rising(found[text]))[:MOST_TRIED]:
        if all(judge(item.affected, text).affected is False for item in known):
            return text
    return ""


def _compare(one: Any, other: Any) -> int:
    return -1 if one < other else 1 if other < one else 0
