"""Whether the project is a git repository, and of which kind; asked once for all tables."""

from __future__ import annotations

from typing import NamedTuple

from secaudit.tableapi import Absent, Failed, Target
from secaudit.tables.project._listing import ask_git


class Found(NamedTuple):
    """What git says."""

    is_bare: bool
    is_shallow: bool
    has_commit: bool


def repository_of(target: Target) -> Found:
    """What git says of the repository.

    Raises:
        Absent: this is no git repository.
        Failed: it is one, but git is not installed or cannot read it.
    """
    return target.shared("project repository", _find)


def _find(target: Target) -> Found:
    said = ask_git(target, "rev-parse", "--is-bare-repository", "--is-shallow-repository")
    if said is None:
        if not target.exists("/.git") and not (target.exists("/HEAD") and target.exists("/objects")):
            raise Absent("this folder is no git repository")
        if target.find_program("git") is None:
            raise Failed("git is not installed, so the repository was not read")
        raise Failed("git cannot read this repository: it may be damaged")
    words = said.stdout.split()
    return Found(
        words[:1] == ["true"],
        words[1:2] == ["true"],
        ask_git(target, "rev-parse", "-q", "--verify", "HEAD^{commit}") is not None,
    )
