"""Parsed content of earlier starts, so that YAML is parsed once and not for each audit.

Measured with 615 files: libyaml alone takes four fifths of the time of loading. What is kept is JSON, found by the
SHA-256 of each file's text, so a changed file is never read from here. That all content together was found right is
kept as well: then only what is needed is decoded. The file is used only when its folder and itself belong to this
user and nobody else can write them; a damaged one is left aside and written anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

from secaudit import __version__
from secaudit.content.private import check_ours
from secaudit.content.source import Plain

VERSION = 2
"""Raised when `strict_yaml` gives other data for the same text."""

LIMIT_BYTES = 32 * 1024 * 1024
_KEY_LENGTH = 64


def default_path() -> Path | None:
    """Where the cache lies: $SECAUDIT_CACHE, else the user's cache folder; None when SECAUDIT_CACHE is empty."""
    own = os.environ.get("SECAUDIT_CACHE")
    if own is not None:
        return Path(own) / "content.json" if own else None
    from platformdirs import user_cache_path

    return user_cache_path("secaudit") / "content.json"


class ParseCache:
    """Give the plain data of a text, parsed now or earlier.

    The file has a line of its own for each text, so that only what is needed is read: an audit of a machine needs no
    checks of projects.
    """

    def __init__(self, path: Path | None, parse: Callable[[str], Plain]) -> None:
        self._path = path
        self._parse = parse
        self._checked, self._known = _read(path) if path is not None else ("", {})
        self._used: dict[str, bytes] = {}
        self._changed = False

    def parse(self, text: str) -> Plain:
        """As `strict_yaml.parse`; what is refused is never kept."""
        return self.data(self.take(text))

    def take(self, text: str) -> str:
        """Parse a text, unless it is known; gives the key for `data`."""
        key = hashlib.sha256(text.encode()).hexdigest()
        line = self._known.get(key)
        if line is None:
            line = json.dumps(self._parse(text)).encode()
            self._changed = True
        self._used[key] = line
        return key

    def data(self, key: str) -> Plain:
        """The plain data of a text that was taken."""
        data: Plain = json.loads(self._used[key])
        return data

    def is_checked(self, digest: str) -> bool:
        """Whether this program found all content with this digest right before."""
        return bool(self._checked) and self._checked == _mark(digest)

    def save(self, digest: str = "") -> None:
        """Keep what was used, if anything is new. Failing to is no error: the next start parses again.

        Args:
            digest: of all content, when all of it was found right.
        """
        mark = _mark(digest) if digest else self._checked
        if self._path is None or not (self._changed or mark != self._checked):
            return
        head = json.dumps({"version": VERSION, "checked": mark}).encode()
        lines = (key.encode() + b" " + line for key, line in self._used.items())
        with contextlib.suppress(OSError):
            write_whole(self._path, b"\n".join((head, *lines)) + b"\n")


def _mark(digest: str) -> str:
    return f"{digest} by {__version__}"


def write_whole(path: Path, data: bytes) -> None:
    """Write a file of the cache folder: complete, or not at all, for its owner only.

    Raises:
        OSError: it cannot be written, or somebody else could lead the writing elsewhere, which matters most to root.
    """
    check_ours(path.parent)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _read(path: Path) -> tuple[str, dict[str, bytes]]:
    """What was found right, and the lines by key; nothing where the file is damaged or could be another user's."""
    try:
        for place in (path, path.parent):
            info = place.lstat()
            if info.st_uid != os.geteuid() or stat.S_IMODE(info.st_mode) & 0o022 or stat.S_ISLNK(info.st_mode):
                return "", {}
        if not stat.S_ISREG(path.lstat().st_mode) or path.stat().st_size > LIMIT_BYTES:
            return "", {}
        head, *lines = path.read_bytes().split(b"\n")
        about = json.loads(head)
        if about["version"] != VERSION or lines.pop() != b"":  # the last line is not whole
            return "", {}
        known = {line[:_KEY_LENGTH].decode("ascii"): line[_KEY_LENGTH + 1 :] for line in lines}
        return str(about["checked"]), known
    except (OSError, ValueError, KeyError, TypeError, RecursionError, IndexError):
        return "", {}
