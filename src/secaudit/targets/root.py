"""root: a mounted or unpacked file system. No link ever leads outside it, and nothing of it is run."""

from __future__ import annotations

import contextlib
import errno
import os
import stat as stat_module
from typing import Iterator, Mapping

from secaudit.model import Consent
from secaudit.tableapi import Command, ImportedReport, Net, NotRegular, Stat, Unsupported
from secaudit.targets.access import Skip, find_program, new_fingerprint_key, to_stat

MAX_LINKS = 40
"""As the kernel counts, path_resolution(7)."""


class RootAccess:
    """Files below a folder, each path component opened by itself so that a link cannot lead out.

    An absolute link, or one with too many `..`, is read as chroot(2) would read it: from the top of this root.
    """

    kind = "root"
    live = False
    notes: tuple[str, ...] = ()
    imported: tuple[ImportedReport, ...] = ()
    net: Net | None = None
    consent: Consent | None = None

    def __init__(self, folder: str) -> None:
        self._top = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        self.name = os.path.basename(os.path.abspath(folder)) or folder
        self.uid = os.geteuid()
        self.is_root = self.uid == 0
        self.fingerprint_key = new_fingerprint_key()
        self.kept_folder = ""

    def close(self) -> None:
        """Give the descriptor of the top folder back; also done when nobody holds this any more."""
        top, self._top = self._top, -1
        if top >= 0:
            os.close(top)

    def __del__(self) -> None:
        if getattr(self, "_top", -1) >= 0:
            self.close()

    @contextlib.contextmanager
    def _opened(self, path: str, follow: bool = True) -> Iterator[tuple[int, str]]:
        """Give a descriptor (O_PATH) for the path and its real path inside the root."""
        todo = [part for part in reversed(path.split("/")) if part and part != "."]
        stack: list[tuple[str, int]] = []  # what is open below the top
        links = 0
        try:
            while todo:
                part = todo.pop()
                if part == "..":
                    if stack:
                        os.close(stack.pop()[1])
                    continue
                parent = stack[-1][1] if stack else self._top
                try:
                    descriptor = os.open(part, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
                except OSError as error:
                    error.filename = path  # not the last part alone, which tells a person little
                    raise
                if stat_module.S_ISLNK(os.fstat(descriptor).st_mode) and (todo or follow):
                    text = os.readlink("", dir_fd=descriptor)
                    os.close(descriptor)
                    links += 1
                    if links > MAX_LINKS:
                        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
                    if text.startswith("/"):
                        while stack:
                            os.close(stack.pop()[1])
                    todo.extend(piece for piece in reversed(text.split("/")) if piece and piece != ".")
                    continue
                stack.append((part, descriptor))
            real = "/" + "/".join(name for name, _ in stack)
            yield (stack[-1][1] if stack else self._top), real
        finally:
            for _, descriptor in stack:
                os.close(descriptor)

    def open(self, path: str) -> int:
        with self._opened(path) as (descriptor, _):
            if not stat_module.S_ISREG(os.fstat(descriptor).st_mode):
                raise NotRegular(f"{path} is not a regular file")
            try:
                return os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
            except OSError as error:
                error.filename = path  # not the way that we took
                raise

    def stat(self, path: str, follow: bool) -> Stat:
        with self._opened(path, follow) as (descriptor, _):
            return to_stat(os.fstat(descriptor))

    def listdir(self, path: str) -> list[str]:
        with self._opened(path) as (descriptor, _):
            return sorted(self._names(descriptor))

    def _names(self, descriptor: int) -> list[str]:
        readable = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=descriptor)
        try:
            return os.listdir(readable)
        finally:
            os.close(readable)

    def readlink(self, path: str) -> str:
        with self._opened(path, follow=False) as (descriptor, _):
            return os.readlink("", dir_fd=descriptor)

    def realpath(self, path: str) -> str:
        with self._opened(path) as (_, real):
            return real

    def walk(self, top: str, denied: list[str], cross: bool, skip: Skip | None = None) -> Iterator[tuple[str, Stat]]:
        """Each folder is opened from the top again: slower than by descriptor, but depth is no limit."""
        device: int | None = None
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            try:
                with self._opened(folder, follow=False) as (descriptor, real):
                    if device is None:
                        device = os.fstat(descriptor).st_dev
                    rows = list(self._entries(descriptor, real, denied))
            except PermissionError:
                denied.append(folder)
                continue
            except OSError:
                continue
            for path, entry in rows:
                if entry.kind == "dir" and (cross or entry.dev == device) and not (skip and skip(path)):
                    waiting.append(path)
                yield path, entry

    def _entries(self, descriptor: int, real: str, denied: list[str]) -> Iterator[tuple[str, Stat]]:
        readable = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=descriptor)
        prefix = real if real.endswith("/") else real + "/"
        try:
            with os.scandir(readable) as entries:
                for entry in entries:
                    try:
                        yield prefix + entry.name, to_stat(entry.stat(follow_symlinks=False))
                    except PermissionError:
                        denied.append(prefix + entry.name)
                    except OSError:
                        continue
        finally:
            os.close(readable)

    def find_program(self, name: str) -> str | None:
        return find_program(self, name)

    def run(self, argv: list[str], timeout_s: float, limit_bytes: int) -> Command:
        raise Unsupported(f"{argv[0]} is not run: nothing of a mounted file system is executed")

    def run_fed(self, argv: list[str], feed: bytes, timeout_s: float, limit_bytes: int) -> bytes:
        raise Unsupported(f"{argv[0]} is not run: nothing of a mounted file system is executed")

    def run_over(self, argv: list[str], files: Mapping[str, bytes], timeout_s: float, limit_bytes: int) -> Command:
        raise Unsupported(f"{argv[0]} is run over projects only")
