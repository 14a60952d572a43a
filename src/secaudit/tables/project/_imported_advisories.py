"""Holes in packages that other tools named, as rows of dependency_advisories, where our own data do not name them."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.advisories.ecosystems import name_key
from secaudit.tableapi import ImportedFinding, ImportedReport, Target
from secaudit.tables.project._imported import DEPENDENCY, fresh
from secaudit.tables.project._package_model import Package
from secaudit.tables.project._package_places import places_of
from secaudit.tables.project._packages import packages_of
from secaudit.tables.project._roles import role_of

MAX_PLACES = 20
"""Of one package; more places say nothing more."""


class ImportedHole(NamedTuple):
    """One hole at one place."""

    report: ImportedReport
    found: ImportedFinding
    package: Package


def imported_holes(target: Target, known: set[tuple[str, str, str]]) -> Iterator[ImportedHole]:
    """Give what other tools found.

    Args:
        target: the project.
        known: ecosystem, package by `name_key`, and advisory by id or alias, as our own data name them.
    """
    rows = fresh(target, DEPENDENCY)
    if not rows:
        return
    places: dict[tuple[str, str], list[Package]] = {}
    for package in places_of(packages_of(target)):
        places.setdefault((package.ecosystem, name_key(package.ecosystem, package.name)), []).append(package)
    told: set[tuple[str, str, str]] = set()
    for report, found in rows:
        key = name_key(found.ecosystem, found.package)
        names = {(found.ecosystem, key, name) for name in (found.rule_id, *found.aliases.split())}
        if names & (known | told):
            continue
        told |= names
        mine = [
            package
            for package in places.get((found.ecosystem, key), ())
            if not found.version or package.version in ("", found.version)
        ]
        exact = [package for package in mine if package.version] or mine
        for package in exact[:MAX_PLACES] or [_unknown(found)]:
            yield ImportedHole(report, found, package)


def _unknown(found: ImportedFinding) -> Package:
    """A package that no file which we read names."""
    return Package(
        ecosystem=found.ecosystem, name=found.package, version=found.version, requirement="", path=found.path,
        line=found.line, direct=None, scope="", locked=0, hashed=None, source="registry", location="",
        role=role_of(found.path),
    )  # fmt: skip
