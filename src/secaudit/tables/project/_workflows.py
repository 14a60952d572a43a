"""The workflows and composite actions of GitHub in a project, read once for the tables that ask."""

from __future__ import annotations

import posixpath
from typing import Iterator, NamedTuple

from secaudit.tableapi import TableProblem, Target
from secaudit.tables.project._config_files import ConfigFile, ConfigFiles, config_files
from secaudit.tables.project._expressions import is_untrusted, uses_of
from secaudit.tables.project._listing import ask_git
from secaudit.tables.project._yaml import Node, Unreadable, get, line_of, listed, load, pairs, text_of, texts_of, truth

PRIVILEGED = frozenset(
    "pull_request_target workflow_run issue_comment issues discussion discussion_comment fork watch pull_request_review"
    " pull_request_review_comment".split()
)
"""Events that a stranger can cause and whose jobs have the rights and secrets of the repository."""
FROM_FORKS = PRIVILEGED | {"pull_request"}


class Workflow(NamedTuple):
    """One workflow, or one composite action (which has one job without name)."""

    file: ConfigFile
    kind: str
    """`workflow` or `action`."""
    active: int
    """1 when GitHub runs it from here."""
    node: Node
    triggers: tuple[str, ...]


class Job(NamedTuple):
    """One job."""

    workflow: Workflow
    name: str
    line: int
    node: Node


class Step(NamedTuple):
    """One step."""

    job: Job
    number: int
    node: Node
    environment: dict[str, bool]
    """Names of variables that are known, in lower case: whether a stranger chose their value."""


class Workflows(NamedTuple):
    """All of them."""

    found: tuple[Workflow, ...]
    files: ConfigFiles
    owner: str
    """Who owns the repository, by its address; lower case, empty when unknown."""


def workflows(target: Target) -> Workflows:
    """The workflows of the project."""
    return target.shared("project workflows", _read)


def is_workflow(path: str) -> bool:
    folder, name = posixpath.split(path)
    return (folder == ".github/workflows" or folder.endswith("/.github/workflows")) and name.endswith((".yml", ".yaml"))


def is_action(path: str) -> bool:
    return posixpath.basename(path) in ("action.yml", "action.yaml")


def _read(target: Target) -> Workflows:
    files = config_files(target, lambda path: is_workflow(path) or is_action(path), "workflow of GitHub Actions")
    found: list[Workflow] = []
    for file in list(files.found):
        workflow_path = is_workflow(file.path)
        try:
            documents = load(file.data, file.path)
        except Unreadable as problem:
            files.trouble(file.path, str(problem))
            continue
        node = documents[0] if documents else None
        if node is None or node.kind != "map":
            if workflow_path and node is not None:
                files.trouble(file.path, "no workflow")
            continue
        if workflow_path:
            active = int(posixpath.dirname(file.path) == ".github/workflows")
            role = "code" if active else file.role
            found.append(Workflow(file._replace(role=role), "workflow", active, node, triggers_of(node)))
        elif text_of(get(node, "runs", "using")) == "composite":
            found.append(Workflow(file, "action", 1, node, ()))
    return Workflows(tuple(found), files, _owner(target))


def _owner(target: Target) -> str:
    try:
        done = ask_git(target, "config", "--local", "--get", "remote.origin.url")
    except (TableProblem, OSError):
        return ""
    url = done.stdout.strip() if done is not None else ""
    _, mark, rest = url.partition("github.com")
    return rest.lstrip(":/").partition("/")[0].lower() if mark else ""


def triggers_of(node: Node) -> tuple[str, ...]:
    """The events of `on`, however it is written. YAML 1.1 would read the word as true; here it stays a word."""
    on = get(node, "on")
    if on is None:
        return ()
    if on.kind == "map":
        return tuple(name for name, _, _ in pairs(on))
    return tuple(texts_of(on))


def jobs_of(workflow: Workflow) -> Iterator[Job]:
    """The jobs of a workflow; the steps of a composite action as one job."""
    if workflow.kind == "action":
        yield Job(workflow, "", 1, get(workflow.node, "runs") or workflow.node)
        return
    for name, key, value in pairs(get(workflow.node, "jobs")):
        if value.kind == "map":
            yield Job(workflow, name, key.line, value)


def steps_of(job: Job) -> Iterator[Step]:
    """The steps of a job, each with the variables that it sees."""
    known: dict[str, bool] = {}
    _learn(known, get(job.workflow.node, "env"))
    if job.workflow.kind == "workflow":
        _learn(known, get(job.node, "env"))
    for number, node in enumerate(listed(get(job.node, "steps"))):
        if node.kind == "map":
            own = dict(known)
            _learn(own, get(node, "env"))
            yield Step(job, number, node, own)


def _learn(known: dict[str, bool], env: Node | None) -> None:
    for name, _, value in pairs(env):
        if value.kind == "text":
            known[name.lower()] = any(
                not use.compared
                and (is_untrusted(use.name) or (use.name.startswith("env.") and known.get(use.name[4:], False)))
                for use in uses_of(value.text)
            )


class Permissions(NamedTuple):
    """What the token of a job may do."""

    source: str
    """`job`, `workflow`, or `default` when the settings of the repository decide."""
    level: str
    """`none`, `read`, `write`, `read-all`, `write-all`, or `default`."""
    writes: tuple[str, ...]
    line: int


def permissions_of(job: Job) -> Permissions:
    """The rights of a job: its own replace those of the workflow."""
    for source, node in (("job", get(job.node, "permissions")), ("workflow", get(job.workflow.node, "permissions"))):
        if node is not None:
            level, writes = _level(node)
            return Permissions(source, level, writes, line_of(node, job.line))
    return Permissions("default", "default", (), job.line)


def _level(node: Node) -> tuple[str, tuple[str, ...]]:
    if node.kind == "text":
        return (node.text if node.text in ("read-all", "write-all") else "none"), ()
    writes = tuple(name for name, _, value in pairs(node) if text_of(value) == "write")
    if writes:
        return "write", writes
    return ("read" if any(text_of(value) == "read" for _, _, value in pairs(node)) else "none"), ()


class Uses(NamedTuple):
    """What `uses:` names."""

    text: str
    owner: str
    """Lower case; empty for a folder of the repository itself and for images."""
    ref: str
    pinned: str
    """`sha`, `tag`, `branch`, `local`, `digest`, `image` (no digest), or `none`."""


def uses_parts(text: str) -> Uses:
    """Take `owner/name/path@ref` apart."""
    if text.startswith(("./", "../")):
        return Uses(text, "", "", "local")
    if text.startswith("docker://"):
        return Uses(text, "", "", "digest" if "@sha256:" in text else "image")
    name, mark, ref = text.partition("@")
    owner = name.partition("/")[0].lower()
    if not mark or not ref:
        return Uses(text, owner, "", "none")
    low = ref.lower()
    if len(low) in (40, 64) and all(char in "0123456789abcdef" for char in low):
        return Uses(text, owner, ref, "sha")
    is_version = (
        low[:1].isdigit()
        or (low[:1] == "v" and low[1:2].isdigit())
        or (any(char.isdigit() for char in low) and "." in low)
    )
    return Uses(text, owner, ref, "tag" if is_version else "branch")


def keeps_strangers_out(condition: str) -> bool:
    """Whether an `if:` lets only commits of the repository itself through."""
    plain = "".join(condition.lower().split())
    return (
        "head.repo.full_name==github.repository" in plain
        or "github.repository==github.event.pull_request.head.repo.full_name" in plain
        or "head_repository.full_name==github.repository" in plain
        or "github.repository==github.event.workflow_run.head_repository.full_name" in plain
        or "head.repo.fork==false" in plain
        or "!github.event.pull_request.head.repo.fork" in plain
        or "head.repo.owner.login==github.repository_owner" in plain
        or "github.event_name!='pull_request_target'" in plain
        or "workflow_run.event=='push'" in plain
        or "workflow_run.event!='pull_request'" in plain
    )


def is_true(node: Node | None) -> bool:
    return truth(node) is True
