"""Which packages of the project have known holes, looked up once for the tables that ask."""

from __future__ import annotations

import calendar
import posixpath
import time
from typing import NamedTuple

from secaudit.advisories.ecosystems import ECOSYSTEMS, name_key
from secaudit.advisories.layout import FOLDER
from secaudit.advisories.match import Hole, holes_of, holes_of_any, upgrade_of
from secaudit.advisories.reading import TIME_FORM, BrokenData, Facts, Known, NoData, Reader
from secaudit.tableapi import TableProblem, Target
from secaudit.tables.project._imported import DEPENDENCY, fresh
from secaudit.tables.project._package_model import Package
from secaudit.tables.project._package_places import places_of
from secaudit.tables.project._packages import packages_of

UPDATE = "secaudit advisories update --ecosystem"
DAY_S = 86_400


class Hit(NamedTuple):
    """One hole, or one that cannot be ruled out, in one package at one place."""

    package: Package
    hole: Hole
    upgrade_to: str
    as_of: str
    library: int
    """1 when the file is of a library, whose users choose the versions; as in project_dependencies."""


class Source(NamedTuple):
    """What is known about one ecosystem that the project uses."""

    ecosystem: str
    packages: int
    unpinned: int
    status: str
    """`ok`, `missing`, `broken` or `unsupported`."""
    reason: str
    facts: Facts | None
    age_days: int | None


class Answer(NamedTuple):
    """All that can be said."""

    hits: tuple[Hit, ...]
    sources: tuple[Source, ...]
    problem: str
    """Why hits may be missing, whatever data there is; empty when none can."""


def advisories_of(target: Target) -> Answer:
    """The holes of the project's packages, made once in a run."""
    return target.shared("project advisories", _look_up)


def _look_up(target: Target) -> Answer:
    packages = packages_of(target)
    by_ecosystem: dict[str, list[Package]] = {}
    for package in places_of(packages):
        by_ecosystem.setdefault(package.ecosystem, []).append(package)
    libraries = {posixpath.dirname(manifest.path) for manifest in packages.manifests if manifest.publishes}
    folder = target.kept(FOLDER)
    hits: list[Hit] = []
    sources: list[Source] = []
    for ecosystem in sorted(by_ecosystem):
        mine = by_ecosystem[ecosystem]
        try:
            facts, found = _match(target, folder, ecosystem, mine)
            hits.extend(hit._replace(library=int(posixpath.dirname(hit.package.path) in libraries)) for hit in found)
            sources.append(_source(ecosystem, mine, "ok", "", facts, target.now_s))
        except NoData:
            reason = f"there is no advisory data for {ecosystem}; run: {UPDATE} {ecosystem}"
            sources.append(_source(ecosystem, mine, "missing", reason))
        except BrokenData as problem:
            sources.append(_source(ecosystem, mine, "broken", f"{problem}; run: {UPDATE} {ecosystem}"))
        except _NotOurs:
            sources.append(_source(ecosystem, mine, "unsupported", f"packages of {ecosystem} cannot be judged"))
    return Answer(tuple(hits), tuple(sources), packages.problem.reason if packages.problem else "")


class _NotOurs(Exception):
    """An ecosystem of which we do not know the order of versions."""


def _match(target: Target, folder: str | None, ecosystem: str, packages: list[Package]) -> tuple[Facts, list[Hit]]:
    """The holes of the packages of one ecosystem.

    Raises:
        NoData, BrokenData, _NotOurs: nothing can be said about it.
        TimedOut: as the target says.
    """
    if ecosystem not in ECOSYSTEMS:
        raise _NotOurs
    if folder is None:
        raise NoData
    known: dict[str, list[Known]] = {}
    seen: dict[tuple[str, str, str], tuple[list[Hole], str]] = {}
    mine: list[Hit] = []
    with Reader(folder, ecosystem) as reader:
        for package in packages:
            key = name_key(ecosystem, package.name)
            if key not in known:
                known[key] = reader.about(key)
            if not known[key]:
                continue
            asked = (key, package.version, "" if package.version else package.requirement)
            if asked not in seen:
                target.exists("/")  # raises when time is up
                seen[asked] = _judged(known[key], package)
            holes, upgrade_to = seen[asked]
            mine.extend(Hit(package, hole, upgrade_to, reader.facts.as_of, 0) for hole in holes)
        return reader.facts, mine


def _judged(known: list[Known], package: Package) -> tuple[list[Hole], str]:
    if not package.version:
        wanted = f' ("{package.requirement[:80]}")' if package.requirement else ""
        return holes_of_any(known, f"no file says which version is used{wanted}"), ""
    holes = holes_of(known, package.version)
    return holes, upgrade_of(known, package.version) if any(hole.judgement.affected for hole in holes) else ""


def _source(
    ecosystem: str, packages: list[Package], status: str, reason: str, facts: Facts | None = None, now_s: int = 0
) -> Source:
    names = {package.name for package in packages}
    unpinned = {package.name for package in packages if not package.version}
    return Source(ecosystem, len(names), len(unpinned), status, reason, facts, _age_days(facts, now_s))


def _age_days(facts: Facts | None, now_s: int) -> int | None:
    """Whole days since the day that the data speaks for; None when it says none, or one that is still to come."""
    if facts is None or not facts.as_of:
        return None
    age_s = now_s - calendar.timegm(time.strptime(facts.as_of, TIME_FORM))
    return None if age_s < -DAY_S else max(0, age_s) // DAY_S


def why_incomplete(answer: Answer) -> str:
    """What a table says when hits may be missing; empty when none can."""
    reasons = [source.reason for source in answer.sources if source.status != "ok"]
    return "; ".join([reason for reason in (answer.problem, *reasons) if reason][:3])


def check_any(target: Target, answer: Answer, nothing: type[TableProblem]) -> None:
    """Raise when the project names no package of others and that is certain, and no other tool named one."""
    if not answer.sources and not answer.problem and not fresh(target, DEPENDENCY):
        raise nothing("the project names no packages of others")
