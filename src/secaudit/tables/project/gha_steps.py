"""gha_steps: the steps of GitHub Actions and what they do that matters, composite actions too. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._commands import commands_of
from secaudit.tables.project._config_files import words
from secaudit.tables.project._step_facts import facts_of
from secaudit.tables.project._tasks import task_of_action, task_of_command
from secaudit.tables.project._workflows import PRIVILEGED, Step, jobs_of, steps_of, uses_parts, workflows
from secaudit.tables.project._yaml import get, line_of, text_of


class GhaStep(NamedTuple):
    """One step, or one fact about it when it has several."""

    path: str
    line: int
    """Where the fact stands, or `uses`, or the step."""
    tracking: str
    role: str
    """`code` for what GitHub runs; else as in project_files."""
    active: int
    """1 when GitHub runs it from here."""
    kind: str
    """`workflow`, or `action` for a composite action of the project."""
    job: str
    step: int
    """From 0."""
    name: str
    triggers: str
    """The events of the workflow, as ` push pull_request `."""
    privileged: int
    """1 when one of them lets a stranger start it with the rights and secrets of the repository."""
    publishes: int
    """1 when a step of this job publishes the project."""
    uses: str
    uses_line: int
    owner: str
    """Lower case; empty for an action of this repository, and for images."""
    pinned: str
    """`sha`, `tag`, `branch`, `local`, `digest`, `image` (without digest), `none`; empty for `run`."""
    same_owner: int
    """1 when the action belongs to the owner of this repository."""
    task: str
    """`test`, `scan`, `publish`, or empty."""
    fact: str
    """One word, or empty: `injection`, `input-injection`, `checkout`, `checkout-keeps-token`, `untrusted-checkout`,
    `env-file`,
    `all-secrets`, `unsecure-commands`, `long-lived-key`, `cache`, `pipe-to-shell`, `pipe-to-shell-http`,
    `no-verify`, `http-download`,
    `insecure-login`, `world-writable`, `setuid`, `sudo-without-password`, `account-password`."""
    detail: str
    """A name, a host or a flag. Never a value that may be secret."""


@table(targets={"project"}, timeout_s=60.0)
def gha_steps(target: Target) -> Iterator[GhaStep]:
    """Yield one row per step and fact.

    Source: the workflow syntax of GitHub Actions and its pages about security.

    Raises:
        Absent: there is no workflow and no composite action.
        Partial: a file could not be read or understood.
    """
    found = workflows(target)
    rows = 0
    for workflow in found.found:
        for job in jobs_of(workflow):
            steps = list(steps_of(job))
            tasks = [task_of(step) for step in steps]
            publishes = int("publish" in tasks)
            for step, task in zip(steps, tasks, strict=True):
                for row in _rows(step, task, publishes, found.owner):
                    rows += 1
                    yield row
    found.files.finish(rows=rows > 0)


def task_of(step: Step) -> str:
    """What a step is for: the weightiest of its commands."""
    uses = text_of(get(step.node, "uses"))
    if uses:
        return task_of_action(uses)
    tasks = {task_of_command(command) for command in commands_of(text_of(get(step.node, "run")))}
    return next((task for task in ("publish", "scan", "test") if task in tasks), "")


def _rows(step: Step, task: str, publishes: int, owner: str) -> Iterator[GhaStep]:
    workflow = step.job.workflow
    uses = uses_parts(text_of(get(step.node, "uses")))
    place = line_of(get(step.node, "uses") or get(step.node, "run"), step.node.line)
    for fact, line, detail in dict.fromkeys(facts_of(step)) or [("", place, "")]:
        yield GhaStep(
            path=workflow.file.path,
            line=line,
            tracking=workflow.file.tracking,
            role=workflow.file.role,
            active=workflow.active,
            kind=workflow.kind,
            job=step.job.name[:80],
            step=step.number,
            name=text_of(get(step.node, "name"))[:120],
            triggers=words(dict.fromkeys(workflow.triggers)),
            privileged=int(not PRIVILEGED.isdisjoint(workflow.triggers)),
            publishes=publishes,
            uses=uses.text[:200],
            uses_line=place,
            owner=uses.owner,
            pinned=uses.pinned if uses.text else "",
            same_owner=int(bool(owner) and uses.owner == owner),
            task=task,
            fact=fact,
            detail=detail[:120],
        )
