"""Which packages of the project have known holes, looked up once for the tables that ask.

What is looked at is each place where a file fixes or asks for a package. Where a lock file says which version is
used, the manifest beside it is not asked; where no file says it, nothing can be said.
"""

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
from secaudit.tables.project._package_links import Links
from secaudit.tables.project._package_model import Manifest, Package
from secaudit.tables.project._packages import Packages, packages_of

UPDATE = "secaudit advisories update --ecosystem"
DAY_S = 86_400
LOOK_EVERY = 50
"""Packages between two looks at the clock."""

RUNTIME_SCOPES = frozenset(("", "runtime", "optional", "peer"))
"""What is delivered or may be. All others serve those who build and test."""


class Hit(NamedTuple):
    """One hole, or one that cannot be ruled out, in one package at one place."""

    package: Package
    hole: Hole
    upgrade_to: str
    as_of: str


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


def is_runtime(scope: str) -> int:
    """1 when the package is part of what is delivered."""
    return int(scope in RUNTIME_SCOPES)


def _look_up(target: Target) -> Answer:
    packages = packages_of(target)
    by_ecosystem: dict[str, list[Package]] = {}
    for package in places_of(packages):
        by_ecosystem.setdefault(package.ecosystem, []).append(package)
    folder = target.kept(FOLDER)
    hits: list[Hit] = []
    sources: list[Source] = []
    for ecosystem in sorted(by_ecosystem):
        mine = by_ecosystem[ecosystem]
        try:
            facts = _match(target, folder, ecosystem, mine, hits)
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


def _match(target: Target, folder: str | None, ecosystem: str, packages: list[Package], hits: list[Hit]) -> Facts:
    if ecosystem not in ECOSYSTEMS:
        raise _NotOurs
    if folder is None:
        raise NoData
    known: dict[str, list[Known]] = {}
    seen: dict[tuple[str, str, str], tuple[list[Hole], str]] = {}
    mine: list[Hit] = []
    with Reader(folder, ecosystem) as reader:
        for number, package in enumerate(packages):
            if number % LOOK_EVERY == 0:
                target.exists("/")  # raises when time is up
            key = name_key(ecosystem, package.name)
            if key not in known:
                known[key] = reader.about(key)
            if not known[key]:
                continue
            asked = (key, package.version, "" if package.version else package.requirement)
            if asked not in seen:
                seen[asked] = _judged(known[key], package)
            holes, upgrade_to = seen[asked]
            mine.extend(Hit(package, hole, upgrade_to, reader.facts.as_of) for hole in holes)
        hits.extend(mine)
        return reader.facts


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


def places_of(packages: Packages) -> list[Package]:
    """Where packages stand that come from others: each version once a file, and no manifest that a lock answers."""
    manifests = {manifest.path: manifest for manifest in packages.manifests}
    pinned: dict[str, set[tuple[str, str]]] = {}
    by_folder: dict[str, set[str]] = {}
    for package in packages.found:
        if package.version:
            pinned.setdefault(package.path, set()).add((package.ecosystem, package.name))
            by_folder.setdefault(posixpath.dirname(package.path), set()).add(package.path)
    links = Links(packages.manifests)
    serving: dict[str, set[tuple[str, str]]] = {}
    found: dict[tuple[str, str, str, str], Package] = {}
    for package in packages.found:
        if package.source == "path" or _is_go_sum(package, manifests):
            continue
        if not package.locked or not package.version:
            if package.path not in serving:
                serving[package.path] = _answered(package.path, manifests, links, pinned, by_folder)
            if (package.ecosystem, package.name) in serving[package.path]:
                continue
        key = (package.ecosystem, package.name, package.version, package.path)
        found[key] = package if key not in found else _joined(found[key], package)
    return list(found.values())


def _answered(
    path: str, manifests: dict[str, Manifest], links: Links, pinned: dict[str, set[tuple[str, str]]],
    by_folder: dict[str, set[str]],
) -> set[tuple[str, str]]:  # fmt: skip
    """The packages whose version another file says: its lock file, or one in the same folder."""
    manifest = manifests.get(path)
    others = {lock.path for lock in links.locks_of(manifest)} if manifest is not None else set()
    others |= by_folder.get(posixpath.dirname(path), set())
    others.discard(path)
    return set().union(*(pinned.get(other, set()) for other in others))


def _is_go_sum(package: Package, manifests: dict[str, Manifest]) -> bool:
    """go.sum also names versions that were only looked at; go.mod beside it says what is used."""
    folder, name = posixpath.split(package.path)
    return name == "go.sum" and posixpath.join(folder, "go.mod") in manifests


def _joined(one: Package, other: Package) -> Package:
    """The same version twice in one file: the first line, and what weighs more."""
    direct = max((value for value in (one.direct, other.direct) if value is not None), default=None)
    return one._replace(direct=direct, scope=one.scope if is_runtime(one.scope) else other.scope)


def why_incomplete(answer: Answer) -> str:
    """What a table says when hits may be missing; empty when none can."""
    reasons = [source.reason for source in answer.sources if source.status != "ok"]
    return "; ".join([reason for reason in (answer.problem, *reasons) if reason][:3])


def check_any(target: Target, answer: Answer, nothing: type[TableProblem]) -> None:
    """Raise when the project names no package of others and that is certain, and no other tool named one."""
    if not answer.sources and not answer.problem and not fresh(target, DEPENDENCY):
        raise nothing("the project names no packages of others")
