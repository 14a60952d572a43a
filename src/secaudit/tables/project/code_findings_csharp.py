"""code_findings_csharp: weak places in the C# code of a project. Not in osquery."""

from __future__ import annotations

from typing import Iterator

from secaudit.tableapi import Target, table
from secaudit.tables.project._code import CodeFinding, findings_of


@table(targets={"project"}, timeout_s=120.0)
def code_findings_csharp(target: Target) -> Iterator[CodeFinding]:
    """Yield one row per place and weakness. Nothing of the project is run.

    Source: rules of our own over the syntax tree, and where values come from inside one function.

    Raises:
        Absent: the project has no C# files.
        Failed: the library ast-grep-py is not installed.
        Partial: some files could not be read or searched.
    """
    yield from findings_of(target, "csharp")
