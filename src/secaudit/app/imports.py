"""Take over, list and remove findings of other tools."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from secaudit.app.import_notes import head_of
from secaudit.app.listing import Listing
from secaudit.app.opening import open_target
from secaudit.errors import UsageError
from secaudit.history.fingerprints import load_key
from secaudit.importing import kept as store
from secaudit.importing.intake import Project, Taken, formats, take
from secaudit.reporting.words import count_of
from secaudit.tableapi import ImportedReport
from secaudit.targets.access import Access, read_all
from secaudit.targets.recorder import mark_with

READ_BYTES = 5 * 1024 * 1024
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?\Z")


@dataclass(frozen=True, slots=True)
class Imported:
    """What was taken over from one file, in words."""

    report: ImportedReport
    skipped: int

    def __str__(self) -> str:
        report = self.report
        kinds = {kind: sum(item.kind == kind for item in report.findings) for kind in ("secret", "code", "dependency")}
        counted = ", ".join(f"{count} {kind}" for kind, count in kinds.items() if count)
        total = count_of(len(report.findings), "finding")
        lines = [f"{report.id}  {report.tool}: {total}{f' ({counted})' if counted else ''}"]
        if report.outside:
            lines.append(f"  {report.outside} left out: about files that are not in this project (see --prefix)")
        if report.cut:
            lines.append(f"  {report.cut} left out: too many")
        if self.skipped:
            lines.append(f"  {self.skipped} entries are no findings, or the tool itself could not look there")
        return "\n".join(lines)


def import_file(path: Path, project: Path, name: str | None = None, prefix: str = "") -> Imported:
    """Take over the findings of a file.

    Raises:
        UsageError: the file is none of a format that we know.
        TargetError: the project cannot be opened.
        StateError: it cannot be kept.
    """
    access = open_target(None, project)
    key = load_key()
    if key is None:
        fix = ("fix", "make the state folder writable for you alone, or choose one: SECAUDIT_STATE=/path")
        raise UsageError("values cannot be marked: no key can be kept", (fix,))
    folder = os.path.realpath(project)
    taken = take(
        path, name, Project(folder, prefix, lambda place: _content(access, place), lambda data: mark_with(key, data))
    )
    now_s = int(datetime.now(UTC).timestamp())
    report = ImportedReport(
        id=_id_of(taken, path.name),
        tool=taken.tool,
        tool_version=taken.version,
        format=taken.format,
        file=path.name[:200].encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"),
        sha256=taken.sha256,
        made_s=_made(taken, path, now_s),
        imported_s=now_s,
        commit_id=head_of(access),
        outside=taken.outside,
        cut=taken.cut,
        marks=taken.marks,
        findings=taken.findings,
    )
    store.keep(folder, report)
    return Imported(report, taken.skipped)


def list_imports(project: Path) -> Listing:
    """What is kept for a project."""
    rows: list[tuple[str | int | None, ...]] = [
        (
            item.id, item.tool, item.tool_version, item.format, item.file, len(item.findings), _day(item.made_s),
            _day(item.imported_s), item.commit_id[:12] or None, item.sha256[:16],
        )
        for item in store.kept(str(project))
    ]  # fmt: skip
    known = ", ".join(formats())
    footer = f"{count_of(len(rows), 'import')} of this project" if rows else f"nothing is imported; formats: {known}"
    columns = ("id", "tool", "version", "format", "file", "findings", "made", "imported", "commit", "sha256")
    return Listing(columns, rows, footer)


def remove_imports(project: Path, names: tuple[str, ...]) -> int:
    """Remove by id, tool or `all`; gives how many.

    Raises:
        UsageError: nothing fits a name.
    """
    count = 0
    for name in names:
        removed = store.remove(str(project), name)
        if not removed and name != "all":
            raise UsageError(f'no import "{name}" (option --remove)', (("list", "secaudit import --list"),))
        count += removed
    return count


def _content(access: Access, path: str) -> bytes | None:
    """A file of the project: a regular one inside it, not too large."""
    try:
        descriptor = access.open("/" + path)
    except OSError:
        return None
    try:
        return read_all(descriptor, path, READ_BYTES)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _id_of(taken: Taken, file: str) -> str:
    """The same for the next result of the same tool in a file of the same name, which takes its place."""
    text = "\0".join((taken.tool, taken.format, file))
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def _made(taken: Taken, path: Path, now_s: int) -> int:
    """When the tool ran, by its own word or by the file's time; never later than now."""
    found = _TIME.match(taken.made)
    if found:
        try:
            moment = datetime.fromisoformat(f"{found[1]}{found[2] or 'Z'}")
            return max(0, min(now_s, int(moment.timestamp())))
        except ValueError:
            pass
    return max(0, min(now_s, int(path.stat().st_mtime)))


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
