"""code_unsearched: files of code that no rule was tried on, and why. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._code import engines_over, sources_of
from secaudit.tables.project._listing import incomplete, listing
from secaudit.tables.project._roles import role_of


class CodeUnsearched(NamedTuple):
    """One file that an engine passed over. What is left out by its name or place is in project_files.skipped."""

    engine: str
    language: str
    path: str
    role: str
    """What the file is for, as in project_files."""
    tracking: str
    why: str
    """`pressed` (a program made one long line of it), `large`, `closed` (not readable), or `parser` (it gave up)."""


@table(targets={"project"}, timeout_s=150.0, last=True)
def code_unsearched(target: Target) -> Iterator[CodeUnsearched]:
    """Yield one row per engine and file. Where such a file is part of the program, its language is incomplete.

    Source: the engine over syntax trees.

    Raises:
        Partial: not all files of the project could be listed.
    """
    for language, sources in sources_of(target).items():
        tracking = {source.path: source.tracking for source in sources}
        for run in engines_over(target, language):
            for path, why in run.answer.unsearched:
                yield CodeUnsearched(run.engine, language, path, role_of(path), tracking.get(path, "none"), why)
    problem = incomplete(listing(target))
    if problem is not None:
        raise problem
