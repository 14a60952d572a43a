"""Where the packages of others stand: each version once a file, and no requirement that another file answers.

Where a lock file says which version is used, the manifest beside it need not be asked; where no file says it, nobody
can look it up.
"""

from __future__ import annotations

import posixpath

from secaudit.tables.project._package_model import Manifest, Package
from secaudit.tables.project._packages import Packages

TOOL_SCOPES = frozenset(
    "dev develop development build test tests testing lint linting format style docs doc typing types ci bench qa"
    " tools release".split()
)
"""What serves those who build and test. A group of another name may be delivered, so it counts as delivered."""

Name = tuple[str, str]
"""Ecosystem and name."""


def is_runtime(scope: str) -> int:
    """1 when the package is part of what is delivered."""
    return int(scope.lower() not in TOOL_SCOPES)


def places_of(packages: Packages) -> list[Package]:
    """The places to look at. A place without a version stays only where no other file says the version."""
    known = _Known(packages)
    found: dict[tuple[str, str, str, str], Package] = {}
    for package in packages.found:
        if package.source == "path" or known.is_go_sum(package) or known.is_answered(package):
            continue
        key = (package.ecosystem, package.name, package.version, package.path)
        found[key] = package if key not in found else _joined(found[key], package)
    return list(found.values())


class _Known:
    """What the files of the project say about versions."""

    def __init__(self, packages: Packages) -> None:
        self._manifests: dict[str, Manifest] = {manifest.path: manifest for manifest in packages.manifests}
        self._links = packages.links
        self._locked: dict[str, dict[Name, set[str]]] = {}
        """Lock file -> name -> versions."""
        self._beside: dict[tuple[str, int], dict[Name, set[str]]] = {}
        """Folder and whether it is delivered -> name -> files that say the version."""
        self._serving: dict[str, list[str]] = {}
        for package in packages.found:
            name = (package.ecosystem, package.name)
            if package.locked:
                self._locked.setdefault(package.path, {}).setdefault(name, set()).add(package.version)
            if package.version:
                place = (posixpath.dirname(package.path), is_runtime(package.scope))
                self._beside.setdefault(place, {}).setdefault(name, set()).add(package.path)

    def is_answered(self, package: Package) -> bool:
        """Whether another file says which version this place stands for, so that it tells nothing more.

        A version that a manifest writes down itself counts, unless the lock file has the same.
        """
        name = (package.ecosystem, package.name)
        locked: set[str] = set()
        if not package.locked:
            for path in self._locks_of(package.path):
                locked |= self._locked.get(path, {}).get(name, set())
        if package.version:
            return package.version in locked
        place = (posixpath.dirname(package.path), is_runtime(package.scope))
        return bool(locked) or bool(self._beside.get(place, {}).get(name, set()) - {package.path})

    def is_go_sum(self, package: Package) -> bool:
        """go.sum also names versions that were only looked at; go.mod beside it says what is used."""
        folder, name = posixpath.split(package.path)
        return name == "go.sum" and posixpath.join(folder, "go.mod") in self._manifests

    def _locks_of(self, path: str) -> list[str]:
        if path not in self._serving:
            manifest = self._manifests.get(path)
            locks = self._links.locks_of(manifest) if manifest is not None else []
            self._serving[path] = [lock.path for lock in locks if lock.path != path]
        return self._serving[path]


def _joined(one: Package, other: Package) -> Package:
    """The same version twice in one file: the first line, and what weighs more."""
    direct = max((value for value in (one.direct, other.direct) if value is not None), default=None)
    return one._replace(direct=direct, scope=one.scope if is_runtime(one.scope) else other.scope)
