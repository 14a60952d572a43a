"""The CI files of GitLab in a project, read once for the tables that ask, and what a job extends."""

from __future__ import annotations

from typing import NamedTuple

from secaudit.tableapi import Target
from secaudit.tables.project._compose_merge import merged
from secaudit.tables.project._config_files import ConfigFile, ConfigFiles, config_files, name_of
from secaudit.tables.project._yaml import Node, Unreadable, get, load, pairs, texts_of

RESERVED = frozenset(
    "image services stages types before_script after_script variables cache include default workflow pages:deploy"
    " spec stage".split()
)
UNTRUSTED = (
    "CI_COMMIT_MESSAGE", "CI_COMMIT_TITLE", "CI_COMMIT_DESCRIPTION", "CI_COMMIT_AUTHOR", "CI_COMMIT_BRANCH",
    "CI_COMMIT_REF_NAME", "CI_COMMIT_TAG_MESSAGE",
    "CI_MERGE_REQUEST_TITLE", "CI_MERGE_REQUEST_DESCRIPTION", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
    "CI_MERGE_REQUEST_LABELS", "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME",
)  # fmt: skip
"""Variables whose text whoever pushes or opens a merge request chooses."""
MAX_EXTENDS = 11


class GitlabFile(NamedTuple):
    """One file with its documents joined."""

    file: ConfigFile
    node: Node


class Gitlab(NamedTuple):
    """All of them."""

    found: tuple[GitlabFile, ...]
    files: ConfigFiles
    jobs: dict[str, Node]
    """All jobs and templates by name, for `extends`."""


def gitlab(target: Target) -> Gitlab:
    """The CI files of GitLab."""
    return target.shared("project gitlab", _read)


def _is_one(path: str) -> bool:
    name = name_of(path)
    if not name.endswith((".yml", ".yaml")):
        return False
    return name.endswith(("gitlab-ci.yml", "gitlab-ci.yaml")) or path.startswith(
        (".gitlab/ci/", ".gitlab-ci/", "ci/gitlab/")
    )


def _read(target: Target) -> Gitlab:
    files = config_files(target, _is_one, "CI file of GitLab")
    found: list[GitlabFile] = []
    jobs: dict[str, Node] = {}
    for file in files.found:
        try:
            documents = load(file.data, file.path)
        except Unreadable as problem:
            files.trouble(file.path, str(problem))
            continue
        for node in documents:
            if node.kind == "map" and get(node, "spec") is None:
                found.append(GitlabFile(file, node))
                jobs.update({name: value for name, _, value in pairs(node) if value.kind == "map"})
    return Gitlab(tuple(found), files, jobs)


def effective(node: Node, jobs: dict[str, Node], depth: int = 0) -> Node:
    """A job with what it extends put in."""
    names = texts_of(get(node, "extends"))
    if not names or depth > MAX_EXTENDS:
        return node
    out: Node | None = None
    for name in names:
        parent = jobs.get(name)
        if parent is not None and parent is not node:
            full = effective(parent, jobs, depth + 1)
            out = full if out is None else merged(out, full)
    return node if out is None else merged(out, node)
