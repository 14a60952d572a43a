"""code_engines: which engines looked at which languages of a project. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._code import engines_over, sources_of
from secaudit.tables.project._listing import incomplete, listing


class CodeEngine(NamedTuple):
    """One engine and one language that has files here."""

    engine: str
    language: str
    files: int
    """Files of that language which are searched."""
    status: str
    """`ran`, `missing` (not installed), `failed`, `partial` (some files could not be read), or `imported`."""
    reason: str
    """Why it is not `ran`, with what to do; else empty."""


@table(targets={"project"}, timeout_s=150.0, last=True)
def code_engines(target: Target) -> Iterator[CodeEngine]:
    """Yield one row per engine and language. A language without a row has no engine, so nobody looked at it.

    Source: the engines themselves.

    Raises:
        Partial: not all files of the project could be listed.
    """
    for language in sources_of(target):
        for run in engines_over(target, language):
            yield CodeEngine(run.engine, language, run.files, run.answer.status, run.answer.reason)
    problem = incomplete(listing(target))
    if problem is not None:
        raise problem
