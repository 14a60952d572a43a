"""imported_findings: what other tools found, as far as the user took it over and it still holds. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Partial, Target, table
from secaudit.tables.project._imported import CODE, DEPENDENCY, SECRET, imports_of, stale
from secaudit.tables.project._roles import role_of


class ImportedRow(NamedTuple):
    """One finding of another tool."""

    tool: str
    kind: str
    """`code`, `dependency` or `secret`."""
    rule_id: str
    """The tool's name of its rule, or of the advisory."""
    weakness: str
    """Of code: the same words as in code_findings; `cwe-N` or `other` where there is none."""
    cwe: int
    """0 when the tool names none."""
    severity: str
    confidence: str
    path: str
    """Of a dependency the file that names it, when that is known."""
    line: int
    role: str
    """What the file is for, as in project_files."""
    package: str
    version: str
    affected: str
    """The range of versions, where the tool names no single one."""
    aliases: str
    """Other names of the advisory, with a space between."""
    fixed: str
    """The version to go to, as the tool says."""
    commit_id: str
    """Of a secret in the history."""
    message: str


@table(targets={"project"}, timeout_s=60.0)
def imported_findings(target: Target) -> Iterator[ImportedRow]:
    """Yield one row per finding. No rows never mean that something is sound: perhaps nothing was imported.

    Source: the user's state folder, where `secaudit import` keeps them.

    Raises:
        Partial: files changed since, so that some findings are not known to hold.
    """
    for item in imports_of(target):
        for found in item.fresh:
            yield ImportedRow(
                tool=item.report.tool,
                kind=found.kind,
                rule_id=found.rule_id,
                weakness=found.weakness,
                cwe=found.cwe,
                severity=found.severity,
                confidence=found.confidence,
                path=found.path,
                line=found.line,
                role=role_of(found.path),
                package=found.package,
                version=found.version,
                affected=found.affected,
                aliases=found.aliases,
                fixed=found.fixed,
                commit_id=found.commit_id,
                message=found.message,
            )
    problem = next((text for kind in (CODE, DEPENDENCY, SECRET) if (text := stale(target, kind))), "")
    if problem:
        raise Partial(problem)
