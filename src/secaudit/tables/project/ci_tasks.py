"""ci_tasks: what the CI of a project runs: tests, searches for faults, publishing. Not in osquery."""

from __future__ import annotations

import posixpath
from typing import Iterator, NamedTuple

from secaudit.tableapi import Partial, TableProblem, Target, table
from secaudit.tables.project._commands import commands_of
from secaudit.tables.project._config_files import config_files
from secaudit.tables.project._gitlab import RESERVED, gitlab
from secaudit.tables.project._gitlab_facts import scripts_of
from secaudit.tables.project._tasks import task_of_command
from secaudit.tables.project._workflows import jobs_of, steps_of, workflows
from secaudit.tables.project._yaml import get, pairs, texts_of
from secaudit.tables.project.gha_steps import task_of

OTHERS = {
    "jenkinsfile": "jenkins", ".travis.yml": "travis", "azure-pipelines.yml": "azure", "azure-pipelines.yaml": "azure",
    "bitbucket-pipelines.yml": "bitbucket", ".drone.yml": "drone", ".woodpecker.yml": "woodpecker",
    "appveyor.yml": "appveyor",
    ".appveyor.yml": "appveyor", ".cirrus.yml": "cirrus", "cloudbuild.yaml": "google", "cloudbuild.yml": "google",
    "buildspec.yml": "aws",
    ".pre-commit-config.yaml": "pre-commit",
}  # fmt: skip
"""Files of other systems by name. Their lines are read as commands, which finds less than their own grammar would."""


class CiTask(NamedTuple):
    """One step whose purpose is known, or one CI file in which none was."""

    path: str
    line: int
    system: str
    """`github`, `gitlab`, `circleci`, `jenkins`, `travis`, `azure`, `bitbucket` ..."""
    job: str
    task: str
    """`test`, `scan` (for faults in code, packages, images or secrets), `publish`, or empty."""


@table(targets={"project"}, timeout_s=60.0)
def ci_tasks(target: Target) -> Iterator[CiTask]:
    """Yield one row per step whose purpose is known. No row: there is no CI file that we know.

    Source: the names of programs and actions.

    Raises:
        Partial: a file could not be read or understood.
    """
    problems: list[str] = []
    yield from _github(target, problems)
    yield from _gitlab(target, problems)
    yield from _others(target, problems)
    if problems:
        raise Partial("; ".join(problems)[:400])


def _end(finish: object, problems: list[str]) -> None:
    try:
        finish()  # type: ignore[operator]
    except Partial as problem:
        problems.append(problem.reason)
    except TableProblem:
        pass


def _github(target: Target, problems: list[str]) -> Iterator[CiTask]:
    found = workflows(target)
    for workflow in found.found:
        if workflow.kind != "workflow" or not workflow.active:
            continue
        yield CiTask(workflow.file.path, 1, "github", "", "")
        for job in jobs_of(workflow):
            if "codeql" in " ".join(texts_of(get(job.node, "uses"))).lower():
                yield CiTask(workflow.file.path, job.line, "github", job.name[:80], "scan")
            for step in steps_of(job):
                task = task_of(step)
                if task:
                    yield CiTask(workflow.file.path, step.node.line, "github", job.name[:80], task)
    _end(found.files.finish, problems)


_SCAN_TEMPLATES = ("sast", "secret-detection", "dependency-scanning", "container-scanning", "dast", "security/")


def _gitlab(target: Target, problems: list[str]) -> Iterator[CiTask]:
    found = gitlab(target)
    for entry in found.found:
        yield CiTask(entry.file.path, 1, "gitlab", "", "")
        include = get(entry.node, "include")
        for node in (include.items if include.kind == "list" else [include]) if include is not None else []:
            for name in ("template", "component"):
                for text in texts_of(get(node, name)):
                    if any(mark in text.lower() for mark in _SCAN_TEMPLATES):
                        yield CiTask(entry.file.path, node.line, "gitlab", text[:80], "scan")
        for name, key, value in pairs(entry.node):
            if value.kind == "map" and name not in RESERVED:
                tasks = {task_of_command(command) for text in scripts_of(value) for command in commands_of(text.text)}
                for task in sorted(tasks - {""}):
                    yield CiTask(entry.file.path, key.line, "gitlab", name[:80], task)
    _end(found.files.finish, problems)


def _others(target: Target, problems: list[str]) -> Iterator[CiTask]:
    def wanted(path: str) -> bool:
        return bool(OTHERS.get(path.lower())) or path in (".circleci/config.yml", ".circleci/config.yaml")

    files = config_files(target, wanted, "other CI file")
    for file in files.found:
        system = OTHERS.get(posixpath.basename(file.path).lower()) or "circleci"
        if system != "pre-commit":
            yield CiTask(file.path, 1, system, "", "")
        seen = set()
        for number, line in enumerate(file.text.split("\n")[:5000], 1):
            for command in commands_of(
                line.strip()
                .lstrip("- ")
                .removeprefix("id: ")
                .removeprefix("run: ")
                .removeprefix("command: ")
                .strip("'\"")
            ):
                words = command.words
                inner = [word for word in words if word not in ("sh", "bat", "script:", "bash:", "-")]
                task = task_of_command(command._replace(words=tuple(inner))) if inner else ""
                if task and task not in seen:
                    seen.add(task)
                    yield CiTask(file.path, number, system, "", task)
    _end(files.finish, problems)
