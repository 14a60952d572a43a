"""sbom: the parts of a project, out of its tables, for a parts list."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from secaudit.app.auditing import AuditRequest, Clock, collect_tables, utc_now
from secaudit.app.opening import open_target
from secaudit.errors import TargetError
from secaudit.model import TableData
from secaudit.reporting.parts import Part, PartsList

DEPENDENCIES, DETAILS = "project_dependencies", "project_package_details"
MANIFESTS, LICENCES = "project_manifests", "project_licenses"
TABLES = frozenset({DEPENDENCIES, DETAILS, MANIFESTS, LICENCES})
Row = dict[str, Any]


@dataclass
class _Found:
    """A part while its rows are put together."""

    part: Part
    lines: list[str] = field(default_factory=list)


def parts_of(folder: Path, clock: Clock = utc_now) -> tuple[PartsList, list[str]]:
    """The parts list of a project.

    Args:
        folder: its top.
        clock: the time; SOURCE_DATE_EPOCH wins, so that a build gives the same bytes again.

    Returns:
        The list, and notes: what could not be read, and what is left out.

    Raises:
        TargetError: this is no project, or nothing in it names packages.
    """
    access = open_target(None, folder)
    snapshot = collect_tables(access, set(TABLES), (), clock, AuditRequest(), None)
    tables = {table.name: table for table in snapshot.tables}
    manifests = _rows(tables[MANIFESTS])
    problems = [f"{row['path']}: {row['reason'] or row['status']}" for row in manifests
                if row["status"] != "ok" and row["role"] == "code"]  # fmt: skip
    if tables[MANIFESTS].reason and not problems:
        problems.append(str(tables[MANIFESTS].reason))
    if not manifests and not problems:
        hints = (("known", "package-lock.json, poetry.lock, requirements.txt and others, see docs/sbom.md"),)
        raise TargetError(f"{folder}: no file here names packages (argument TARGET)", hints)
    parts, left_out = _parts(tables)
    notes = [f"{text} (its parts are missing)" for text in problems]
    if left_out:
        notes.append(f"{left_out} entries of tests, examples and documentation are left out")
    top = next((row for row in manifests if "/" not in row["path"] and row["name"]), None)
    return (
        PartsList(
            name=str(top["name"]) if top else access.name,
            version=str(top["version"]) if top else "",
            licence=_own_licence(tables[LICENCES]),
            made=_moment(clock),
            parts=tuple(parts),
            files=tuple(sorted(str(row["path"]) for row in manifests if row["role"] == "code")),
            problems=tuple(problems),
            left_out=left_out,
        ),
        [*access.notes, *notes],
    )


def _moment(clock: Clock) -> datetime:
    wanted = os.environ.get("SOURCE_DATE_EPOCH", "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 12:
        return datetime.fromtimestamp(int(wanted), UTC)
    return clock().astimezone(UTC).replace(microsecond=0)


def _rows(table: TableData) -> list[Row]:
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def _own_licence(table: TableData) -> str:
    """What the manifest says wins; a LICENSE file cannot tell `or later`."""
    own = [row for row in _rows(table) if row["subject"] == "project" and "/" not in row["path"] and row["spdx"]]
    own.sort(key=lambda row: row["origin"] != "manifest")
    return str(own[0]["spdx"]) if own else ""


def _parts(tables: dict[str, TableData]) -> tuple[list[Part], int]:
    """One part for each package and version, and how many rows were left out.

    A manifest's own line counts only where no lock file says what was chosen.
    """
    licences = {
        (row["ecosystem"], row["name"], row["version"]): str(row["spdx"] or row["licence"])
        for row in _rows(tables[LICENCES])
        if row["subject"] == "dependency"
    }
    pairs = zip(_rows(tables[DEPENDENCIES]), _rows(tables[DETAILS]), strict=False)
    found: dict[tuple[str, ...], _Found] = {}
    left_out = 0
    for row, details in pairs:
        if row["role"] != "code":
            left_out += 1
            continue
        if (not row["locked"] and row["has_lock"]) or (row["source"] == "path" and not row["version"]):
            continue
        key = tuple(str(row[name]) for name in ("ecosystem", "name", "version", "source", "location", "revision"))
        if key not in found:
            licence = licences.get((key[0], key[1], key[2])) or str(details["licence"])
            found[key] = _Found(_part(row, details, licence))
        _merge(found[key], row, details)
    return [each.part for _, each in sorted(found.items())], left_out


def _part(row: Row, details: Row, licence: str) -> Part:
    return Part(
        ecosystem=str(row["ecosystem"]), name=str(row["name"]), version=str(row["version"]),
        source=str(row["source"]), location=str(row["location"]), revision=str(row["revision"]), licence=licence,
    )  # fmt: skip


def _merge(found: _Found, row: Row, details: Row) -> None:
    """Put one more place of the same part to it; the widest scope wins."""
    part = found.part
    scope = _scope(str(row["scope"]))
    order = ("required", "optional", "excluded")
    part.scope = scope if not part.scope else min(part.scope, scope, key=order.index)
    part.direct = part.direct or row["direct"] == 1
    part.places.append(f"{row['path']}:{row['line']}")
    if row["requirement"] and not row["version"]:
        part.requirement = str(row["requirement"])
    part.hashes.update(str(details["hashes"]).split())
    part.needs.setdefault(str(row["path"]), set()).update(str(details["requires"]).split())


def _scope(scope: str) -> str:
    if scope in ("runtime", "peer", ""):
        return "required"
    return "optional" if scope == "optional" else "excluded"
