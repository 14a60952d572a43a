"""gha_workflows: the workflows of GitHub Actions, what starts them and what their token may do. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._config_files import words
from secaudit.tables.project._workflows import FROM_FORKS, PRIVILEGED, Job, permissions_of, workflows
from secaudit.tables.project._yaml import get, line_of, pairs, text_of


class GhaWorkflow(NamedTuple):
    """One workflow."""

    path: str
    line: int
    """Of `on`."""
    tracking: str
    role: str
    """`code` for what GitHub runs; else as in project_files."""
    active: int
    """1 in .github/workflows at the top, from where GitHub runs it."""
    name: str
    triggers: str
    """The events, as ` push pull_request `."""
    privileged: str
    """Those of them that a stranger can cause and that give the rights and secrets of the repository."""
    from_forks: int
    """1 when a stranger can start it, by a pull request for example."""
    permissions: str
    """Of the whole workflow: `none`, `read`, `write`, `read-all`, `write-all`, or `default` when nothing is said."""
    permissions_line: int
    writes: str
    """The rights to write that all jobs get, as ` contents packages `."""
    jobs: int
    jobs_without_permissions: int
    """How many jobs have neither rights of their own nor those of the workflow."""


@table(targets={"project"}, timeout_s=30.0)
def gha_workflows(target: Target) -> Iterator[GhaWorkflow]:
    """Yield one row per workflow.

    Source: the workflow syntax of GitHub Actions.

    Raises:
        Absent: there is no workflow.
        Partial: a file could not be read or understood.
    """
    found = workflows(target)
    rows = 0
    for workflow in found.found:
        if workflow.kind != "workflow":
            continue
        rows += 1
        jobs = [Job(workflow, name, key.line, value) for name, key, value in pairs(get(workflow.node, "jobs"))]
        whole = permissions_of(Job(workflow, "", 1, workflow.node))
        yield GhaWorkflow(
            path=workflow.file.path,
            line=line_of(get(workflow.node, "on"), 1),
            tracking=workflow.file.tracking,
            role=workflow.file.role,
            active=workflow.active,
            name=text_of(get(workflow.node, "name"))[:120],
            triggers=words(dict.fromkeys(workflow.triggers)),
            privileged=words(dict.fromkeys(name for name in workflow.triggers if name in PRIVILEGED)),
            from_forks=int(not FROM_FORKS.isdisjoint(workflow.triggers)),
            permissions=whole.level,
            permissions_line=whole.line,
            writes=words(dict.fromkeys(whole.writes)),
            jobs=len(jobs),
            jobs_without_permissions=sum(permissions_of(job).source == "default" for job in jobs),
        )
    found.files.finish(rows=rows > 0)
