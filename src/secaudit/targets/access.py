"""How a target reaches its files and programs, before anything is recorded. Implemented by host and root."""

from __future__ import annotations

import fnmatch
import os
import stat as stat_module
from typing import Callable, Iterator, Mapping, Protocol

from secaudit.model import Consent
from secaudit.tableapi import Command, ImportedReport, Net, NotRegular, Stat, TooLarge
from secaudit.targets.command import SEARCH_PATH

READ_LIMIT_BYTES = 16 * 1024 * 1024
"""A configuration file is far smaller; dpkg's status file of a full desktop is about 6 MB."""

FINGERPRINT_KEY_BYTES = 32

Skip = Callable[[str], bool]
"""Whether a folder is left out of a walk."""

COMMAND_LIMIT_BYTES = 16 * 1024 * 1024
COMMAND_TIMEOUT_S = 5.0

_KINDS = {
    stat_module.S_IFREG: "file",
    stat_module.S_IFDIR: "dir",
    stat_module.S_IFLNK: "link",
    stat_module.S_IFIFO: "fifo",
    stat_module.S_IFSOCK: "socket",
    stat_module.S_IFBLK: "block",
    stat_module.S_IFCHR: "char",
}


class Access(Protocol):
    """The raw operations below a target; the recorder adds sources, caches and deadlines."""

    kind: str
    name: str
    live: bool
    is_root: bool
    notes: tuple[str, ...]
    """What a person should know about how the target was opened."""
    uid: int
    fingerprint_key: bytes
    """Of `Recorder.fingerprint`: random, unless the user's own key is put in its place."""
    kept_folder: str
    """Of `Recorder.kept`: empty, unless the user's own folder is put in its place."""

    imported: tuple[ImportedReport, ...]
    """What the user took over from other tools."""
    net: Net | None
    """The gate of a target that is reached over the network."""

    @property
    def consent(self) -> Consent | None:
        """Of a target that is reached over the network."""
        ...

    def open(self, path: str) -> int:
        """A descriptor of a regular file, opened so that nothing can hang or be changed."""
        ...

    def stat(self, path: str, follow: bool) -> Stat: ...
    def listdir(self, path: str) -> list[str]: ...
    def readlink(self, path: str) -> str: ...
    def realpath(self, path: str) -> str: ...
    def walk(self, top: str, denied: list[str], cross: bool, skip: Skip | None) -> Iterator[tuple[str, Stat]]: ...
    def find_program(self, name: str) -> str | None: ...
    def run(self, argv: list[str], timeout_s: float, limit_bytes: int) -> Command: ...
    def run_fed(self, argv: list[str], feed: bytes, timeout_s: float, limit_bytes: int) -> bytes: ...
    def run_over(self, argv: list[str], files: Mapping[str, bytes], timeout_s: float, limit_bytes: int) -> Command: ...


def new_fingerprint_key() -> bytes:
    """A key that nobody else has."""
    return os.urandom(FINGERPRINT_KEY_BYTES)


def to_stat(raw: os.stat_result) -> Stat:
    """Turn the operating system's answer into ours."""
    return Stat(
        kind=_KINDS.get(stat_module.S_IFMT(raw.st_mode), "file"),
        mode=stat_module.S_IMODE(raw.st_mode),
        uid=raw.st_uid,
        gid=raw.st_gid,
        size=raw.st_size,
        mtime_s=raw.st_mtime_ns // 1_000_000_000,
        nlink=raw.st_nlink,
        dev=raw.st_dev,
        ino=raw.st_ino,
    )


def check_regular(descriptor: int, path: str) -> int:
    """The size of an opened file. Raise NotRegular for anything but a file."""
    raw = os.fstat(descriptor)
    if not stat_module.S_ISREG(raw.st_mode):
        raise NotRegular(f"{path} is not a regular file")
    return raw.st_size


def read_parts(descriptor: int, path: str, limit_bytes: int, part_bytes: int) -> Iterator[bytes]:
    """Read an opened file piece by piece. Files of /proc say size 0, so the end is where read(2) gives nothing."""
    size = check_regular(descriptor, path)
    if size > limit_bytes:
        raise TooLarge(f"{path} has {size} bytes, the limit is {limit_bytes}")
    total = 0
    while chunk := os.read(descriptor, min(part_bytes, limit_bytes + 1 - total)):
        total += len(chunk)
        if total > limit_bytes:
            raise TooLarge(f"{path} has more than {limit_bytes} bytes")
        yield chunk


def read_all(descriptor: int, path: str, limit_bytes: int) -> bytes:
    """Read an opened file up to the limit, in one piece where its size is known, so that it is in memory once."""
    size = os.fstat(descriptor).st_size
    parts = list(read_parts(descriptor, path, limit_bytes, max(size + 1, 1 << 16)))
    return parts[0] if len(parts) == 1 else b"".join(parts)


def find_program(access: Access, name: str) -> str | None:
    """The first file of that name in the system's program folders that somebody may run.

    Raises:
        PermissionError: a folder before it is closed to us, so it may be there.
    """
    for folder in SEARCH_PATH:
        path = f"{folder}/{name}"
        try:
            found = access.stat(path, True)
        except PermissionError:
            raise
        except OSError:
            continue
        if found.kind == "file" and found.mode & 0o111:
            return path
    return None


def glob(access: Access, pattern: str) -> list[str]:
    """Expand `*`, `?` and `[...]` component by component; hidden names need a pattern that starts with a dot.

    Raises:
        PermissionError: a folder on the way cannot be listed, so the answer would not be complete.
    """
    found = ["/"]
    parts = [part for part in pattern.split("/") if part]
    for position, part in enumerate(parts):
        last = position == len(parts) - 1
        following: list[str] = []
        for base in found:
            following.extend(_expand(access, base, part, last))
        found = following
    return sorted(found)


def _expand(access: Access, base: str, part: str, last: bool) -> Iterator[str]:
    prefix = base if base.endswith("/") else base + "/"
    if not any(sign in part for sign in "*?["):
        path = prefix + part
        if not last:
            yield path
            return
        try:
            access.stat(path, False)
        except (FileNotFoundError, NotADirectoryError):
            return
        yield path
        return
    try:
        names = access.listdir(base)
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in names:
        if name.startswith(".") and not part.startswith("."):
            continue
        if fnmatch.fnmatchcase(name, part):
            yield prefix + name
