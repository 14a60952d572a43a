"""Which lock file belongs to which manifest, and which locked packages the project itself asks for."""

from __future__ import annotations

import fnmatch
import posixpath
from typing import Iterable, Iterator

from secaudit.tables.project._package_model import Manifest, Package, name_of_need, normal_name

SERVED_BY = {
    "package.json": ("npm-shrinkwrap.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock"),
    "Pipfile": ("Pipfile.lock",),
    "pyproject.toml": ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock", "requirements.txt"),
    "setup.cfg": ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock", "requirements.txt"),
    "setup.py": ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock", "requirements.txt"),
    "requirements.txt": ("requirements.txt", "pylock.toml", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"),
    "composer.json": ("composer.lock",),
    "Gemfile": ("Gemfile.lock",),
    "go.mod": ("go.sum",),
    "Cargo.toml": ("Cargo.lock",),
    "project file": ("packages.lock.json",),
    "build.gradle": ("gradle.lockfile",),
}
"""Format of a manifest -> formats of lock files, the one that its tool takes first."""
REQUIREMENTS = "requirements.txt"
"""requirements.in is served by requirements.txt, and dev.in by dev.txt."""
SHARED = frozenset({"package.json", "Cargo.toml", "pyproject.toml"})
"""Formats with workspaces: one lock file in a folder above serves all members."""


class Links:
    """The lock files of a project by folder."""

    def __init__(self, manifests: Iterable[Manifest]) -> None:
        self._locks: dict[str, list[Manifest]] = {}
        self._roots: dict[str, list[Manifest]] = {}
        for each in manifests:
            folder = posixpath.dirname(each.path)
            if each.kind == "lock":
                self._locks.setdefault(folder, []).append(each)
            if each.members:
                self._roots.setdefault(folder, []).append(each)

    def locks_of(self, manifest: Manifest) -> list[Manifest]:
        """The first that fits is the one that the tool takes."""
        if manifest.kind == "lock":
            return [manifest] if manifest.status in ("ok", "partial") else []
        wanted = SERVED_BY.get(manifest.format, ())
        folder = posixpath.dirname(manifest.path)
        found = self._in(folder, wanted, _stem(manifest.path) if manifest.format == REQUIREMENTS else "")
        above = folder
        while not found and above and manifest.format in SHARED:
            above = posixpath.dirname(above)
            if any(_is_member(root, above, folder) for root in self._roots.get(above, ())):
                found = self._in(above, wanted)
        return found

    def _in(self, folder: str, wanted: tuple[str, ...], stem: str = "") -> list[Manifest]:
        here = [
            each
            for each in self._locks.get(folder, ())
            if each.format in wanted and (not stem or each.format != REQUIREMENTS or _stem(each.path) == stem)
        ]
        return sorted(here, key=lambda each: wanted.index(each.format))


def _stem(path: str) -> str:
    return posixpath.basename(path).rpartition(".")[0]


def _is_member(root: Manifest, top: str, folder: str) -> bool:
    inside = posixpath.relpath(folder, top or ".")
    return any(
        fnmatch.fnmatchcase(inside, pattern.strip("/").removeprefix("./").replace("**", "*"))
        for pattern in root.members
        if not pattern.startswith("!")
    )


def link_packages(links: Links, manifests: list[Manifest], packages: list[Package]) -> list[Package]:
    """Say of each locked package whether a manifest asks for it and what for, where the lock file itself does not."""
    of_file: dict[str, list[Package]] = {}
    for each in packages:
        of_file.setdefault(each.path, []).append(each)
    asked: dict[str, dict[str, str]] = {}
    for manifest in manifests:
        for lock in links.locks_of(manifest) if manifest.kind == "manifest" else ():
            names = asked.setdefault(lock.path, {})
            for each in of_file.get(manifest.path, ()):
                if each.scope != "build" and names.get(each.name) != "runtime":
                    names[each.name] = each.scope
    scopes = {path: _reached(names, of_file.get(path, ())) for path, names in asked.items()}
    return list(_with_direct(packages, asked, scopes))


def _reached(asked: dict[str, str], locked: Iterable[Package]) -> dict[str, str]:
    """Name -> scope of all that is needed, directly or not; what is needed at run time and else counts as runtime."""
    needs: dict[str, set[str]] = {}
    for each in locked:
        names = (normal_name(each.ecosystem, name_of_need(name)) for name in each.requires)
        needs.setdefault(each.name, set()).update(names)
    found: dict[str, str] = {}
    for wanted in ("runtime", "peer", "optional", "dev"):
        waiting = [name for name, scope in asked.items() if scope == wanted]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = "runtime" if wanted == "peer" else wanted
                waiting.extend(needs.get(name, ()))
    return found


def _with_direct(
    packages: list[Package], asked: dict[str, dict[str, str]], scopes: dict[str, dict[str, str]]
) -> Iterator[Package]:
    for each in packages:
        names = asked.get(each.path)
        if each.locked and each.direct is None and names is not None:
            each = each._replace(direct=int(each.name in names))
        if each.locked and not each.scope:
            each = each._replace(scope=scopes.get(each.path, {}).get(each.name, ""))
        yield each
