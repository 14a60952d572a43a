"""doctor: what this program can see here, and which of its parts are in force."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from secaudit import __version__
from secaudit.app.program import program_path
from secaudit.content import library as library_module
from secaudit.content.root import user_content
from secaudit.engine.registry import table_modules
from secaudit.errors import SecauditError
from secaudit.history.store import runs_folder
from secaudit.reporting.words import count_of
from secaudit.targets.command import find_program

PROGRAMS = (
    ("systemctl", "which services run", "systemd"),
    ("nft", "the firewall rules in force (as root)", "nftables"),
)
"""Programs that some tables run when they are there: name, what it shows, Debian package."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: good, or worth knowing, with what to do."""

    is_good: bool
    text: str
    fix: str | None = None


def examine(content: Sequence[Path] = ()) -> list[Finding]:
    """Look at ourselves."""
    found = [_python(), _content(content), *_overlays(content), _yaml(), _sqlite(), _rights(), _state()]
    for name, shows, package in PROGRAMS:
        try:
            missing = find_program(name) is None
        except PermissionError as error:
            found.append(Finding(False, f"{error.filename} is closed to you, so {name} cannot show {shows}"))
            continue
        if missing:
            found.append(
                Finding(False, f"{name} is not installed, so it cannot show {shows}", f"sudo apt install {package}")
            )
    found.extend(_settings())
    return found


def _python() -> Finding:
    return Finding(True, f"secaudit {__version__}, Python {platform.python_version()}, {program_path()}")


def _content(content: Sequence[Path]) -> Finding:
    try:
        library = library_module.load(content)
    except SecauditError as error:
        return Finding(False, error.message, "secaudit checks lint")
    return Finding(
        True,
        f"content {library.version}: {count_of(len(library.checks), 'check')},"
        f" {count_of(len(library.objectives), 'objective')}, {count_of(len(library.standards), 'standard')},"
        f" {count_of(len(library.profiles), 'profile')}, {count_of(len(table_modules()), 'table')}",
    )


def _overlays(content: Sequence[Path]) -> list[Finding]:
    try:
        library = library_module.load(content)
    except SecauditError:
        return []
    own = user_content()
    where = f"your own content: {own}" + ("" if os.path.isdir(own) else " (none yet)")
    return [Finding(True, where), *(Finding(True, f"in force from {path}: {name}") for name, path in library.overlaid)]


def _yaml() -> Finding:
    import yaml

    if hasattr(yaml, "CBaseLoader"):
        return Finding(True, f"PyYAML {yaml.__version__} with libyaml")
    return Finding(
        False, "PyYAML has no libyaml, so content loads ten times slower", "pip install --force-reinstall PyYAML"
    )


def _sqlite() -> Finding:
    if sqlite3.sqlite_version_info >= (3, 37, 0):
        return Finding(True, f"SQLite {sqlite3.sqlite_version}")
    return Finding(False, f"SQLite {sqlite3.sqlite_version} is too old, 3.37 is needed", "use a newer Python")


def _rights() -> Finding:
    if os.geteuid() == 0:
        return Finding(True, "running as root: nothing is hidden")
    return Finding(False, 'not root: some checks will be "could not check"', f"sudo {program_path()} audit")


def _state() -> Finding:
    folder = runs_folder()
    place = folder
    while not os.path.exists(place):
        place = place.parent
    if os.access(place, os.W_OK):
        return Finding(True, f"runs are kept in {folder}")
    return Finding(False, f"runs cannot be kept: {place} is not writable", "SECAUDIT_STATE=/path secaudit audit")


def _settings() -> list[Finding]:
    names = ("SECAUDIT_STATE", "SECAUDIT_CACHE", "SECAUDIT_ACCESSIBLE", "NO_COLOR", "FORCE_COLOR")
    return [Finding(True, f"setting {name}={os.environ[name]} (environment)") for name in names if os.environ.get(name)]
