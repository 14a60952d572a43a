"""code_findings_python: weak places in the Python code of a project. Not in osquery."""

from __future__ import annotations

from typing import Iterator

from secaudit.tableapi import Target, table
from secaudit.tables.project._code import CodeFinding, findings_of


@table(targets={"project"}, timeout_s=120.0)
def code_findings_python(target: Target) -> Iterator[CodeFinding]:
    """Yield one row per place and weakness. Nothing of the project is run or imported.

    Source: our own reading of the syntax tree, and the rules of ruff that come from flake8-bandit.

    Raises:
        Absent: the project has no Python files.
        Failed: ruff is not installed.
        Partial: some files could not be read, or not as Python 3.
    """
    yield from findings_of(target, "python")
