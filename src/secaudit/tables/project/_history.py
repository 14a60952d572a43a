"""What a repository once held: the files of all commits that are not in the present one, read from git by number.

The amount is bounded by bytes, not by a clock, so that the same repository gives the same rows; the table's deadline
bounds it as well.
"""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Failed, ProgramMissing, TableProblem, Target, TimedOut, TooLarge
from secaudit.tables.project._listing import listing
from secaudit.tables.project.project_files import skip_reason

MAX_BLOB_BYTES = 1024 * 1024
"""Larger files of the past are data."""

BATCH_BYTES = 16 * 1024 * 1024
BATCH_COUNT = 4000
BUDGET_BYTES = 400 * 1024 * 1024
"""Of all files of the past together, unpacked: about 20 s on one core."""

LIST_LIMIT_BYTES = 256 * 1024 * 1024
COMMAND_TIMEOUT_S = 60.0


class Blob(NamedTuple):
    """One content that some commit held."""

    oid: str
    path: str
    """The first path that git names for it."""
    size: int


class Past(NamedTuple):
    """The contents to search."""

    blobs: tuple[Blob, ...]
    problem: str
    """Why it is not all; empty when it is."""


def past_of(target: Target) -> Past | None:
    """What commits held and the present files do not; None where there is no git or no commit.

    Raises:
        TimedOut, TooLarge: git did not list the objects.
        Failed: there is a repository that git cannot read.
    """
    files = listing(target)
    if not files.uses_git:
        if files.git_problem:
            raise Failed(files.git_problem)
        return None
    try:
        any_commit = target.run(["git", "rev-list", "--max-count=1", "--all"], COMMAND_TIMEOUT_S, LIST_LIMIT_BYTES)
        if any_commit.exit_code == 0 and not any_commit.stdout.strip():
            return None
        shallow = target.run(["git", "rev-parse", "--is-shallow-repository"], COMMAND_TIMEOUT_S, LIST_LIMIT_BYTES)
        named = target.run_fed(["git", "rev-list", "--objects", "--all"], b"", COMMAND_TIMEOUT_S, LIST_LIMIT_BYTES)
        present = target.run_fed(["git", "ls-tree", "-r", "-z", "HEAD"], b"", COMMAND_TIMEOUT_S, LIST_LIMIT_BYTES)
    except ProgramMissing:
        return None
    if not named:
        return Past((), "git could not list what the commits hold: the repository is damaged or not complete")
    now = {row.split(b" ", 2)[2][:40] for row in present.split(b"\0") if row.count(b" ") >= 2}
    paths: dict[bytes, bytes] = {}
    for row in named.split(b"\n"):
        oid, space, path = row.partition(b" ")
        if space and path and oid not in now:
            paths.setdefault(oid, path)
    wanted = [oid for oid, path in paths.items() if not skip_reason(_text(path), "file", None)]
    sizes = target.run_fed(
        ["git", "cat-file", "--batch-check"], b"\n".join(wanted) + b"\n", COMMAND_TIMEOUT_S, LIST_LIMIT_BYTES
    )
    return _chosen(sizes, paths, shallow.stdout.strip() == "true")


def _chosen(sizes: bytes, paths: dict[bytes, bytes], is_shallow: bool) -> Past:
    """Those to search, in git's order, up to the budget; and what is missing."""
    blobs: list[Blob] = []
    total, left, missing = 0, 0, 0
    for row in sizes.split(b"\n"):
        fields = row.split(b" ")
        missing += len(fields) == 2 and fields[1] == b"missing"
        if len(fields) != 3 or fields[1] != b"blob" or int(fields[2]) > MAX_BLOB_BYTES:
            continue
        if total + int(fields[2]) > BUDGET_BYTES:
            left += 1
            continue
        total += int(fields[2])
        blobs.append(Blob(fields[0].decode(), _text(paths[fields[0]]), int(fields[2])))
    problems = []
    if is_shallow:
        problems.append("this clone holds the last commits only; fetch the others: git fetch --unshallow")
    if missing:
        problems.append(f"{missing} older files are not in this clone; fetch them: git fetch --refetch")
    if left:
        problems.append(f"{left} older files were not searched: the history holds more than {BUDGET_BYTES >> 20} MB")
    return Past(tuple(blobs), "; ".join(problems))


def read_blobs(target: Target, blobs: tuple[Blob, ...]) -> Iterator[tuple[Blob, bytes]]:
    """Give each content, many read at a time.

    Raises:
        TimedOut: the deadline passed.
    """
    at = 0
    while at < len(blobs):
        batch: list[Blob] = []
        size = 0
        while at < len(blobs) and len(batch) < BATCH_COUNT and (not batch or size + blobs[at].size <= BATCH_BYTES):
            batch.append(blobs[at])
            size += blobs[at].size
            at += 1
        feed = "".join(blob.oid + "\n" for blob in batch).encode()
        limit = size + 200 * len(batch)
        printed = target.run_fed(["git", "cat-file", "--batch"], feed, COMMAND_TIMEOUT_S, limit)
        yield from _split(printed, batch)


def _split(printed: bytes, batch: list[Blob]) -> Iterator[tuple[Blob, bytes]]:
    """`<oid> blob <size>`, a newline, the content, a newline; git-cat-file(1)."""
    by_oid = {blob.oid: blob for blob in batch}
    at = 0
    while at < len(printed):
        line_end = printed.find(b"\n", at)
        if line_end < 0:
            return
        fields = printed[at:line_end].split(b" ")
        if len(fields) != 3 or not fields[2].isdigit():  # "<oid> missing", where a clone is not complete
            at = line_end + 1
            continue
        size = int(fields[2])
        blob = by_oid.get(fields[0].decode("ascii", "replace"))
        if blob is not None:
            yield blob, printed[line_end + 1 : line_end + 1 + size]
        at = line_end + 1 + size + 1


def first_commits(target: Target, oids: set[str]) -> dict[str, tuple[str, str]]:
    """The oldest commit that brought each content, and the path it had there; what git cannot say is left out."""
    if not oids:
        return {}
    words = ["git", "log", "--all", "--reverse", "--raw", "--no-abbrev", "--no-renames", "--root", "-m", "-z"]
    try:
        printed = target.run_fed([*words, "--format=%x01%H"], b"", COMMAND_TIMEOUT_S, LIST_LIMIT_BYTES)
    except (TableProblem, TooLarge, TimedOut):
        return {}
    found: dict[str, tuple[str, str]] = {}
    commit = ""
    fields = iter(printed.split(b"\0"))
    for field in fields:
        head = field.lstrip(b"\n")
        if head.startswith(b"\x01"):
            commit = head[1:41].decode("ascii", "replace")
            head = head[41:].lstrip(b"\n")
        if head.startswith(b":"):
            parts = head.split(b" ")
            path = next(fields, b"")
            oid = parts[3].decode("ascii", "replace") if len(parts) >= 5 else ""
            if oid in oids and oid not in found:
                found[oid] = (commit, _text(path))
    return found


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
