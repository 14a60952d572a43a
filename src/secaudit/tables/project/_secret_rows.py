"""The search through all files of a project, made once for the tables that ask."""

from __future__ import annotations

from typing import NamedTuple

from secaudit.tableapi import Partial, Target, TimedOut
from secaudit.tables.project._hit import Hit
from secaudit.tables.project._linear import compile_pattern
from secaudit.tables.project._listing import listing
from secaudit.tables.project._reading import contents
from secaudit.tables.project._secret_scan import is_suppressed, place_of, scan


class Found(NamedTuple):
    """One secret of the project, without its value."""

    hit: Hit
    path: str
    tracking: str
    line: int
    column: int
    fingerprint: str
    suppressed: int
    occurrences: int


class Search(NamedTuple):
    """What was found, and what could not be searched."""

    found: tuple[Found, ...]
    problem: str


def search_of(target: Target) -> Search:
    """All secrets of the files that are there now.

    Raises:
        Failed: the library for patterns is not installed.
    """
    return target.shared("project secrets", _search)


def _search(target: Target) -> Search:
    compile_pattern("x")  # without the library nothing can be said
    files = listing(target)
    found: list[Found] = []
    unread: list[str] = []
    cut: list[str] = []
    problem = files.problem
    searched = 0
    try:
        for entry, data in contents(target, files.entries, lambda entry: unread.append(entry.path)):
            searched += 1
            if data:
                found.extend(rows_of_file(target, data, entry.path, entry.tracking, cut))
    except TimedOut:
        problem = f"only {searched} of {len(files.entries)} files were searched in time"
    found.extend(_of_git_config(target, unread, cut))
    if cut and not problem:
        problem = f"more secrets than are listed: {', '.join(cut[:3])}"
    if unread and not problem:
        problem = f"these files could not be read: {', '.join(unread[:3])}"
    return Search(tuple(found), problem)


GIT_CONFIG = ".git/config"
"""Not a file of the project, but whoever copies the folder has it: addresses with logins and extra headers."""


def _of_git_config(target: Target, unread: list[str], cut: list[str]) -> list[Found]:
    try:
        data = target.read_unlisted("/" + GIT_CONFIG, 1024 * 1024)
    except PermissionError:
        unread.append(GIT_CONFIG)
        return []
    except (OSError, TimedOut):
        return []
    return rows_of_file(target, data, GIT_CONFIG, "git", cut)


def rows_of_file(target: Target, data: bytes, path: str, tracking: str, cut: list[str]) -> list[Found]:
    """The secrets of one file, each value of a rule once, at its first place. A file that has more goes to `cut`."""
    grouped: dict[tuple[str, bytes], list[Hit]] = {}
    scanned = scan(data, path)
    if not scanned.is_whole:
        cut.append(path)
    for hit in scanned.hits:
        grouped.setdefault((hit.rule_id, hit.value), []).append(hit)
    rows = []
    for hits in grouped.values():
        first = hits[0]
        line, column = place_of(data, first.start)
        mark = target.fingerprint(first.value)
        bare = first._replace(value=b"")
        rows.append(Found(bare, path, tracking, line, column, mark, int(is_suppressed(data, first.start)), len(hits)))
    return rows


def incomplete_search(search: Search) -> Partial | None:
    """The problem to raise at the end when not everything was searched."""
    return Partial(search.problem) if search.problem else None
