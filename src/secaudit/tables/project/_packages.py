"""The packages that the manifests and lock files of a project name, read once for all tables that ask.

Each module `_pkg_*.py` beside this one reads some formats and lists them in FORMATS; there is no list to edit.
Folders with code of others (node_modules, vendor, dist ...) are left out: their manifests are not the project's.
"""

from __future__ import annotations

import importlib
import pkgutil
import posixpath
import re
from functools import lru_cache
from typing import NamedTuple

import secaudit.tables.project as here
from secaudit.tableapi import Partial, TableProblem, Target, TimedOut, TooLarge
from secaudit.tables.project._content import read_content
from secaudit.tables.project._listing import Listed, Listing, listing
from secaudit.tables.project._package_links import Links, link_packages
from secaudit.tables.project._package_model import (
    MAX_PACKAGES,
    Document,
    Format,
    Manifest,
    NotRead,
    Package,
    Unreadable,
)
from secaudit.tables.project._roles import role_of

__all__ = ["Manifest", "Package", "Packages", "packages_of"]

FILE_LIMIT_BYTES = 16 * 1024 * 1024
"""A lock file of 3,000 packages has about 2 MB."""
TOTAL_LIMIT_BYTES = 256 * 1024 * 1024
MAX_MANIFESTS = 5_000
SETTINGS = "settings"
PROGRAMS = ("manage.py", "wsgi.py", "asgi.py", "app.py", "Procfile", "artisan", "server.js")
_MODEL = re.compile(r"(?:^|[/_-])(?:templates?|scaffolds?|skeletons?|cookiecutters?)(?:[/_-]|$)", re.IGNORECASE)
ASIDE = frozenset({"test", "example", "docs"})
"""A file in such a folder that cannot be read is said in its row, but leaves the answer about the project whole."""


class Packages(NamedTuple):
    """All that was found, and what could not be read."""

    found: tuple[Package, ...]
    manifests: tuple[Manifest, ...]
    problem: TableProblem | None
    settings: tuple[Manifest, ...] = ()
    """Files that name no packages, but registries or runtimes: .npmrc, pip.conf, .python-version ..."""

    @property
    def links(self) -> Links:
        """Which lock file serves which manifest."""
        return Links((*self.manifests, *self.settings))


def packages_of(target: Target) -> Packages:
    """The packages of the project, made once in a run."""
    return target.shared("project packages", _collect)


class _Names(NamedTuple):
    """How a path tells its format. Nearly all paths of a project have none, so that must be quick."""

    exact: dict[str, Format]
    endings: tuple[str, ...]
    """Of the names with a pattern."""
    patterns: tuple[tuple[re.Pattern[str], Format], ...]


@lru_cache(maxsize=1)
def _names() -> _Names:
    found: list[Format] = []
    for module in pkgutil.iter_modules(here.__path__):
        if module.name.startswith("_pkg_"):
            found.extend(importlib.import_module(f"{here.__name__}.{module.name}").FORMATS)
    exact = {name: each for each in found for name in each.names if "*" not in name and "/" not in name}
    others = [(name, each) for each in found for name in each.names if "*" in name or "/" in name]
    patterns = tuple(
        (re.compile("(?:.*/)?" + re.escape(name).replace(r"\*", "[^/]*"), re.DOTALL), each) for name, each in others
    )
    return _Names(exact, tuple({posixpath.splitext(name)[1] for name, _ in others}), patterns)


def format_of(path: str) -> Format | None:
    """The format of a file by its name; None when it names no packages."""
    names = _names()
    found = names.exact.get(path.rpartition("/")[2])
    if found is None and path.endswith(names.endings):
        found = next((each for pattern, each in names.patterns if pattern.fullmatch(path)), None)
    return found


def _collect(target: Target) -> Packages:
    files = listing(target)
    collector = _Collector(target, files)
    problems = [files.problem] if files.problem else []
    try:
        collector.run()
    except TimedOut:
        problems.append(f"only {len(collector.manifests)} files that name packages were read in time")
    problems.extend(collector.problems)
    for each in collector.manifests:
        if each.status != "ok" and each.role not in ASIDE:
            problems.append(f"{each.path}: {each.reason}")
    settings = tuple(each for each in collector.manifests if each.kind == SETTINGS)
    manifests = [each for each in collector.manifests if each.kind != SETTINGS]
    found = link_packages(Links((*manifests, *settings)), manifests, collector.packages)
    problem = Partial("; ".join(problems[:3])) if problems else None
    return Packages(tuple(found), tuple(manifests), problem, settings)


class _Collector:
    """Reads file after file; what a file includes comes after it."""

    def __init__(self, target: Target, files: Listing) -> None:
        self.target = target
        self.files = files
        self.manifests: list[Manifest] = []
        self.packages: list[Package] = []
        self.problems: list[str] = []
        self._by_path = {entry.path: entry for entry in files.entries}
        self._left = TOTAL_LIMIT_BYTES

    def run(self) -> None:
        waiting = []
        for entry in self.files.entries:
            kind = format_of(entry.path)
            if kind is not None and _folder_role(entry.path) not in ("vendored", "built"):
                waiting.append((entry, kind))
        waiting.sort(key=lambda pair: pair[0].path)
        seen = {entry.path for entry, _ in waiting}
        for entry, kind in waiting:  # grows while it is read
            if len(self.manifests) >= MAX_MANIFESTS or len(self.packages) >= MAX_PACKAGES:
                self.problems.append(f"there are more than {MAX_MANIFESTS} files or {MAX_PACKAGES} packages")
                return
            for wanted in self._read(entry, kind):
                other = self._by_path.get(wanted)
                if other is not None and wanted not in seen:
                    seen.add(wanted)
                    waiting.append((other, kind))

    def _read(self, entry: Listed, kind: Format) -> list[str]:
        role = _folder_role(entry.path)
        try:
            limit = min(FILE_LIMIT_BYTES, self._left)
            data = read_content(self.target, self.files, entry, limit, listed=kind.kind != SETTINGS)
        except FileNotFoundError:  # gone since it was listed
            return []
        except TooLarge:
            self._fail(
                entry, kind, role, "too large", f"it is larger than {FILE_LIMIT_BYTES >> 20} MB and was not read"
            )
            return []
        except PermissionError:
            self._fail(entry, kind, role, "denied", "it could not be opened")
            return []
        except OSError as problem:
            self._fail(entry, kind, role, "failed", str(problem))
            return []
        self._left -= len(data)
        document = Document(entry.path, data, kind.ecosystem, kind.kind, role)
        try:
            kind.read(document)
        except Unreadable as problem:
            self._fail(entry, kind, role, "not read" if isinstance(problem, NotRead) else "failed", str(problem))
            return []
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as problem:
            # the file of a stranger: whatever its form, it must not end the audit
            self._fail(entry, kind, role, "failed", f"it has not the form of {kind.name} ({type(problem).__name__})")
            return []
        if not document.concerns:
            return []
        for wanted in document.includes:
            if wanted not in self._by_path:
                document.note(f"it includes {wanted}, which is not in the project")
        if document.publishes and self._has_program(document.folder):
            document.publishes = 0
        self.packages.extend(document.packages)
        self.manifests.append(document.result(kind.name, entry.tracking))
        return document.includes

    def _has_program(self, folder: str) -> bool:
        """Whether files of an application that is run on a server lie in the folder."""
        return any(posixpath.join(folder, name) in self._by_path for name in PROGRAMS)

    def _fail(self, entry: Listed, kind: Format, role: str, status: str, reason: str) -> None:
        self.manifests.append(
            Manifest(entry.path, kind.ecosystem, kind.name, kind.kind, status, reason, entry.tracking, role)
        )


def _folder_role(path: str) -> str:
    """What the folder is for; the file's own name would make each lock file `lock` and each .txt `docs`.

    A package file below `templates` is what a generator copies: an example, not what the project uses.
    """
    folder = posixpath.dirname(path)
    role = role_of(posixpath.join(folder, "file.py"))
    return "example" if role == "code" and _MODEL.search(folder) else role
