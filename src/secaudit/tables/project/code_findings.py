"""code_findings: weak places in the code of a project, in all languages that an engine knows. Not in osquery.

Checks about one language ask its own table (`code_findings_python` ...), which is absent where the project has no such
file and failed where its engine is missing. Here a missing engine of any language leaves the rows incomplete.
"""

from __future__ import annotations

from typing import Iterator

from secaudit.tableapi import Partial, Target, table
from secaudit.tables.project._code import CodeFinding, engines_over, problem_of, rows_of, sources_of
from secaudit.tables.project._listing import incomplete, listing


@table(targets={"project"}, timeout_s=150.0, last=True)
def code_findings(target: Target) -> Iterator[CodeFinding]:
    """Yield one row per place and weakness, language by language. Nothing of the project is run.

    Source: the engines that code_engines names.

    Raises:
        Partial: an engine is missing, failed, or could not read all files.
    """
    problem = incomplete(listing(target))
    for language, sources in sources_of(target).items():
        runs = engines_over(target, language)
        yield from rows_of(sources, runs)
        found = problem_of(runs) if runs else None
        if found is not None:
            problem = problem or Partial(found.reason)
    if problem is not None:
        raise problem
