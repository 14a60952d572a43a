"""gha_jobs: the jobs of GitHub Actions: rights, runners, images, and other workflows that they call. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._config_files import words
from secaudit.tables.project._dockerfile import image_of
from secaudit.tables.project._workflows import FROM_FORKS, Job, jobs_of, permissions_of, uses_parts, workflows
from secaudit.tables.project._yaml import Node, get, pairs, text_of, texts_of


class GhaJob(NamedTuple):
    """One job."""

    path: str
    line: int
    tracking: str
    role: str
    """`code` for what GitHub runs; else as in project_files."""
    active: int
    """1 in .github/workflows at the top, from where GitHub runs it."""
    job: str
    triggers: str
    """The events of the workflow, as ` push pull_request `."""
    from_forks: int
    """1 when a stranger can start it, by a pull request for example."""
    permissions_from: str
    """`job`, `workflow`, or `default` when the settings of the repository decide."""
    permissions: str
    """What counts for this job: `none`, `read`, `write`, `read-all`, `write-all`, or `default`."""
    permissions_line: int
    writes: str
    """The rights to write, as ` contents packages `."""
    runner: str
    """`runs-on` as written."""
    self_hosted: int | None
    """1 for a machine of your own; NULL when an expression decides."""
    uses: str
    """The other workflow that the job calls."""
    owner: str
    """Who owns it; empty for one of this repository."""
    pinned: str
    """`sha`, `tag`, `branch`, `local`, `none`; empty when no other workflow is called."""
    same_owner: int
    """1 when it belongs to the owner of this repository."""
    inherits_secrets: int
    """1 when the other workflow gets all secrets."""
    moving_image: str
    """An image of the job or of its services without a version; empty when there is none."""
    image_line: int
    literal_login: int
    """1 when the password for an image stands in the file."""


@table(targets={"project"}, timeout_s=30.0)
def gha_jobs(target: Target) -> Iterator[GhaJob]:
    """Yield one row per job of each workflow.

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
        for job in jobs_of(workflow):
            rows += 1
            yield _row(job, found.owner)
    found.files.finish(rows=rows > 0)


def _row(job: Job, owner: str) -> GhaJob:
    workflow = job.workflow
    rights = permissions_of(job)
    called = uses_parts(text_of(get(job.node, "uses")))
    runner = get(job.node, "runs-on")
    labels = texts_of(get(runner, "labels")) if runner is not None and runner.kind == "map" else texts_of(runner)
    image = _moving_image(job.node)
    return GhaJob(
        path=workflow.file.path,
        line=job.line,
        tracking=workflow.file.tracking,
        role=workflow.file.role,
        active=workflow.active,
        job=job.name[:80],
        triggers=words(dict.fromkeys(workflow.triggers)),
        from_forks=int(not FROM_FORKS.isdisjoint(workflow.triggers)),
        permissions_from=rights.source,
        permissions=rights.level,
        permissions_line=rights.line,
        writes=words(dict.fromkeys(rights.writes)),
        runner=" ".join(labels)[:120],
        self_hosted=_self_hosted(job.node, labels),
        uses=called.text[:200],
        owner=called.owner,
        pinned=called.pinned if called.text else "",
        same_owner=int(bool(owner) and called.owner == owner),
        inherits_secrets=int(text_of(get(job.node, "secrets")) == "inherit"),
        moving_image=image[0],
        image_line=image[1] or job.line,
        literal_login=int(any(_literal(node) for node in _logins(job.node))),
    )


def _self_hosted(node: Node, labels: list[str]) -> int | None:
    if any(label.lower() == "self-hosted" for label in labels):
        return 1
    if any("${{" in label for label in labels):
        values = [text.lower() for text in _matrix_texts(node)]
        return 1 if "self-hosted" in values else 0 if values else None
    return 0


def _matrix_texts(node: Node) -> list[str]:
    found: list[str] = []
    for _, _, value in pairs(get(node, "strategy", "matrix")):
        for entry in value.items if value.kind == "list" else []:
            if isinstance(entry, Node):
                found.extend(text_of(inner) for _, _, inner in pairs(entry))
                found.extend(texts_of(entry))
    return [text for text in found if text]


def _images(node: Node) -> Iterator[Node]:
    container = get(node, "container")
    holders = [container] if container is not None else []
    holders.extend(value for _, _, value in pairs(get(node, "services")))
    for holder in holders:
        image = holder if holder.kind == "text" else get(holder, "image")
        if image is not None and text_of(image):
            yield image


def _moving_image(node: Node) -> tuple[str, int]:
    for image in _images(node):
        if "${{" not in image.text and image_of(image.text).pinned in ("none", "latest"):
            return image.text[:120], image.line
    return "", 0


def _logins(node: Node) -> Iterator[Node | None]:
    yield get(node, "container", "credentials", "password")
    for _, _, value in pairs(get(node, "services")):
        yield get(value, "credentials", "password")


def _literal(node: Node | None) -> bool:
    return bool(text_of(node)) and "${{" not in text_of(node)
