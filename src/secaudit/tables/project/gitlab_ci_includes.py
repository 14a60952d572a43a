"""gitlab_ci_includes: what GitLab CI takes from elsewhere. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._gitlab import GitlabFile, gitlab
from secaudit.tables.project._yaml import Node, get, text_of


class GitlabInclude(NamedTuple):
    """One file that is taken in."""

    path: str
    line: int
    tracking: str
    role: str
    """What the file is for, as in project_files."""
    kind: str
    """`local`, `project`, `remote`, `template`, `component` or `other`."""
    location: str
    """Its address without login and query."""
    ref: str
    """The version of `project` and `component`; empty when none is named."""
    pinned: str
    """`commit`, `version` (a tag), `branch`, `none`, `checksum` (of `remote`), or `own` for what comes with the
    project or GitLab itself."""


@table(targets={"project"}, timeout_s=30.0)
def gitlab_ci_includes(target: Target) -> Iterator[GitlabInclude]:
    """Yield one row per include.

    Source: the CI/CD YAML syntax reference of GitLab.

    Raises:
        Absent: there is no CI file of GitLab.
        Partial: a file could not be read or understood.
    """
    found = gitlab(target)
    for entry in found.found:
        include = get(entry.node, "include")
        if include is None:
            continue
        for node in include.items if include.kind == "list" else [include]:
            if isinstance(node, Node):
                yield _row(entry, node)
    found.files.finish(rows=bool(found.found))


def _row(entry: GitlabFile, node: Node) -> GitlabInclude:
    kind, location, ref, pinned = "other", "", "", "none"
    if node.kind == "text":
        location = node.text
        kind = "remote" if location.startswith(("http://", "https://")) else "local"
    else:
        for name in ("remote", "project", "component", "template", "local"):
            if text_of(get(node, name)):
                kind, location = name, text_of(get(node, name))
                break
        ref = text_of(get(node, "ref"))
    if kind == "component":
        location, _, ref = location.partition("@")
    if kind in ("local", "template"):
        pinned = "own"
    elif kind == "remote":
        pinned = "checksum" if text_of(get(node, "integrity")) else "none"
    elif ref:
        pinned = _pinned(ref)
    head, mark, rest = location.partition("://")
    if mark:
        location = f"{head}://{rest.partition('/')[0].rpartition('@')[2]}/{rest.partition('/')[2].partition('?')[0]}"
    return GitlabInclude(
        path=entry.file.path,
        line=node.line,
        tracking=entry.file.tracking,
        role=entry.file.role,
        kind=kind,
        location=location[:200],
        ref=ref[:80],
        pinned=pinned,
    )


def _pinned(ref: str) -> str:
    low = ref.lower()
    if len(low) >= 40 and all(char in "0123456789abcdef" for char in low):
        return "commit"
    if low.startswith("~") or low in ("main", "master", "head", "develop"):
        return "branch"
    return "version" if any(char.isdigit() for char in low) else "branch"
