"""gitlab_ci_jobs: the jobs of GitLab CI, their images and what they do that matters. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._commands import commands_of
from secaudit.tables.project._dockerfile import image_of
from secaudit.tables.project._gitlab import RESERVED, Gitlab, GitlabFile, effective, gitlab
from secaudit.tables.project._gitlab_facts import facts_of, scripts_of
from secaudit.tables.project._tasks import task_of_command
from secaudit.tables.project._yaml import Node, get, line_of, listed, pairs, text_of


class GitlabJob(NamedTuple):
    """One job, or one fact about it when it has several."""

    path: str
    line: int
    """Where the fact stands, or the job begins."""
    tracking: str
    role: str
    """What the file is for, as in project_files."""
    job: str
    """Empty for what is set for all jobs."""
    template: int
    """1 when its name begins with a dot: others extend it."""
    image: str
    """As written, with what it extends and the default."""
    image_line: int
    pinned: str | None
    """`digest`, `version`, `latest`, `none`, `unset` when no image is named; NULL when a variable decides."""
    docker_service: int
    """1 when a Docker daemon runs beside the job."""
    task: str
    """`test`, `scan`, `publish`, or empty."""
    fact: str
    """One word, or empty: `debug-trace`, `docker-without-tls`, `literal-secret`, `injection`, `pipe-to-shell`,
    `pipe-to-shell-http`,
    `no-verify`, `http-download`, `insecure-login`, `world-writable`, `setuid`, `sudo-without-password`,
    `account-password`."""
    detail: str
    """A name, a host or a flag. Never a value that may be secret."""


@table(targets={"project"}, timeout_s=30.0)
def gitlab_ci_jobs(target: Target) -> Iterator[GitlabJob]:
    """Yield one row per job and fact. What comes from other projects is not read: gitlab_ci_includes names it.

    Source: the CI/CD YAML syntax reference of GitLab.

    Raises:
        Absent: there is no CI file of GitLab.
        Partial: a file could not be read or understood.
    """
    found = gitlab(target)
    for entry in found.found:
        yield from _rows(entry, "", entry.node.line, entry.node, found)
        for name, key, value in pairs(entry.node):
            if value.kind == "map" and (name == "default" or name not in RESERVED):
                yield from _rows(entry, "" if name == "default" else name, key.line, value, found)
    found.files.finish(rows=bool(found.found))


def _rows(entry: GitlabFile, name: str, line: int, node: Node, found: Gitlab) -> Iterator[GitlabJob]:
    full = effective(node, found.jobs)
    image = _image(full)
    if image is None and name and not name.startswith("."):
        image = _image(get(entry.node, "default")) or _image(entry.node)
    written = text_of(image)
    tasks = {task_of_command(command) for script in scripts_of(full) for command in commands_of(script.text)}
    pinned: str | None = "unset"
    if written:
        pinned = "digest" if "@sha256:" in written else None if "$" in written else image_of(written).pinned
    services = [*listed(get(full, "services")), *(listed(get(entry.node, "services")) if name else [])]
    names = [text_of(service) or text_of(get(service, "name")) for service in services]
    row = GitlabJob(
        path=entry.file.path,
        line=line,
        tracking=entry.file.tracking,
        role=entry.file.role,
        job=name[:80],
        template=int(name.startswith(".")),
        image=written[:200],
        image_line=line_of(image, line),
        pinned=pinned,
        docker_service=int(any("dind" in service or service.startswith("docker:") for service in names)),
        task=next((task for task in ("publish", "scan", "test") if task in tasks), ""),
        fact="",
        detail="",
    )
    facts = list(dict.fromkeys(facts_of(node)))
    if not facts and name:
        yield row
    for fact, place, detail in facts:
        yield row._replace(fact=fact, line=place, detail=detail[:120])


def _image(node: Node | None) -> Node | None:
    image = get(node, "image")
    return get(image, "name") if image is not None and image.kind == "map" else image
