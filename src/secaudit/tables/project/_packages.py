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
from secaudit.tables.project._package_links import link_packages
from secaudit.tables.project._package_model import (
    MAX_PACKAGES,
    Document,
    Format,
    Manifest,
    Package,
    Unreadable,
)
from secaudit.tables.project._roles import role_of

__all__ = ["Manifest", "Package", "Packages", "packages_of"]

FILE_LIMIT_BYTES = 16 * 1024 * 1024
"""A lock file of 3,000 packages has about 2 MB."""
TOTAL_LIMIT_BYTES = 256 * 1024 * 1024
MAX_MANIFESTS = 5_000
ASIDE = frozenset({"test", "example", "docs"})
"""A file in such a folder that cannot be read is said in its row, but leaves the answer about the project whole."""


class Packages(NamedTuple):
    """All that was found, and what could not be read."""

    found: tuple[Package, ...]
    manifests: tuple[Manifest, ...]
    problem: TableProblem | None


def packages_of(target: Target) -> Packages:
    """The packages of the project, made once in a run."""
    return target.shared("project packages", _collect)


@lru_cache(maxsize=1)
def _formats() -> tuple[tuple[Format, ...], re.Pattern[str]]:
    """All formats, and one pattern that tells which of them a path has."""
    found: list[Format] = []
    for module in pkgutil.iter_modules(here.__path__):
        if module.name.startswith("_pkg_"):
            found.extend(importlib.import_module(f"{here.__name__}.{module.name}").FORMATS)
    parts = []
    for number, each in enumerate(found):
        names = "|".join(re.escape(name).replace(r"\*", "[^/]*") for name in each.names)
        parts.append(f"(?P<f{number}>{names})")
    return tuple(found), re.compile("(?:^|.*/)(?:" + "|".join(parts) + ")", re.DOTALL)


def format_of(path: str) -> Format | None:
    """The format of a file by its name; None when it names no packages."""
    formats, pattern = _formats()
    match = pattern.fullmatch(path)
    return formats[int(match.lastgroup[1:])] if match and match.lastgroup else None


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
    manifests, found = link_packages(collector.manifests, collector.packages)
    return Packages(tuple(found), tuple(manifests), Partial("; ".join(problems[:3])) if problems else None)


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
            data = read_content(self.target, self.files, entry, min(FILE_LIMIT_BYTES, self._left))
        except FileNotFoundError:  # a link, or gone since it was listed
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
            self._fail(entry, kind, role, "failed", str(problem))
            return []
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as problem:
            # the file of a stranger: whatever its form, it must not end the audit
            self._fail(entry, kind, role, "failed", f"it has not the form of {kind.name} ({type(problem).__name__})")
            return []
        for wanted in document.includes:
            if wanted not in self._by_path:
                document.note(f"it includes {wanted}, which is not in the project")
        self.packages.extend(document.packages)
        self.manifests.append(document.result(kind.name, entry.tracking))
        return document.includes

    def _fail(self, entry: Listed, kind: Format, role: str, status: str, reason: str) -> None:
        self.manifests.append(
            Manifest(entry.path, kind.ecosystem, kind.name, kind.kind, status, reason, entry.tracking, role)
        )


def _folder_role(path: str) -> str:
    """What the folder is for; the file's own name would make each lock file `lock` and each .txt `docs`."""
    return role_of(posixpath.join(posixpath.dirname(path), "file.py"))
