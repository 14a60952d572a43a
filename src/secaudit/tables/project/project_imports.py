"""project_imports: what was taken over from other tools for this project, and how old it is. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._imported import imports_of
from secaudit.tables.project._listing import ask_git, listing

DAY_S = 86_400


class ProjectImport(NamedTuple):
    """One file of another tool."""

    id: str
    """By which `secaudit import --remove` knows it."""
    tool: str
    tool_version: str
    """Empty when the file does not say it."""
    format: str
    file: str
    sha256: str
    """Of the file."""
    age_days: int
    """Since the tool ran, as far as the file says, else since it was written."""
    commit_id: str
    """HEAD of the project when it was taken over; empty without git."""
    same_commit: int | None
    """1 when HEAD is still that commit; NULL without git."""
    findings: int
    used: int
    """Findings about files that are the same as then, and about no file."""
    changed: int
    """Findings about files that changed since. Nothing is said from them."""
    gone: int
    """Findings about files that are no more."""


@table(targets={"project"}, timeout_s=60.0)
def project_imports(target: Target) -> Iterator[ProjectImport]:
    """Yield one row per import. Imported findings stand in the tables of their kind, with the tool as engine.

    Source: the user's state folder, where `secaudit import` keeps them. Nothing in the project is read as an import.
    """
    head = ""
    if listing(target).uses_git:
        done = ask_git(target, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        head = done.stdout.strip() if done is not None else ""
    for item in imports_of(target):
        report = item.report
        yield ProjectImport(
            id=report.id,
            tool=report.tool,
            tool_version=report.tool_version,
            format=report.format,
            file=report.file,
            sha256=report.sha256,
            age_days=max(0, target.now_s - report.made_s) // DAY_S,
            commit_id=report.commit_id,
            same_commit=int(report.commit_id == head) if report.commit_id and head else None,
            findings=len(report.findings),
            used=len(item.fresh),
            changed=len(item.changed),
            gone=item.gone,
        )
