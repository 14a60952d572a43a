"""Ways to damage the files of a root, and what an audit of the damaged root may say."""

from __future__ import annotations

import contextlib
import fnmatch
import os
import pickle
import random
import select as select_module
import shutil
import signal
import socket
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from secaudit.app import auditing
from secaudit.app.content import compile_selection
from secaudit.content import library as library_module
from secaudit.content.select import Selection, select
from secaudit.engine.collect import collect
from secaudit.engine.compile import Compiled
from secaudit.engine.evaluate import Evaluator
from secaudit.engine.registry import all_tables
from secaudit.model import Run, Snapshot, Status, TableData, TableStatus
from secaudit.tableapi import Wants
from secaudit.targets.root import RootAccess

NOW = datetime(2026, 11, 23, 17, 48, 2, tzinfo=UTC)
OUTSIDE = "outside"
"""A folder beside the root, made by `damaged`."""
PERMISSIVE = (
    "PermitRootLogin no\nkernel.randomize_va_space=2\nroot:x:0:0:root:/root:/bin/bash\n"
    "ENABLED=yes\nUMASK 077\nDefaults use_pty\n"
)
"""What would look good if it were read."""
HOSTILE = (
    b"\x1b[2J\x1b]0;x\x07",
    b"\r\n",
    b"<script>alert(1)</script>",
    b"[/red]",
    "\u202egnp.exe\u2066".encode(),
    b"\xff\xfe",
)


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
    """Links to a file that exists beside the root and allows more."""
    outside = place.parent
    while not (outside / OUTSIDE).is_dir():
        outside = outside.parent
    goal = str(outside / OUTSIDE / "permissive")
    place.symlink_to(goal if len(place.name) % 2 else "../" * 30 + goal[1:])


def _gone(place: Path, old: Path | None) -> None:
    """Nothing is put there."""


def _empty(place: Path, old: Path | None) -> None:
    place.touch()


def _random(place: Path, old: Path | None) -> None:
    place.write_bytes(random.Random(place.name).randbytes(4_000))


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
    aside = Path(tempfile.mkdtemp(prefix="aside-", dir=root.parent))
    outside = root.parent / OUTSIDE
    outside.mkdir(exist_ok=True)
    (outside / "permissive").write_text(PERMISSIVE)
    done: list[tuple[Path, Path | None]] = []
    try:
        for number, path in enumerate(paths):
            place = root / path.lstrip("/")
            old: Path | None = aside / str(number)
            try:
                os.rename(place, aside / str(number))
            except FileNotFoundError:
                if not place.parent.is_dir():
                    continue
                old = None
            except NotADirectoryError:
                continue
            done.append((place, old))
            put(place, old)
            _dress_as(place, old)
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


def _dress_as(place: Path, old: Path | None) -> None:
    """Give it the owner and the mode of the file that was there, so that only its content is in doubt."""
    if old is None or not os.path.lexists(place) or place.is_symlink() or old.is_symlink():
        return
    was = old.stat()
    if os.geteuid() == 0:
        os.chown(place, was.st_uid, was.st_gid)
    if place.stat().st_mode & 0o777:  # else it was closed on purpose
        place.chmod(was.st_mode & 0o7777)


# ---------------------------------------------------------------- audits


@dataclass(frozen=True)
class Auditor:
    """Content, loaded once."""

    library: library_module.Library
    selection: Selection
    compiled: Sequence[Compiled]

    @classmethod
    def load(cls, without: frozenset[str] = frozenset()) -> Auditor:
        """Load everything, except checks that read the tables `without`."""
        library = library_module.load()
        selection = select(library, "freelancer")
        compiled = compile_selection(library, selection)
        return cls(library, selection, [item for item in compiled if not item.tables & without])

    def snapshot(self, root: Path | None = None, timeout_s: float | None = None) -> Snapshot:
        request = auditing.AuditRequest(root=root, timeout_s=timeout_s)
        return auditing.take_snapshot(request, self.compiled, lambda: NOW, None)

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
        return auditing.judge(self.library, self.selection, self.compiled, snapshot)

    def verdicts(self, snapshot: Snapshot, names: set[str]) -> dict[str, Status]:
        """The verdicts of the checks that read one of these tables."""
        chosen = [item for item in self.compiled if item.tables & names]
        needed = names.union(*(item.tables for item in chosen))
        tables = [table for table in snapshot.tables if table.name in needed]
        evaluator = Evaluator(all_tables(), tables, int(NOW.timestamp()), snapshot.files)
        try:
            return {item.check.id: evaluator.evaluate(item).verdict.status for item in chosen}
        finally:
            evaluator.close()


@dataclass(frozen=True)
class Measured:
    """What a function gave in a process of its own, and what it cost."""

    value: Any
    seconds: float
    peak_mb: float
    """Memory that was needed beyond what the process had before."""


def measured(function: Callable[[], object], deadline_s: float) -> Measured:
    """Run it in a child process, which is killed when it takes too long. What it gives must be picklable."""
    begun = time.monotonic()
    read_end, write_end = os.pipe()
    before_mb = _resident_mb()  # a child begins with the memory of this process, which holds all tests
    child = os.fork()
    if child == 0:
        try:
            os.close(read_end)
            with os.fdopen(write_end, "wb") as stream:
                pickle.dump(function(), stream)
        except BaseException:  # noqa: BLE001  whatever it is, the parent must not be run twice
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(write_end)
    parts = bytearray()
    with os.fdopen(read_end, "rb") as stream:
        while True:
            ready, _, _ = select_module.select([stream], [], [], max(0.0, begun + deadline_s - time.monotonic()))
            part = os.read(stream.fileno(), 1 << 16) if ready else b""
            if not part:
                break
            parts += part
    is_late = not ready
    if is_late:
        os.kill(child, signal.SIGKILL)
    _, _, usage = os.wait4(child, 0)
    assert not is_late, f"no end within {deadline_s:g} s"
    assert parts, "the function failed in the child"
    return Measured(pickle.loads(parts), time.monotonic() - begun, usage.ru_maxrss / 1024 - before_mb)


def _resident_mb() -> float:
    with open("/proc/self/statm", encoding="ascii") as stream:
        return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


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


def better(before: Mapping[str, Status], after: Mapping[str, Status], kind: str) -> list[str]:
    """Checks that say something better after files could not be read, except where that is the truth."""
    wrong = []
    for check, status in after.items():
        was = before[check]
        if was not in (Status.FAIL, Status.UNKNOWN) or status not in (Status.PASS, Status.NOT_APPLICABLE):
            continue
        if not any(kind in kinds and fnmatch.fnmatch(check, pattern) for pattern, kinds in TRUE_ALL_THE_SAME):
            wrong.append(f"{check}: {was} -> {status}")
    return wrong


TRUE_ALL_THE_SAME: tuple[tuple[str, tuple[str, ...]], ...] = (
    # sudo, sshd, apt, sysctl and dpkg pass over folders (measured), sudo over everything that is no plain file
    ("sudo-*", ("dir", "fifo", "socket")),
    ("ssh-root-login", ("dir",)),
    ("updates-*-verified", ("dir",)),
    ("updates-signatures-required", ("dir",)),
    ("kernel-*", ("dir",)),
    ("network-*", ("dir",)),
    ("boot-*", ("dir",)),
    # what is no plain file keeps no secret on the disk; some password managers put a FIFO there on purpose
    ("keys-*", ("dir", "fifo", "socket")),
    # the writable file is gone, and what was put in its place nobody can write to
    ("file-programs-write", ("dir", "fifo", "socket", "loop", "closed")),
    ("file-world-writable", ("dir", "fifo", "socket", "loop", "closed")),
    # a FIFO, socket, link or folder is not a file or program that anyone can write
    ("file-world-writable", ("fifo", "socket", "loop", "dir")),
    ("file-programs-write", ("fifo", "socket", "loop")),
    # no key has more than a megabyte, and none is a folder
    ("ssh-host-key-*", ("dir", "sparse")),
    ("root-ssh-key-*", ("dir", "sparse")),
    ("ssh-private-key-*", ("dir", "sparse")),
    # a key with the mode 000 is closed to others
    ("*ssh*-key-permissions", ("closed",)),
)


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
