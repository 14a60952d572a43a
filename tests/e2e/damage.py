"""Ways to damage the files of a root, and what an audit of the damaged root may say."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from secaudit.app import auditing
from secaudit.app.content import compile_selection
from secaudit.content import library as library_module
from secaudit.content.select import select
from secaudit.engine.collect import collect
from secaudit.engine.registry import all_tables
from secaudit.model import Run, Snapshot, Status, TableData, TableStatus
from secaudit.tableapi import Wants
from secaudit.targets.root import RootAccess

NOW = datetime(2026, 11, 23, 17, 48, 2, tzinfo=UTC)
OUTSIDE = "/tmp/secaudit-outside-the-root"  # noqa: S108  a name; it is written below the root's parent
HOSTILE = (b"\x1b[2J\x1b]0;x\x07", b"\r\n", b"<script>alert(1)</script>", b"[/red]", "\u202egnp.exe\u2066".encode(), b"\xff\xfe")


# ---------------------------------------------------------------- kinds of damage: each puts something at a path


def _fifo(place: Path, old: Path | None) -> None:
    os.mkfifo(place)


def _socket(place: Path, old: Path | None) -> None:
    """A path for a socket may have 107 bytes, hence the link to its folder."""
    with socket.socket(socket.AF_UNIX) as server:
        folder = os.open(place.parent, os.O_PATH | os.O_DIRECTORY)
        try:
            server.bind(f"/proc/self/fd/{folder}/{place.name}")
        finally:
            os.close(folder)


def _dir(place: Path, old: Path | None) -> None:
    place.mkdir()


def _loop(place: Path, old: Path | None) -> None:
    place.symlink_to(place.name)


def _sparse(place: Path, old: Path | None) -> None:
    with place.open("wb") as stream:
        stream.truncate(2 << 30)


def _closed(place: Path, old: Path | None) -> None:
    """Nobody but root can read it; the audit is that of a user."""
    if old is None:
        place.touch()
    elif old.is_dir():
        place.mkdir()
    else:
        shutil.copyfile(old, place)
    place.chmod(0)


def _outside(place: Path, old: Path | None) -> None:
    place.symlink_to(f"{'../' * 30}{OUTSIDE}/{place.name}")


def _gone(place: Path, old: Path | None) -> None:
    """Nothing is put there."""


def _empty(place: Path, old: Path | None) -> None:
    place.touch()


def _random(place: Path, old: Path | None) -> None:
    place.write_bytes(random.Random(place.name).randbytes(20_000))  # noqa: S311


def _line(place: Path, old: Path | None) -> None:
    place.write_bytes(b"A=b " * 262_144)


def _lines(place: Path, old: Path | None) -> None:
    place.write_bytes(b"".join(b"k%d v\n" % number for number in range(200_000)))


def _hostile(place: Path, old: Path | None) -> None:
    """Every line again with hostile text at its end, and once more in the place of its last word."""
    lines = old.read_bytes().splitlines() if old is not None and old.is_file() else [b"x"]
    made = []
    for number, line in enumerate(lines[:20_000]):
        text = HOSTILE[number % len(HOSTILE)]
        made += [line, line + b" " + text, line.rpartition(b" ")[0] + b" " + text]
    place.write_bytes(b"\n".join(made) + b"\n")


Put = Callable[[Path, "Path | None"], None]
UNREADABLE: dict[str, Put] = {
    "fifo": _fifo, "socket": _socket, "dir": _dir, "loop": _loop, "sparse": _sparse, "closed": _closed,
}  # fmt: skip
"""The file is there and cannot be read."""
READABLE: dict[str, Put] = {
    "outside": _outside, "gone": _gone, "empty": _empty, "random": _random, "line": _line, "lines": _lines,
    "hostile": _hostile,
}  # fmt: skip
"""The file can be read, or is not there."""
KINDS = UNREADABLE | READABLE


@contextlib.contextmanager
def damaged(root: Path, paths: Iterable[str], put: Put) -> Iterator[list[str]]:
    """Damage the files at real paths of the root; everything is as before at the end. Give those that were damaged."""
    aside = root.parent / "aside"
    aside.mkdir()
    done: list[tuple[Path, Path | None]] = []
    try:
        for number, path in enumerate(paths):
            place = root / path.lstrip("/")
            old: Path | None = aside / str(number)
            try:
                os.rename(place, old)  # type: ignore[arg-type]
            except FileNotFoundError:
                if not place.parent.is_dir():
                    continue
                old = None
            except NotADirectoryError:
                continue
            done.append((place, old))
            put(place, old)
        yield ["/" + str(place.relative_to(root)) for place, _ in done]
    finally:
        for place, old in done:
            if place.is_dir() and not place.is_symlink():
                place.rmdir()
            elif place.is_symlink() or place.exists():
                place.unlink()
            if old is not None:
                os.rename(old, place)
        aside.rmdir()


# ---------------------------------------------------------------- audits


@dataclass(frozen=True)
class Auditor:
    """Content, loaded once."""

    library: library_module.Library
    selection: object
    compiled: Sequence[object]

    @classmethod
    def load(cls) -> Auditor:
        library = library_module.load()
        selection = select(library, "freelancer")
        return cls(library, selection, compile_selection(library, selection))

    def snapshot(self, root: Path) -> Snapshot:
        request = auditing.AuditRequest(root=root)
        return auditing.take_snapshot(request, self.compiled, lambda: NOW, None)  # type: ignore[arg-type]

    def again(self, root: Path, before: Snapshot, names: Iterable[str]) -> Snapshot:
        """Collect some tables again; the others are those of before."""
        specs = all_tables()
        access = RootAccess(str(root))
        try:
            tables, _ = collect(access, [specs[name] for name in names], Wants(before.files), int(NOW.timestamp()))
        finally:
            access.close()
        new = {table.name: table for table in tables}
        return replace(before, tables=tuple(new.get(table.name, table) for table in before.tables))

    def judge(self, snapshot: Snapshot) -> Run:
        return auditing.judge(self.library, self.selection, self.compiled, snapshot)  # type: ignore[arg-type]


def read_files(snapshot: Snapshot, root: Path) -> dict[str, set[str]]:
    """Real path of each file that tables read, or looked for in vain -> names of those tables."""
    access = RootAccess(str(root))
    found: dict[str, set[str]] = {}
    for table in snapshot.tables:
        for source in table.sources:
            if source.kind != "file":
                continue
            try:
                path = access.realpath(source.what)
            except OSError:
                try:
                    folder, _, name = source.what.rpartition("/")
                    path = access.realpath(folder or "/").rstrip("/") + "/" + name
                except OSError:
                    continue
            found.setdefault(path, set()).add(table.name)
    access.close()
    return found


def verdicts(run: Run) -> dict[str, Status]:
    return {result.check: result.status for result in run.results}


def false_verdicts(before: Run, after: Run) -> list[str]:
    """Checks that say something better after a file could not be read."""
    old = verdicts(before)
    worse = {Status.FAIL: 0, Status.UNKNOWN: 1}
    wrong = []
    for result in after.results:
        was = old[result.check]
        if was in worse and result.status in (Status.PASS, Status.NOT_APPLICABLE):
            wrong.append(f"{result.check}: {was} -> {result.status} ({', '.join(result.tables)})")
    return wrong


def bugs(snapshot: Snapshot) -> list[str]:
    """Tables that ended with an exception of Python, or not in time."""
    return [
        f"{table.name}: {table.status}: {table.reason}"
        for table in snapshot.tables
        if table.status is TableStatus.TIMEOUT or (table.status is TableStatus.FAILED and is_exception(table))
    ]


def is_exception(table: TableData) -> bool:
    """As `collect_one` writes what it did not expect: the name of the exception, a colon, its text."""
    head = (table.reason or "").partition(":")[0]
    return head.isidentifier() and head[0].isupper() and head.endswith(("Error", "Exception", "Iteration", "Warning"))
