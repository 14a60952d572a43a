"""project_git: the repository as a whole: branch, copy in part or in full, hooks, large files. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Failed, Target, table
from secaudit.tables.project._listing import ask_git
from secaudit.tables.project._repository import repository_of

ATTRIBUTES_LIMIT_BYTES = 1024 * 1024


class Repository(NamedTuple):
    """The one repository."""

    branch: str
    """What HEAD names; empty when it names a commit."""
    default_branch: str
    """Of the remote `origin`, as this copy remembers it; empty when it does not."""
    commits: int | None
    """Of HEAD, as far as this copy holds them; NULL when they could not be counted."""
    is_bare: int
    is_shallow: int
    """1 when older commits were left out of this copy."""
    large_file_patterns: int
    """Lines of the top .gitattributes that hand files to git-lfs."""
    hooks: int | None
    """Programs in .git/hooks that git would run in this copy; NULL when the folder could not be read."""


@table(targets={"project"})
def project_git(target: Target) -> Iterator[Repository]:
    """Yield one row, for a folder that is a git repository.

    Source: git rev-parse(1), git rev-list(1), gitattributes(5), githooks(5).

    Raises:
        Absent: this is no git repository.
        Failed: git is not installed, or cannot read the repository.
    """
    found = repository_of(target)
    head = ask_git(target, "rev-parse", "--symbolic-full-name", "--verify", "-q", "HEAD")
    remote = ask_git(target, "rev-parse", "--abbrev-ref", "--verify", "-q", "origin/HEAD")
    counted = ask_git(target, "rev-list", "--count", "HEAD") if found.has_commit else None
    branch = head.stdout.strip() if head is not None else _unborn(target)
    yield Repository(
        branch=branch[len("refs/heads/") :] if branch.startswith("refs/heads/") else "",
        default_branch=remote.stdout.strip().partition("/")[2] if remote is not None else "",
        commits=_number(counted.stdout) if counted is not None else (None if found.has_commit else 0),
        is_bare=int(found.is_bare),
        is_shallow=int(found.is_shallow),
        large_file_patterns=_large_files(target),
        hooks=_hooks(target),
    )


def _unborn(target: Target) -> str:
    """The branch of a repository without commits."""
    try:
        text = target.read_text("/.git/HEAD", 4096).strip()
    except (OSError, ValueError):
        return ""
    return text[len("ref: ") :] if text.startswith("ref: ") else ""


def _number(text: str) -> int:
    if not text.strip().isdigit():
        raise Failed("git did not count the commits")
    return int(text)


def _large_files(target: Target) -> int:
    try:
        text = target.read_text("/.gitattributes", ATTRIBUTES_LIMIT_BYTES)
    except OSError:
        return 0
    return sum("filter=lfs" in line.split() for line in text.splitlines() if not line.startswith("#"))


def _hooks(target: Target) -> int | None:
    try:
        names = target.listdir("/.git/hooks")
    except (FileNotFoundError, NotADirectoryError):
        return 0
    except OSError:
        return None
    count = 0
    for name in names:
        if not name.endswith(".sample"):
            try:
                found = target.stat(f"/.git/hooks/{name}")
            except OSError:
                continue
            count += found.kind == "file" and bool(found.mode & 0o111)
    return count
