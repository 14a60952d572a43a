"""Which lock file belongs to which manifest, and which locked packages the project itself asks for."""

from __future__ import annotations

import fnmatch
import posixpath
from typing import Iterable, Iterator

from secaudit.tables.project._package_model import Manifest, Package

SERVED_BY = {
    "package.json": ("npm-shrinkwrap.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock"),
    "Pipfile": ("Pipfile.lock",),
    "pyproject.toml": ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock", "requirements.txt"),
    "setup.cfg": ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock", "requirements.txt"),
    "requirements.txt": ("requirements.txt", "pylock.toml", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"),
    "composer.json": ("composer.lock",),
    "Gemfile": ("Gemfile.lock",),
    "go.mod": ("go.sum",),
    "Cargo.toml": ("Cargo.lock",),
    "project file": ("packages.lock.json",),
    "build.gradle": ("gradle.lockfile",),
}
"""Format of a manifest -> formats of lock files, the one that its tool takes first."""
SHARED = frozenset({"package.json", "Cargo.toml", "pyproject.toml"})
"""Formats with workspaces: one lock file in a folder above serves all members."""


def locks_of(manifest: Manifest, manifests: Iterable[Manifest]) -> list[Manifest]:
    """The lock files that serve a manifest: in its folder, else in the nearest folder above that has its workspace."""
    return Links(manifests).locks_of(manifest)


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
        found = self._in(folder, wanted)
        above = folder
        while not found and above and manifest.format in SHARED:
            above = posixpath.dirname(above)
            if any(_is_member(root, above, folder) for root in self._roots.get(above, ())):
                found = self._in(above, wanted)
        return found

    def _in(self, folder: str, wanted: tuple[str, ...]) -> list[Manifest]:
        here = [each for each in self._locks.get(folder, ()) if each.format in wanted]
        return sorted(here, key=lambda each: wanted.index(each.format))


def _is_member(root: Manifest, top: str, folder: str) -> bool:
    inside = posixpath.relpath(folder, top or ".")
    return any(
        fnmatch.fnmatchcase(inside, pattern.strip("/").removeprefix("./").replace("**", "*"))
        for pattern in root.members
        if not pattern.startswith("!")
    )


def link_packages(manifests: list[Manifest], packages: list[Package]) -> tuple[list[Manifest], list[Package]]:
    """Say of each locked package whether a manifest asks for it, where the lock file itself does not."""
    asked: dict[str, set[str]] = {}
    dev: dict[str, set[str]] = {}
    links = Links(manifests)
    scopes = {(each.path, each.name): each.scope for each in packages if not each.locked}
    for manifest in manifests:
        if manifest.kind != "manifest":
            continue
        for lock in links.locks_of(manifest):
            for name, _ in manifest.declared:
                asked.setdefault(lock.path, set()).add(name)
                if scopes.get((manifest.path, name)) not in (None, "runtime", "build"):
                    dev.setdefault(lock.path, set()).add(name)
    return manifests, list(_with_direct(packages, asked, dev))


def _with_direct(packages: list[Package], asked: dict[str, set[str]], dev: dict[str, set[str]]) -> Iterator[Package]:
    for each in packages:
        names = asked.get(each.path)
        if each.locked and each.direct is None and names is not None:
            each = each._replace(direct=int(each.name in names))
        if each.locked and not each.scope and each.direct:
            each = each._replace(scope="dev" if each.name in dev.get(each.path, ()) else "runtime")
        yield each
