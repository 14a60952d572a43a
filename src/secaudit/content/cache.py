"""Parsed content of earlier starts, so that YAML is parsed once and not for each audit.

Measured with 615 files: libyaml alone takes four fifths of the time of loading. What is kept is plain JSON, found by
the SHA-256 of each file's text, so a changed file is never read from here. The file is used only when its folder and
itself belong to this user and nobody else can write them; a damaged one is left aside and written anew.
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

from secaudit.content.private import check_ours
from secaudit.content.strict_yaml import Plain

VERSION = 1
"""Raised when `strict_yaml` gives other data for the same text."""

LIMIT_BYTES = 32 * 1024 * 1024


def default_path() -> Path | None:
    """Where the cache lies: $SECAUDIT_CACHE, else the user's cache folder; None when SECAUDIT_CACHE is empty."""
    own = os.environ.get("SECAUDIT_CACHE")
    if own is not None:
        return Path(own) / "content.json" if own else None
    from platformdirs import user_cache_path

    return user_cache_path("secaudit") / "content.json"


class ParseCache:
    """Give the plain data of a text, parsed now or earlier."""

    def __init__(self, path: Path | None, parse: Callable[[str], Plain]) -> None:
        self._path = path
        self._parse = parse
        self._known = _read(path) if path is not None else {}
        self._used: dict[str, Plain] = {}
        self._changed = False

    def parse(self, text: str) -> Plain:
        """As `strict_yaml.parse`; what is refused is never kept."""
        key = hashlib.sha256(text.encode()).hexdigest()
        if key in self._known:
            data = self._known[key]
        else:
            data = self._parse(text)
            self._changed = True
        self._used[key] = data
        return data

    def save(self) -> None:
        """Keep what was used, if anything is new. Failing to is no error: the next start parses again."""
        if self._path is None or not self._changed:
            return
        text = json.dumps({"version": VERSION, "files": self._used}, ensure_ascii=False)
        with contextlib.suppress(OSError):
            write_whole(self._path, text.encode())


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


def _read(path: Path) -> dict[str, Plain]:
    try:
        for place in (path, path.parent):
            info = place.lstat()
            if info.st_uid != os.geteuid() or stat.S_IMODE(info.st_mode) & 0o022 or stat.S_ISLNK(info.st_mode):
                return {}
        if not stat.S_ISREG(path.lstat().st_mode) or path.stat().st_size > LIMIT_BYTES:
            return {}
        data = json.loads(path.read_text(encoding="utf-8"))
        files = data["files"] if data["version"] == VERSION else {}
        return files if isinstance(files, dict) else {}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
