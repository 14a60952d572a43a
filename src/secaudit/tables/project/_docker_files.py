"""The Dockerfiles of a project, read once for the tables that ask, and what .dockerignore keeps out of the image."""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from secaudit.tableapi import Target
from secaudit.tables.project._config_files import ConfigFile, ConfigFiles, config_files, name_of
from secaudit.tables.project._docker_stages import Stage, chain_of, stages_of
from secaudit.tables.project._dockerfile import parse

_NOT = (".md", ".txt", ".sh", ".py", ".js", ".ts", ".yml", ".yaml", ".json", ".html", ".rst", ".dockerignore", ".go",
    ".j2", ".tmpl",
        ".tpl", ".erb", ".jinja", ".jinja2", ".mustache", ".hbs", ".ejs", ".lock", ".patch", ".in", ".rb", ".php",
        ".java", ".svg")  # fmt: skip


class Docker(NamedTuple):
    """One Dockerfile."""

    file: ConfigFile
    stages: tuple[Stage, ...]
    in_image: frozenset[int]
    """Numbers of the stages that the last one goes on from, itself included."""
    complete: bool
    """False when only the beginning could be understood."""


class Dockers(NamedTuple):
    """All of them."""

    found: tuple[Docker, ...]
    files: ConfigFiles


def is_dockerfile(path: str) -> bool:
    """`Dockerfile`, `Dockerfile.prod`, `prod.Dockerfile`, `Containerfile`; no template and no page about it."""
    name = name_of(path)
    if name.endswith(_NOT):
        return False
    return name in ("dockerfile", "containerfile") or name.startswith(
        ("dockerfile.", "dockerfile-", "containerfile.")
    ) or name.endswith((".dockerfile", ".containerfile", "-dockerfile"))  # fmt: skip


def dockers(target: Target) -> Dockers:
    """The Dockerfiles of the project."""
    return target.shared("project dockerfiles", _read)


def _read(target: Target) -> Dockers:
    files = config_files(target, is_dockerfile, "Dockerfile")
    found = []
    for file in files.found:
        parsed = parse(file.text)
        if parsed.problem:
            files.trouble(file.path, parsed.problem)
        stages = stages_of(parsed.instructions)
        if not stages:
            continue
        last = frozenset(stage.number for stage in chain_of(stages, len(stages) - 1))
        found.append(Docker(file, tuple(stages), last, not parsed.problem))
    return Dockers(tuple(found), files)


class Ignored(NamedTuple):
    """What .dockerignore keeps out."""

    path: str
    """Where it lies; empty when there is none."""
    git: bool
    env: bool
    keys: bool


def ignored_for(target: Target, docker_path: str) -> Ignored:
    """What the nearest .dockerignore above a Dockerfile keeps out of the build.

    The folder of the build is not known from the file. The nearest one is what people mean; without any, a Dockerfile
    in a folder of its own is built there, where no .git lies.
    """
    folder = posixpath.dirname(docker_path)
    below_top = bool(folder)
    candidates = [f"{docker_path}.dockerignore"]
    while True:
        candidates.append(posixpath.join(folder, ".dockerignore"))
        if not folder:
            break
        folder = posixpath.dirname(folder)
    for path in candidates:
        try:
            data = target.read_unlisted("/" + path, 256 * 1024)
        except OSError:
            continue
        lines = [line.strip() for line in data.decode("utf-8", "backslashreplace").split("\n")]
        return Ignored(path, _keeps_out(lines, ".git"), _keeps_out(lines, ".env"), _keeps_out(lines, "id_rsa"))
    return Ignored("", below_top, False, False)


def _keeps_out(lines: list[str], name: str) -> bool:
    """By the rules of .dockerignore: the last line that fits decides."""
    out = False
    for line in lines:
        if not line or line.startswith("#"):
            continue
        back = line.startswith("!")
        pattern = line.lstrip("!").strip().lstrip("/").removeprefix("./").rstrip("/")
        if _fits(pattern.removeprefix("**/"), name):
            out = not back
    return out


def _fits(pattern: str, name: str) -> bool:
    """Only what such lists hold for names at the top: plain names, `*`, `.*`, `name*`, `*name`."""
    if pattern in ("*", "**", "**/*"):
        return True
    if pattern.endswith(("/*", "/**")):
        return pattern.rstrip("*").rstrip("/") == name
    if pattern.endswith("*") and "*" not in pattern[:-1]:
        return name.startswith(pattern[:-1])
    if pattern.startswith("*") and "*" not in pattern[1:]:
        return name.endswith(pattern[1:])
    return pattern == name
