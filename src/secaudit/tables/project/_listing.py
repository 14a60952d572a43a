"""The files of a project, listed once for all tables: what git tracks, what it does not, what it ignores.

Without git, or where git cannot be run, the folder is walked; folders with code of others are named, not entered.
"""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from secaudit.tableapi import Command, Partial, ProgramMissing, TableProblem, Target, TooLarge
from secaudit.tables.project._roles import BUILT, VENDORED

MAX_FILES = 150_000
GIT_TIMEOUT_S = 30.0
LIST_LIMIT_BYTES = 64 * 1024 * 1024
GIT_FOLDER = ".git"


class Listed(NamedTuple):
    """One path of the project, without a leading slash."""

    path: str
    tracking: str
    """`tracked`, `untracked`, `ignored`, or `none` where there is no git."""
    git_mode: str
    """As the index has it: 100644, 100755, 120000 (link), 160000 (submodule); empty when not tracked."""


class Listing(NamedTuple):
    """What was found."""

    entries: tuple[Listed, ...]
    uses_git: bool
    is_bare: bool
    problem: str
    """Why the list may not be complete; empty when it is."""
    git_problem: str = ""
    """Why git says nothing although there is a repository: it is not installed, or cannot read it."""


def listing(target: Target) -> Listing:
    """The files of the project, made once in a run."""
    return target.shared("project listing", _list)


def incomplete(found: Listing) -> Partial | None:
    """The problem to raise at the end when not everything was listed."""
    return Partial(found.problem) if found.problem else None


def ask_git(target: Target, *words: str) -> Command | None:
    """Run a reading git command; None when git is not installed or this is no repository.

    Raises:
        TimedOut, TooLarge: as the target says.
    """
    try:
        done = target.run(["git", *words], timeout_s=GIT_TIMEOUT_S, limit_bytes=LIST_LIMIT_BYTES)
    except ProgramMissing:
        return None
    return done if done.exit_code == 0 else None


def _list(target: Target) -> Listing:
    try:
        inside = ask_git(target, "rev-parse", "--is-bare-repository")
        if inside is None:
            return _walked(target)._replace(git_problem=_why_not(target))
        if inside.stdout.strip() == "true":
            return _bare(target)
        if _is_foreign(target):
            return _walked(target)
        return _indexed(target)
    except (TableProblem, TooLarge) as problem:
        return Listing((), True, False, f"git did not list all files: {problem}")


def _is_foreign(target: Target) -> bool:
    """Whether the repository is that of a folder above, and holds nothing of this one: perhaps it ignores it.

    Then its index says nothing about these files, and what it ignores would look like an empty project.
    """
    prefix = ask_git(target, "rev-parse", "--show-prefix")
    if prefix is None or not prefix.stdout.strip("\n"):
        return False
    tracked = ask_git(target, "ls-files", "-z", "--cached")
    return tracked is None or not tracked.stdout


def _why_not(target: Target) -> str:
    """Empty where there is no repository."""
    if not any(target.exists("/" + name) for name in (GIT_FOLDER, "objects/pack")):
        return ""
    if target.find_program("git") is None:
        return "git is not installed, so it cannot say what commits hold: install git"
    return "git cannot read this repository: its settings are wrong or it is damaged; see git status"


def _indexed(target: Target) -> Listing:
    """A repository with a work tree: the index, and what lies beside it."""
    tracked = _rows(target, "ls-files", "-z", "--stage", "--cached")
    others = _rows(target, "ls-files", "-z", "--others", "--exclude-standard")
    ignored = _rows(target, "ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
    problems = []
    if tracked is None or others is None or ignored is None:
        problems.append("git could not list all files: its index may be damaged")
    found: dict[str, Listed] = {}
    for row in tracked or ():
        head, tab, path = row.partition("\t")
        if tab and path:
            found.setdefault(path, Listed(path, "tracked", head.split(" ")[0]))
    for row in others or ():
        if not row.endswith("/"):
            found.setdefault(row, Listed(row, "untracked", ""))
            continue
        inner = _walked(target, "/" + row.rstrip("/"))  # a repository in this one, of which git tells the name alone
        for entry in inner.entries:
            found.setdefault(entry.path, entry._replace(tracking="untracked"))
        problems += [inner.problem] if inner.problem else []
    for row in ignored or ():
        found.setdefault(row, Listed(row.rstrip("/"), "ignored", ""))
    if tracked is None:  # what git cannot say is walked, so that nothing stays unseen
        walked = _walked(target)
        for entry in walked.entries:
            found.setdefault(entry.path, entry)
    entries = tuple(found.values())[:MAX_FILES]
    if len(found) > MAX_FILES:
        problems.append(f"the project has more than {MAX_FILES} files")
    return Listing(entries, True, False, "; ".join(problems))


def _bare(target: Target) -> Listing:
    """A repository without a work tree: the files of its HEAD."""
    tree = _rows(target, "ls-tree", "-r", "-z", "--full-tree", "HEAD")
    found: list[Listed] = []
    for row in tree or ():
        head, tab, path = row.partition("\t")
        if tab and len(found) < MAX_FILES:
            found.append(Listed(path, "tracked", head.split(" ")[0]))
    problem = "" if tree is not None else "this repository has no commit that could be listed"
    return Listing(tuple(found), True, True, problem)


def _rows(target: Target, *words: str) -> list[str] | None:
    """What git printed between NULs; None when it could not. Names of any bytes can be opened by what is given."""
    done = ask_git(target, *words)
    if done is None:
        return None
    printed = done.stdout
    if "\\" in printed:  # perhaps an escape in place of a byte that is not UTF-8
        raw = target.run_fed(["git", *words], b"", timeout_s=GIT_TIMEOUT_S, limit_bytes=LIST_LIMIT_BYTES)
        printed = raw.decode("utf-8", "surrogateescape")
    return [row for row in printed.split("\0") if row]


def _walked(target: Target, top: str = "/") -> Listing:
    denied: list[str] = []
    found: list[Listed] = []
    problem = ""
    for path, stat in target.walk(top, denied, cross=True, skip=_is_left_out):
        if posixpath.basename(path) == GIT_FOLDER or (stat.kind == "dir" and not _is_left_out(path)):
            continue
        if len(found) >= MAX_FILES:
            problem = f"the project has more than {MAX_FILES} files"
            break
        found.append(Listed(path.lstrip("/"), "none", ""))
    if denied:
        problem = f"these folders could not be looked into: {', '.join(denied[:3])}"
    return Listing(tuple(sorted(found)), False, False, problem)


def _is_left_out(path: str) -> bool:
    name = posixpath.basename(path)
    return name == GIT_FOLDER or name in BUILT or name in VENDORED - {"env", "vendor", "external", "extern"}
