"""Files of a repository without a work tree, as its HEAD has them: git is started for many of them at once."""

from __future__ import annotations

from itertools import islice
from typing import Iterable, Iterator, Sequence

from secaudit.tableapi import ProgramMissing, TableProblem, Target, TimedOut
from secaudit.tables.project._history import Blob, read_blobs
from secaudit.tables.project._listing import Listed

PORTION_FILES = 256
PORTION_BYTES = 16 * 1024 * 1024
"""What is held at a time, unless a single file is larger."""
TIMEOUT_S = 30.0


def head_files(target: Target, sources: Iterable[Listed], limit_bytes: int) -> Iterator[tuple[Listed, bytes | None]]:
    """Each file in turn with its bytes: nothing for one that is larger than the limit, None when git does not give it.

    Raises:
        TimedOut: the table's deadline has passed.
        ProgramMissing: git is not installed.
    """
    waiting = iter(sources)
    while portion := list(islice(waiting, PORTION_FILES)):
        blobs = _blobs(target, portion)
        at = 0
        while at < len(portion):
            begin, size = at, 0
            while at < len(portion) and (at == begin or size + _size(blobs[at], limit_bytes) <= PORTION_BYTES):
                size += _size(blobs[at], limit_bytes)
                at += 1
            contents = _contents(target, {blob for blob in blobs[begin:at] if _size(blob, limit_bytes)})
            for source, blob in zip(portion[begin:at], blobs[begin:at]):  # noqa: B905  Python 3.9
                if blob is None:
                    yield source, None
                else:
                    yield source, contents.get(blob.oid) if _size(blob, limit_bytes) else b""


def _size(blob: Blob | None, limit_bytes: int) -> int:
    return 0 if blob is None or blob.size > limit_bytes else blob.size


def _blobs(target: Target, portion: Sequence[Listed]) -> list[Blob | None]:
    """Number and size of each file; git answers line by line, in the order of what it was asked."""
    asked = [source.path for source in portion if "\n" not in source.path]
    feed = "".join(f"HEAD:{path}\n" for path in asked).encode("utf-8", "surrogateescape")
    printed = _ask(target, ["git", "cat-file", "--batch-check"], feed, len(feed) + 200 * len(asked))
    lines = printed.split(b"\n")[: len(asked)]
    found: dict[str, Blob] = {}
    for path, line in zip(asked, lines):  # noqa: B905  Python 3.9
        fields = line.split(b" ")
        if len(fields) == 3 and fields[1] == b"blob" and fields[2].isdigit():
            found[path] = Blob(fields[0].decode("ascii", "replace"), "", int(fields[2]))
    return [found.get(source.path) for source in portion]


def _contents(target: Target, blobs: set[Blob | None]) -> dict[str, bytes]:
    wanted = tuple(blob for blob in blobs if blob is not None)
    try:
        return {blob.oid: data for blob, data in read_blobs(target, wanted)}
    except (ProgramMissing, TimedOut):
        raise
    except (OSError, TableProblem):
        return {}


def _ask(target: Target, words: list[str], feed: bytes, limit_bytes: int) -> bytes:
    try:
        return target.run_fed(words, feed, timeout_s=TIMEOUT_S, limit_bytes=limit_bytes)
    except (ProgramMissing, TimedOut):
        raise
    except (OSError, TableProblem):
        return b""
