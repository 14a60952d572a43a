"""code_findings_html: weak places in the page templates of a project. Not in osquery."""

from __future__ import annotations

from typing import Iterator

from secaudit.tableapi import Target, table
from secaudit.tables.project._code import CodeFinding, findings_of


@table(targets={"project"}, timeout_s=60.0)
def code_findings_html(target: Target) -> Iterator[CodeFinding]:
    """Yield one row per place and weakness in files .html and .htm with marks of a template language.

    Source: the documentation of Django's template language, Jinja, Twig and Nunjucks.

    Raises:
        Absent: the project has no such files.
        Partial: some files could not be read.
    """
    yield from findings_of(target, "html")
