"""What a table holds as its target: raw access plus the record of sources, a cache and a deadline."""

from __future__ import annotations

import errno
import hashlib
import hmac
import os
import threading
import time
from functools import partial
from typing import Callable, Iterator, Mapping, TypeVar

from secaudit.model import Source
from secaudit.tableapi import Command, ImportedReport, Net, Stat, TableProblem, Target, TimedOut, Unsupported
from secaudit.targets import access as access_module
from secaudit.targets.access import COMMAND_LIMIT_BYTES, COMMAND_TIMEOUT_S, READ_LIMIT_BYTES, Access, Skip

CACHE_LIMIT_BYTES = 8 * 1024 * 1024
"""Larger files are read again by the second table that wants them; keeping them would raise the peak memory."""

T = TypeVar("T")


class Cache:
    """Files and command outputs shared by the tables of one run, so that nothing is read twice."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[object, object] = {}
        self._busy: dict[object, threading.Lock] = {}

    def get(self, key: object, make: Callable[[], tuple[T, str, int]]) -> tuple[T, str]:
        """Give (value, sha256); `make` returns (value, sha256, size in bytes) and runs once for each key."""
        with self._only_one(key):
            if key in self._kept:
                return self._kept[key]  # type: ignore[return-value]
            value, digest, size = make()
            if size <= CACHE_LIMIT_BYTES:
                self._kept[key] = (value, digest)
            return value, digest

    def once(self, key: object, make: Callable[[], T]) -> T:
        """Give what `make` returns; it runs once for each key, unless it raises."""
        with self._only_one(key):
            if key not in self._kept:
                self._kept[key] = make()
            return self._kept[key]  # type: ignore[return-value]

    def _only_one(self, key: object) -> threading.Lock:
        with self._lock:
            return self._busy.setdefault(key, threading.Lock())


class Recorder:
    """One table's view of a target."""

    def __init__(
        self, access: Access, cache: Cache, now_s: int, deadline: float, tell: Callable[[str], None] | None = None
    ) -> None:
        self._tell = tell
        self._access = access
        self._cache = cache
        self._deadline = deadline
        self._seen: set[tuple[str, str]] = set()
        self.sources: list[Source] = []
        self.kind = access.kind
        self.live = access.live
        self.is_root = access.is_root
        self.uid = access.uid
        self.now_s = now_s

    @property
    def net(self) -> Net:
        if self._access.net is None:
            raise Unsupported(f"a target of kind {self.kind} is not reached over the network")
        from secaudit.targets.network.recorded import RecordedNet

        return RecordedNet(self._access.net, partial(self._note, "network"), self._check_deadline)

    def _check_deadline(self) -> None:
        if time.monotonic() > self._deadline:
            raise TimedOut("reading took longer than this table's deadline")

    def _note(
        self, kind: str, what: str, sha256: str | None = None, exit_code: int | None = None, error: str | None = None
    ) -> None:
        if (kind, what) not in self._seen:
            self._seen.add((kind, what))
            self.sources.append(Source(kind=kind, what=what, sha256=sha256, exit_code=exit_code, error=error))

    def _ask(self, path: str, operation: Callable[[], T]) -> T:
        """Do it, unless time is up. What can be no path at all (out of a damaged file) does not exist.

        Raises:
            FileNotFoundError: also for a path with a NUL or one that is too long.
        """
        self._check_deadline()
        if "\0" in path:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        try:
            return operation()
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                raise FileNotFoundError(error.errno, error.strerror, path) from error
            raise

    def _noting(self, kind: str, path: str, operation: Callable[[], T]) -> T:
        try:
            value = self._ask(path, operation)
        except OSError as error:
            self._note(kind, path, error=_error_name(error))
            raise
        except TableProblem as problem:  # a command that is not run here, or did not end in time
            self._note(kind, path, error=problem.status)
            raise
        return value

    def read_bytes(self, path: str, limit_bytes: int = READ_LIMIT_BYTES) -> bytes:
        def make() -> tuple[bytes, str, int]:
            descriptor = self._access.open(path)
            try:
                data = access_module.read_all(descriptor, path, limit_bytes)
            finally:
                os.close(descriptor)
            return data, hashlib.sha256(data).hexdigest(), len(data)

        data, digest = self._noting("file", path, lambda: self._cache.get(("file", path, limit_bytes), make))
        self._note("file", path, sha256=digest)
        return data

    def read_parts(self, path: str, limit_bytes: int, part_bytes: int = 1 << 20) -> Iterator[bytes]:
        descriptor = self._noting("file", path, lambda: self._access.open(path))
        digest = hashlib.sha256()
        try:
            for part in access_module.read_parts(descriptor, path, limit_bytes, part_bytes):
                self._check_deadline()
                digest.update(part)
                yield part
        finally:
            os.close(descriptor)
        self._note("file", path, sha256=digest.hexdigest())

    def read_text(self, path: str, limit_bytes: int = READ_LIMIT_BYTES) -> str:
        return self.read_bytes(path, limit_bytes).decode("utf-8", "backslashreplace")

    def read_unlisted(self, path: str, limit_bytes: int = READ_LIMIT_BYTES) -> bytes:
        def read() -> bytes:
            descriptor = self._access.open(path)
            try:
                return access_module.read_all(descriptor, path, limit_bytes)
            finally:
                os.close(descriptor)

        return self._ask(path, read)

    def fingerprint(self, secret: bytes) -> str:
        return mark_with(self._access.fingerprint_key, secret)

    def tell(self, text: str) -> None:
        self._check_deadline()
        if self._tell is not None:
            self._tell(text)

    def imported(self) -> tuple[ImportedReport, ...]:
        found = self._access.imported
        for report in found:
            self._note("import", f"{report.tool} {report.file}", sha256=report.sha256)
        return found

    def kept(self, name: str) -> str | None:
        if not self._access.kept_folder:
            return None
        self._note("kept", name)
        return os.path.join(self._access.kept_folder, name)

    def exists(self, path: str) -> bool:
        try:
            self._ask(path, lambda: self._access.stat(path, True))
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def stat(self, path: str, follow: bool = True) -> Stat:
        return self._ask(path, lambda: self._access.stat(path, follow))

    def listdir(self, path: str) -> list[str]:
        names = self._noting("folder", path, lambda: self._access.listdir(path))
        self._note("folder", path)
        return names

    def glob(self, pattern: str) -> list[str]:
        found = self._noting("pattern", pattern, lambda: access_module.glob(self._access, pattern))
        self._note("pattern", pattern)
        return found

    def readlink(self, path: str) -> str:
        return self._ask(path, lambda: self._access.readlink(path))

    def realpath(self, path: str) -> str:
        return self._ask(path, lambda: self._access.realpath(path))

    def walk(
        self, top: str, denied: list[str], cross: bool = False, skip: Skip | None = None
    ) -> Iterator[tuple[str, Stat]]:
        self._note("tree", top)
        for count, entry in enumerate(self._access.walk(top, denied, cross, skip)):
            if count % 1000 == 0:
                self._check_deadline()
            yield entry

    def shared(self, key: str, make: Callable[[Target], T]) -> T:
        def record() -> tuple[T, list[Source]]:
            once = Recorder(self._access, self._cache, self.now_s, self._deadline, self._tell)
            return make(once), once.sources

        value, sources = self._cache.once(("shared", key), record)
        for source in sources:
            if (source.kind, source.what) not in self._seen:
                self._seen.add((source.kind, source.what))
                self.sources.append(source)
        return value

    def find_program(self, name: str) -> str | None:
        return self._access.find_program(name)

    def run(
        self, argv: list[str], timeout_s: float = COMMAND_TIMEOUT_S, limit_bytes: int = COMMAND_LIMIT_BYTES
    ) -> Command:
        what = " ".join(argv)
        left_s = max(0.05, min(timeout_s, self._deadline - time.monotonic()))

        def make() -> tuple[Command, str, int]:
            done = self._access.run(argv, left_s, limit_bytes)
            return done, hashlib.sha256(done.stdout.encode()).hexdigest(), len(done.stdout)

        done, digest = self._noting("command", what, lambda: self._cache.get(("command", tuple(argv)), make))
        self._note("command", what, sha256=digest, exit_code=done.exit_code)
        return done

    def run_fed(
        self,
        argv: list[str],
        feed: bytes,
        timeout_s: float = COMMAND_TIMEOUT_S,
        limit_bytes: int = COMMAND_LIMIT_BYTES,
    ) -> bytes:
        what = " ".join(argv)
        self._check_deadline()
        left_s = max(0.05, min(timeout_s, self._deadline - time.monotonic()))
        printed = self._noting("command", what, lambda: self._access.run_fed(argv, feed, left_s, limit_bytes))
        self._note("command", what)
        return printed

    def run_over(
        self,
        argv: list[str],
        files: Mapping[str, bytes],
        timeout_s: float = COMMAND_TIMEOUT_S,
        limit_bytes: int = COMMAND_LIMIT_BYTES,
    ) -> Command:
        what = " ".join(argv)
        self._check_deadline()
        left_s = max(0.05, min(timeout_s, self._deadline - time.monotonic()))
        done = self._noting("command", what, lambda: self._access.run_over(argv, files, left_s, limit_bytes))
        self._note("command", what)
        return done


def mark_with(key: bytes, secret: bytes) -> str:
    """The keyed mark of a value, see `Target.fingerprint`."""
    return hmac.new(key, secret, hashlib.sha256).hexdigest()[:32]


def _error_name(error: OSError) -> str:
    return errno.errorcode.get(error.errno, type(error).__name__) if error.errno else type(error).__name__
