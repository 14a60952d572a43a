"""gitignore_coverage: names that should never be committed, and whether git would leave them out. Not in osquery."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Failed, ProgramMissing, Target, Unsupported, table
from secaudit.tables.project._ignorable import Sample, samples
from secaudit.tables.project._listing import incomplete, listing
from secaudit.tables.project._repository import repository_of

TIMEOUT_S = 30.0
LIMIT_BYTES = 8 * 1024 * 1024


class Coverage(NamedTuple):
    """One name in one folder."""

    kind: str
    """`env`, `env-local`, `key`, `node-modules`, `venv`, `vendor`, `terraform-state`, `terraform-folder`, `database`,
    `editor` or `system`."""
    folder: str
    """Without a slash at the end; empty for the top."""
    name: str
    """A slash at the end means a folder."""
    path: str
    because: str
    """A file of the project for which this name matters, such as package.json for node_modules."""
    is_ignored: int | None
    """1 when git would leave it out; NULL when git did not say."""
    source: str
    """The file with the deciding line; empty when there is none."""
    line: int | None
    pattern: str
    """The deciding line."""
    source_tracking: str
    """`tracked`, `untracked`, `ignored`, or `local` for a list of this copy alone (.git/info/exclude); else empty."""
    tracked_files: int
    """Files of that name, or in that folder, that are tracked all the same: the list does not count for these."""


@table(targets={"project"}, timeout_s=60.0)
def gitignore_coverage(target: Target) -> Iterator[Coverage]:
    """Yield one row per name, chosen by what the project is made of. The files need not exist.

    Source: git check-ignore(1), gitignore(5). The user's own list (core.excludesFile) does not count: others lack it.

    Raises:
        Absent: this is no git repository.
        Unsupported: the repository is bare; it holds no files to leave out.
        Failed: git is not installed, or did not answer.
        Partial: not all files of the project could be listed.
    """
    if repository_of(target).is_bare:
        raise Unsupported("a bare repository holds no files to leave out")
    found = listing(target)
    if not found.uses_git:
        raise Absent("this folder is no git repository")
    asked = samples(found.entries)
    said = _ask(target, asked)
    tracking = {entry.path: entry.tracking for entry in found.entries}
    tracked = sorted(entry.path for entry in found.entries if entry.tracking == "tracked")
    for item in asked:
        source, line, pattern = said.get(item, ("", "", ""))
        yield Coverage(
            kind=item.kind,
            folder=item.folder,
            name=item.name,
            path=item.path,
            because=item.because,
            is_ignored=int(bool(pattern) and not pattern.startswith("!")) if item in said else None,
            source=source,
            line=int(line) if line.isdigit() else None,
            pattern=pattern,
            source_tracking=_tracking_of(source, tracking),
            tracked_files=_count(tracked, item.path),
        )
    problem = incomplete(found)
    if problem is not None:
        raise problem


def _ask(target: Target, asked: list[Sample]) -> dict[Sample, tuple[str, str, str]]:
    """Source, line and pattern for each name, as git says; a name without a pattern has three empty texts.

    Raises:
        Failed: git is not installed, or did not answer for every name.
    """
    if not asked:
        return {}
    feed = "".join(f"./{_as_it_is(target, item)}\0" for item in asked)  # ./ so that no name is an option or magic
    words = ["git", "check-ignore", "--no-index", "--verbose", "--non-matching", "-z", "--stdin"]
    try:
        printed = target.run_fed(words, feed.encode("utf-8", "surrogateescape"), TIMEOUT_S, LIMIT_BYTES)
    except ProgramMissing:
        raise Failed("git is not installed, so it could not say what it leaves out") from None
    fields = printed.decode("utf-8", "backslashreplace").split("\0")[:-1]
    if len(fields) != 4 * len(asked):
        raise Failed("git did not say what it leaves out")
    return {item: (fields[4 * at], fields[4 * at + 1], fields[4 * at + 2]) for at, item in enumerate(asked)}


def _as_it_is(target: Target, item: Sample) -> str:
    """A link is no folder for git, so a line that ends with a slash does not leave it out."""
    path = item.path.rstrip("/")
    try:
        return path if target.stat("/" + path, follow=False).kind == "link" else item.path
    except OSError:
        return item.path


def _tracking_of(source: str, tracking: dict[str, str]) -> str:
    if not source:
        return ""
    if source.endswith("info/exclude") and source not in tracking:
        return "local"
    return tracking.get(source, "ignored")


def _count(tracked: list[str], path: str) -> int:
    """Tracked files of that name or below it, in a sorted list."""
    top = path.rstrip("/")
    exact = bisect_right(tracked, top) - bisect_left(tracked, top)
    return exact + bisect_left(tracked, top + "0") - bisect_left(tracked, top + "/")  # 0 is the sign after /
