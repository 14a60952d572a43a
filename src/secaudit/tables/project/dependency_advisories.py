"""dependency_advisories: known holes in the packages that the project uses. Not in osquery."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Iterator, NamedTuple

from secaudit.advisories.ecosystems import name_key
from secaudit.tableapi import Absent, Partial, Target, table
from secaudit.tables.project._advisories import Hit, advisories_of, check_any, why_incomplete
from secaudit.tables.project._imported import DEPENDENCY, stale
from secaudit.tables.project._imported_advisories import ImportedHole, imported_holes
from secaudit.tables.project._package_places import is_runtime


class DependencyAdvisory(NamedTuple):
    """One hole in one package at one place, or one that cannot be ruled out."""

    ecosystem: str
    """As OSV names it: PyPI, npm, Packagist, RubyGems, Go, crates.io, Maven, NuGet."""
    name: str
    version: str
    """Empty when no file says which version is used."""
    path: str
    line: int
    direct: int | None
    """1 when the project itself asks for the package, 0 when another package does, NULL when that cannot be told."""
    scope: str
    """As in project_dependencies."""
    runtime: int
    """1 when the package is part of what is delivered, 0 when it serves those who build and test."""
    role: str
    """What the folder of the file is for: code, test, docs, example."""
    library: int
    """1 when the file is of a library that is given to a registry: its users choose the versions, not it."""
    advisory_id: str
    aliases: str
    """Other names of the same hole, with commas."""
    summary: str
    """Of the public list, cut to 160 characters."""
    kind: str
    """`hole`; `malware` when the package itself is made to do harm; `notice` when nobody looks after it any more, or
    the list tells something else that is no hole."""
    severity: str
    """critical, high, medium, low, none, or `unrated` when the list does not tell."""
    score: str
    """The CVSS base score, 0.0 to 10.0; empty without a vector."""
    cwe: str
    """CWE-79, with commas."""
    affected: int | None
    """1 when the version has the hole; NULL when that cannot be said. Versions without it have no row."""
    confidence: str
    """high; medium: in the range of the advisory and not in its list of versions, or not from the registry; low:
    later than the versions that are known to have it; empty when it cannot be said."""
    reason: str
    """Why it cannot be said, or why the confidence is not high."""
    fixed_in: str
    """The nearest version at or above this one without this hole; empty when none is known."""
    upgrade_to: str
    """The nearest version above this one without any known hole; empty when none is known."""
    data_date: str
    """The day that the data speaks for, RFC 3339."""


@table(targets={"project"}, timeout_s=60.0)
def dependency_advisories(target: Target) -> Iterator[DependencyAdvisory]:
    """Yield one row per hole, package and file, from the advisories that `secaudit advisories` keeps.

    Source: OSV records, and what was imported from other tools; the packages are those of project_dependencies.

    Raises:
        Absent: the project names no packages of others.
        Partial: there is no data for an ecosystem that the project uses, or a file of packages could not be read.
    """
    answer = advisories_of(target)
    check_any(target, answer, Absent)
    known = {
        (hit.package.ecosystem, name_key(hit.package.ecosystem, hit.package.name), name)
        for hit in answer.hits
        if hit.hole.judgement.affected  # what we could not judge, another tool may have
        for name in (hit.hole.id, *hit.hole.aliases)
    }
    for hit in answer.hits:
        yield _row(hit)
    for hole in imported_holes(target, known):
        yield _imported_row(hole)
    if problem := stale(target, DEPENDENCY):
        raise Partial(problem)
    if reason := why_incomplete(answer):
        raise Partial(reason)


def _imported_row(hole: ImportedHole) -> DependencyAdvisory:
    package, found = hole.package, hole.found
    day = datetime.fromtimestamp(hole.report.made_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    named = found.version or f"{found.affected or 'versions of this package'}"
    return DependencyAdvisory(
        ecosystem=package.ecosystem,
        name=package.name,
        version=package.version or found.version,
        path=package.path or found.path,
        line=package.line,
        direct=package.direct,
        scope=package.scope,
        runtime=is_runtime(package.scope),
        role=package.role,
        library=0,
        advisory_id=found.rule_id,
        aliases=", ".join(found.aliases.split()),
        summary=found.message[:160],
        kind="hole",
        severity=found.severity,
        score="",
        cwe=f"CWE-{found.cwe}" if found.cwe else "",
        affected=1,
        confidence="high" if found.version else "medium",
        reason=f"imported from {hole.report.tool}, which names {named}",
        fixed_in=found.fixed,
        upgrade_to="",
        data_date=day,
    )


def _row(hit: Hit) -> DependencyAdvisory:
    package, hole = hit.package, hit.hole
    affected, confidence, reason = hole.judgement.affected, hole.judgement.confidence, hole.judgement.reason
    if affected and package.source in ("git", "url") and confidence == "high":
        confidence, reason = "medium", f"it comes from {package.source}, not from the registry"
    return DependencyAdvisory(
        ecosystem=package.ecosystem,
        name=package.name,
        version=package.version,
        path=package.path,
        line=package.line,
        direct=package.direct,
        scope=package.scope,
        runtime=is_runtime(package.scope),
        role=package.role,
        library=hit.library,
        advisory_id=hole.id,
        aliases=", ".join(hole.aliases),
        summary=hole.summary,
        kind=hole.kind,
        severity="critical" if hole.kind == "malware" else hole.severity or "unrated",
        score=hole.score,
        cwe=", ".join(f"CWE-{number}" for number in hole.cwes),
        affected=None if affected is None else int(affected),
        confidence=confidence,
        reason=reason,
        fixed_in=hole.fixed_in,
        upgrade_to=hit.upgrade_to,
        data_date=hit.as_of,
    )
