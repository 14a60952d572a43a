"""dockerfile_instructions: the instructions of each Dockerfile and what they do that matters. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._config_files import is_development, words
from secaudit.tables.project._docker_facts import facts_of
from secaudit.tables.project._docker_files import dockers, ignored_for


class DockerInstruction(NamedTuple):
    """One instruction, or one fact about it when it has several. The text is left out: it may hold a password."""

    path: str
    line: int
    """Where the fact stands, or the instruction begins."""
    tracking: str
    role: str
    """What the file is for, as in project_files."""
    development: int
    """1 when the name says that it is for developing or testing: `Dockerfile.dev`, `.devcontainer/Dockerfile`."""
    stage: int
    """The number of the stage, from 0."""
    in_image: int
    """1 when this stage is part of the image that is shipped, not only of the building."""
    instruction: str
    """FROM is in dockerfile_stages. Upper case."""
    on_build: int
    form: str
    """`shell`, `json` or `heredoc` for RUN, CMD, ENTRYPOINT; else empty."""
    fact: str
    """One word, or empty: `pipe-to-shell`, `pipe-to-shell-http`, `no-verify`, `http-download`, `world-writable`,
    `setuid`,
    `sudo-without-password`, `account-password`, `insecure-login`, `remote-add`, `remote-add-http`, `git-add-moving`,
    `secret-env`,
    `secret-env-from-arg`, `secret-arg`, `secret-arg-default`, `secret-copy`, `whole-folder`, `debug-setting`,
    `development-server`, `ssh-server`,
    `insecure-build`, `host-network`."""
    detail: str
    """A name, a host or a flag. Never a value that may be secret."""
    ignores: str
    """Of `whole-folder`: what .dockerignore keeps out, of ` git env keys `."""


@table(targets={"project"}, timeout_s=30.0)
def dockerfile_instructions(target: Target) -> Iterator[DockerInstruction]:
    """Yield one row per instruction and fact.

    Source: the Dockerfile reference; the manual pages of the programs.

    Raises:
        Absent: there is no Dockerfile.
        Partial: a file could not be read or understood.
    """
    found = dockers(target)
    for docker in found.found:
        ignored = ignored_for(target, docker.file.path)
        kept_out = [name for name, out in zip(("git", "env", "keys"), ignored[1:], strict=True) if out]
        for stage in docker.stages:
            for step in stage.instructions:
                form = ""
                if step.word in ("RUN", "CMD", "ENTRYPOINT"):
                    form = "heredoc" if step.heredocs else "json" if step.parts is not None else "shell"
                for fact, below, detail in dict.fromkeys(facts_of(step)) or [("", 0, "")]:
                    yield DockerInstruction(
                        path=docker.file.path,
                        line=min(step.line + below, step.end_line),
                        tracking=docker.file.tracking,
                        role=docker.file.role,
                        development=is_development(docker.file.path),
                        stage=stage.number,
                        in_image=int(stage.number in docker.in_image),
                        instruction=step.word,
                        on_build=int(step.on_build),
                        form=form,
                        fact=fact,
                        detail=detail[:120],
                        ignores=words(kept_out) if fact == "whole-folder" else "",
                    )
    found.files.finish()
