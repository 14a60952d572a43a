"""dockerfile_stages: the stages of each Dockerfile, with base image and account. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._config_files import is_development
from secaudit.tables.project._docker_files import dockers
from secaudit.tables.project._docker_stages import account_of


class DockerStage(NamedTuple):
    """One FROM."""

    path: str
    line: int
    tracking: str
    role: str
    """What the file is for, as in project_files."""
    development: int
    """1 when the name says that it is for developing or testing: `Dockerfile.dev`, `.devcontainer/Dockerfile`."""
    number: int
    """From 0."""
    name: str
    """The name behind AS, in lower case."""
    is_final: int
    """1 for the stage that a build without --target gives."""
    in_image: int
    """1 when the final stage is this one or goes on from it."""
    base: str
    """The image as written."""
    image: str
    """Its name with variables put in; empty for another stage, for `scratch`, and when it cannot be told."""
    tag: str
    pinned: str | None
    """`digest`, `version`, `latest` (a name that moves), `none` (no tag), `stage`, `scratch`; NULL when a variable
    without a
    value names the image."""
    account: str | None
    """The last USER, stages it goes on from included; empty when there is none; NULL when a variable decides."""
    account_line: int
    is_root: int | None
    """1 when the program starts as root. NULL when only the base image or a start program could tell."""


@table(targets={"project"}, timeout_s=30.0)
def dockerfile_stages(target: Target) -> Iterator[DockerStage]:
    """Yield one row per stage of each Dockerfile and Containerfile.

    Source: the Dockerfile reference.

    Raises:
        Absent: there is no Dockerfile.
        Partial: a file could not be read or understood.
    """
    found = dockers(target)
    for docker in found.found:
        for stage in docker.stages:
            account = account_of(list(docker.stages), stage.number)
            pinned: str | None = None
            if stage.parent >= 0:
                pinned = "stage"
            elif stage.is_scratch:
                pinned = "scratch"
            elif stage.image is not None:
                pinned = stage.image.pinned
            yield DockerStage(
                path=docker.file.path,
                line=stage.line,
                tracking=docker.file.tracking,
                role=docker.file.role,
                development=is_development(docker.file.path),
                number=stage.number,
                name=stage.name,
                is_final=int(stage.number == len(docker.stages) - 1),
                in_image=int(stage.number in docker.in_image),
                base=stage.written[:200],
                image=stage.image.name[:200] if stage.image else "",
                tag=stage.image.tag[:100] if stage.image else "",
                pinned=pinned,
                account=None if account.name is None else account.name[:60],
                account_line=account.line,
                is_root=account.is_root if docker.complete or stage.number < len(docker.stages) - 1 else None,
            )
    found.files.finish()
