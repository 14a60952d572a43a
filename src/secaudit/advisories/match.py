"""Does an advisory fit a version? OSV's algorithm, with "cannot be said" as a third answer.

Source: OSV schema 1.7, section "Evaluation".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cmp_to_key, lru_cache
from typing import Any, Iterable, Sequence

from secaudit.advisories import versions
from secaudit.advisories.reading import Known
from secaudit.advisories.record import Affected, Range

HIGH, MEDIUM, LOW = "high", "medium", "low"
_TRUST = {HIGH: 3, MEDIUM: 2, LOW: 1, "": 0}
_BADNESS = {"critical": 5, "high": 4, "medium": 3, "": 2, "low": 1, "none": 0}
"""A hole that nobody rated counts between medium and low."""

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
    is_malware: bool
    judgement: Judgement
    fixed_in: str = ""
    """The nearest version at or above this one that it is not in; empty when none is known."""


NOT_AFFECTED = Judgement(False)


def judge(affected: Affected, version: str) -> Judgement:
    """Whether a version is one of those that an advisory is about.

    Listed versions count, and so do those in a range; ranges of commits cannot be judged.
    """
    ecosystem, place = affected.ecosystem, parse(affected.ecosystem, version)
    listed = version in affected.versions or (
        place is not None and any(parse(ecosystem, item) == place for item in affected.versions)
    )
    if not affected.ranges:
        return _without_ranges(affected, version, listed)
    if listed:
        return Judgement(True, HIGH)
    if place is None:
        return Judgement(None, reason=f'"{version}" is no version that can be compared')
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


def _in_range(ecosystem: str, item: Range, place: Any) -> bool | None:
    """Walk the events in the order of their versions. None when one of them cannot be compared."""
    events: list[tuple[Any, str]] = []
    limits: list[Any] = []
    for kind, text in item.events:
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
    if limits and not any(place < limit for limit in limits):
        return False
    inside = False
    for at, kind in sorted(events, key=cmp_to_key(_order)):
        if kind == "introduced":
            inside = inside or at is None or place >= at
        elif kind == "fixed":
            inside = inside and not place >= at
        elif kind == "last_affected":
            inside = inside and not place > at
    return inside


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
    worst: dict[tuple[str, bool], Hole] = {}
    for members in families.values():
        hole = _hole(members, members[0][1], "")
        worst.setdefault((hole.severity, hole.is_malware), hole)
    return sorted(worst.values(), key=lambda hole: (-badness(hole), hole.id))


def upgrade_of(known: Sequence[Known], version: str) -> str:
    """The nearest higher version of which no known hole is said; empty when none is known."""
    return _fixed_in(known, version)


def badness(hole: Hole) -> int:
    """For sorting: malware, then by severity."""
    return 6 if hole.is_malware else _BADNESS.get(hole.severity, 2)


def _hole(members: Iterable[tuple[Known, Judgement]], judgement: Judgement, fixed_in: str) -> Hole:
    items = sorted((item for item, _ in members), key=lambda item: item.id)
    named = min(items, key=lambda item: (not item.is_malware, not item.id.startswith("GHSA-"), item.id))
    names = dict.fromkeys(name for item in items for name in (item.id, *item.aliases) if name != named.id)
    rated = max(items, key=lambda item: _BADNESS.get(item.severity, 2))
    return Hole(
        id=named.id,
        aliases=tuple(sorted(names)),
        summary=named.summary or next((item.summary for item in items if item.summary), ""),
        severity=rated.severity or next((item.severity for item in items if item.severity), ""),
        score=rated.score,
        cwes=tuple(sorted({cwe for item in items for cwe in item.cwes})),
        is_malware=any(item.is_malware for item in items),
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
    for text in sorted(found, key=lambda text: rising(found[text])):
        if all(judge(item.affected, text).affected is False for item in known):
            return text
    return ""


def _compare(one: Any, other: Any) -> int:
    return -1 if one < other else 1 if other < one else 0
