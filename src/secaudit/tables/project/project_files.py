"""project_files: the files of a project, what each is for, and which are not searched and why. Not in osquery."""

from __future__ import annotations

import posixpath
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._listing import incomplete, listing
from secaudit.tables.project._roles import ending_of, is_binary_name, language_of, role_of

SEARCH_LIMIT_BYTES = 5 * 1024 * 1024
"""Larger files are data or built by a program; the searching tables leave them out and this table says so."""

_GIT_TYPES = {"120000": "link", "160000": "submodule"}


class ProjectFile(NamedTuple):
    """One file, or one folder that is left out as a whole."""

    path: str
    """From the top of the project, without a leading slash."""
    name: str
    """The last part of the path, in lower case."""
    ending: str
    """What follows its last dot; empty for `Makefile` and `.env`."""
    tracking: str
    """`tracked`, `untracked`, `ignored`, or `none` where there is no git."""
    type: str
    """`file`, `link`, `submodule`, `dir`, `fifo`, `socket`, `block` or `char`; `missing` when only git has it."""
    size: int | None
    """Bytes; NULL when it could not be read."""
    mode: int | None
    mode_octal: str | None
    executable: int | None
    link_target: str
    leads_out: int
    """1 for a link that points outside the project."""
    role: str
    """`code`, `test`, `example`, `docs`, `lock`, `minified`, `built` or `vendored`."""
    language: str
    skipped: str
    """Why its content is not searched: `vendored`, `built`, `minified`, `binary`, `large`, `not a file`; else empty."""


@table(targets={"project"}, timeout_s=60.0)
def project_files(target: Target) -> Iterator[ProjectFile]:
    """Yield one row per tracked, untracked and ignored file; ignored folders are one row each.

    Source: git ls-files(1), git ls-tree(1); without git, the folder itself.

    Raises:
        Partial: git could not list everything, or there are too many files.
    """
    found = listing(target)
    for entry in found.entries:
        kind, size, mode, link = _look(target, entry.path, entry.git_mode, found.is_bare)
        yield ProjectFile(
            path=entry.path,
            name=posixpath.basename(entry.path).lower(),
            ending=ending_of(posixpath.basename(entry.path)),
            tracking=entry.tracking,
            type=kind,
            size=size,
            mode=mode,
            mode_octal=None if mode is None else f"{mode:04o}",
            executable=None if mode is None else int(bool(mode & 0o111)),
            link_target=link,
            leads_out=int(kind == "link" and _leads_out(entry.path, link)),
            role=role_of(entry.path),
            language=language_of(entry.path),
            skipped=skip_reason(entry.path, kind, size),
        )
    problem = incomplete(found)
    if problem is not None:
        raise problem


def skip_reason(path: str, kind: str, size: int | None) -> str:
    """Why a file is not searched; empty when it is."""
    if kind != "file":
        return "not a file"
    role = role_of(path)
    if role in ("vendored", "built", "minified"):
        return role
    if is_binary_name(path):
        return "binary"
    return "large" if size is not None and size > SEARCH_LIMIT_BYTES else ""


def _look(target: Target, path: str, git_mode: str, is_bare: bool) -> tuple[str, int | None, int | None, str]:
    """Type, size, mode, and where a link points."""
    if is_bare:
        return _GIT_TYPES.get(git_mode, "file"), None, int(git_mode[-3:], 8) if git_mode else None, ""
    if git_mode == "160000":
        return "submodule", None, None, ""
    try:
        found = target.stat("/" + path, follow=False)
        link = target.readlink("/" + path) if found.kind == "link" else ""
    except FileNotFoundError:
        return "missing", None, None, ""
    except OSError:
        return _GIT_TYPES.get(git_mode, "file"), None, None, ""
    return found.kind, found.size, found.mode, link


def _leads_out(path: str, link: str) -> bool:
    """Whether a link's own text goes above the top; an absolute one always does."""
    if link.startswith("/"):
        return True
    depth = path.count("/")
    for part in link.split("/"):
        if part == "..":
            depth -= 1
            if depth < 0:
                return True
        elif part not in ("", "."):
            depth += 1
    return False
