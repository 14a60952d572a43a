"""What each place offers, found out once for all tables that tell about it. Needs --active."""

from __future__ import annotations

from typing import NamedTuple

from secaudit.protocols.tls import hello, survey
from secaudit.tableapi import Net, Partial, Target
from secaudit.tables.network import _tls_places
from secaudit.tables.network._tls_places import Visit


class Surveyed(NamedTuple):
    """One place and what it offers."""

    visit: Visit
    found: survey.Survey


class Surveys(NamedTuple):
    """All places, and what could not be looked at."""

    places: list[Surveyed]
    gaps: list[str]


def surveys(target: Target) -> Surveys:
    """Look at all places that speak TLS.

    Raises:
        NotCovered: it was not asked for, or the consent reaches to none of the places.
        Absent: nothing there speaks TLS.
    """
    target.net.require("active", "listing what a server offers takes up to 150 connections to each port")
    return target.shared("tls-surveys", _all)


def _all(target: Target) -> Surveys:
    net: Net = target.net
    looked = _tls_places.speaking(target)
    gaps = list(looked.gaps)
    found: list[Surveyed] = []
    for number, visit in enumerate(looked.visits):
        if not visit.speaks_tls:
            continue
        target.tell(f"TLS of {visit.label}, {number + 1} of {len(looked.visits)}")
        talk = _tls_places.talk_to(net, visit.place, visit.plain, "active")
        result = survey.run(talk, net.each)
        _agree(visit, result)
        found.append(Surveyed(visit, result))
        if result.stopped:
            gaps.append(f"{visit.label}: {result.stopped}")
    return Surveys(found, gaps)


def _agree(visit: Visit, found: survey.Survey) -> None:
    """What a real handshake was made with is offered, whatever the hellos were told: they may be held off."""
    spoken = "TLSv1.0" if visit.shake.version == "TLSv1" else visit.shake.version
    for code, one in found.versions.items():
        if hello.VERSIONS[code] == spoken and not one.offered:
            one.offered, one.complete, one.how = True, False, f"only in a whole handshake, else: {one.how}"


def finish(surveys: Surveys, unclear: list[str]) -> None:
    """Say what could not be looked at.

    Raises:
        Partial: some places, or some of what they offer.
    """
    gaps = surveys.gaps + unclear
    if gaps:
        more = f" and {len(gaps) - 3} more" if len(gaps) > 3 else ""
        raise Partial("; ".join(gaps[:3])[:600] + more)
