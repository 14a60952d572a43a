"""Imports that are kept: in the user's state folder, one folder a project, never in the project itself."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_type_hints

from secaudit.errors import StateError
from secaudit.history.store import make_private, runs_folder, write_private
from secaudit.tableapi import ImportedFinding, ImportedReport

SCHEMA = "secaudit.import/1"
LIMIT_BYTES = 128 * 1024 * 1024
MAX_IMPORTS = 50
"""Of one project."""

_NAME = re.compile(r"[0-9a-f]{12}\.json\Z")


class ImportsClosed(StateError):
    """The folder of imports belongs to somebody else, as when a home folder is another user's."""


def folder_of(project: str) -> Path:
    """Where the imports of a project are kept, by the real path of its folder."""
    name = hashlib.sha256(os.path.realpath(project).encode("utf-8", "surrogateescape")).hexdigest()[:24]
    return runs_folder().parent / "imports" / name


def keep(project: str, report: ImportedReport) -> None:
    """Keep an import; one of the same tool's same file replaces it.

    Raises:
        StateError: there are too many, or it cannot be written.
    """
    folder = folder_of(project)
    if len(_names(folder) - {f"{report.id}.json"}) >= MAX_IMPORTS:
        raise StateError(f"{MAX_IMPORTS} imports are kept already", (("fix", "secaudit import --remove all"),))
    rows = [item._asdict() for item in report.findings]
    data = {"schema": SCHEMA, "project": os.path.realpath(project), **report._asdict(), "findings": rows}
    try:
        make_private(folder.parent)
        make_private(folder)
        write_private(folder / f"{report.id}.json", ((json.dumps(data, ensure_ascii=True) + "\n").encode(),))
    except OSError as error:
        raise StateError(f"{folder}: {error.strerror or error}", (("fix", "choose another SECAUDIT_STATE"),)) from error


def kept(project: str) -> tuple[ImportedReport, ...]:
    """The imports of a project, the oldest first.

    Raises:
        StateError: one cannot be read. It is not passed over: what it says would be missing without a word.
    """
    folder = folder_of(project)
    found = [_load(folder / name) for name in sorted(_names(folder))]
    return tuple(sorted(found, key=lambda item: (item.imported_s, item.id)))


def remove(project: str, name: str) -> int:
    """Remove one by its id, how it begins, or its tool; `all` removes every one. Gives how many."""
    folder = folder_of(project)
    count = 0
    for file in sorted(_names(folder)):
        fits = name == "all" or (len(name) >= 4 and file.startswith(name))
        if not fits:
            with contextlib.suppress(StateError):
                fits = _load(folder / file).tool.lower() == name.lower()
        if fits:
            (folder / file).unlink()
            count += 1
    return count


def _names(folder: Path) -> set[str]:
    try:
        return {name for name in os.listdir(folder) if _NAME.match(name)}
    except FileNotFoundError:
        return set()
    except PermissionError as error:
        raise ImportsClosed(f"{folder}: {error.strerror}", (("fix", "make the folder readable"),)) from error
    except OSError as error:
        raise StateError(f"{folder}: {error.strerror}", (("fix", "make the folder readable"),)) from error


def _load(path: Path) -> ImportedReport:
    hints = (("fix", f"remove it and import again: rm {path}"),)
    try:
        if path.stat().st_size > LIMIT_BYTES:
            raise StateError(f"{path}: too large for an import", hints)
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise StateError(f"{path}: this import cannot be read", hints) from error
    try:
        if data["schema"] != SCHEMA or not all(
            isinstance(key, str) and isinstance(value, str) for key, value in data["marks"].items()
        ):
            raise ValueError
        findings = tuple(_typed(ImportedFinding, row) for row in data["findings"])
        plain = {name: data[name] for name in ImportedReport._fields}
        report: ImportedReport = _typed(ImportedReport, {**plain, "findings": findings}, skip=("marks", "findings"))
        return report
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StateError(f"{path}: this import is damaged", hints) from error


def _typed(kind: Any, row: Mapping[str, Any], skip: tuple[str, ...] = ()) -> Any:
    hints = get_type_hints(kind)
    for name, expected in hints.items():
        if name not in skip and type(row[name]) is not expected:
            raise ValueError(name)
    return kind(**row)
