"""Findings that the user took over from other tools: which of them still speak of the files of today.

They can only add failures. Where a file changed since, its findings may be mended or have moved, so nothing is said
from them, and the tables that they belong to are not complete until the tool has run again.
"""

from __future__ import annotations

from typing import NamedTuple

from secaudit.tableapi import ImportedFinding, ImportedReport, Target

READ_BYTES = 5 * 1024 * 1024
SECRET, CODE, DEPENDENCY = "secret", "code", "dependency"


class Usable(NamedTuple):
    """One import, sorted."""

    report: ImportedReport
    fresh: tuple[ImportedFinding, ...]
    changed: tuple[ImportedFinding, ...]
    """About files with another content than at the time of the import."""
    gone: int
    """About files that are no more."""


def imports_of(target: Target) -> tuple[Usable, ...]:
    """All imports, sorted once in a run."""
    return target.shared("imports", lambda once: tuple(_sorted(once, report) for report in once.imported()))


def fresh(target: Target, kind: str) -> list[tuple[ImportedReport, ImportedFinding]]:
    """The findings of a kind that still hold, each with its import."""
    return [(item.report, found) for item in imports_of(target) for found in item.fresh if found.kind == kind]


def stale(target: Target, kind: str, paths: set[str] | None = None) -> str:
    """Why the findings of a kind are not complete; empty when they are.

    Args:
        target: the project.
        kind: of findings.
        paths: only findings about these files; None for all.
    """
    for item in imports_of(target):
        count = sum(found.kind == kind and (paths is None or found.path in paths) for found in item.changed)
        if count:
            tool = item.report.tool
            what = "finding is about a file" if count == 1 else "findings are about files"
            return (
                f"{count} imported {what} that changed since: run {tool} and import its result again,"
                f" or secaudit import --remove {item.report.id}"
            )
    return ""


def _sorted(target: Target, report: ImportedReport) -> Usable:
    same = {path: _is_same(target, path, mark) for path, mark in report.marks.items()}
    kept: list[ImportedFinding] = []
    changed: list[ImportedFinding] = []
    gone = 0
    for found in report.findings:
        state = same.get(found.path, 1)  # a finding of the history, or of no file
        if state == 1 or found.commit_id:
            kept.append(found)
        elif state == 0:
            changed.append(found)
        else:
            gone += 1
    return Usable(report, tuple(kept), tuple(changed), gone)


def _is_same(target: Target, path: str, mark: str) -> int | None:
    """1 when the content is the same, 0 when it is another or could not be read, None when the file is no more."""
    try:
        return int(target.fingerprint(target.read_unlisted("/" + path, READ_BYTES)) == mark)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return 0
