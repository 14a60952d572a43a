"""Compiled templates of earlier starts: compiling them took as long as rendering the report (0.1 s of processor time).

What is kept is code, so it is used only when nobody but this user and root could have put it there: the file, its
folder and every folder above. A damaged file is left aside and written anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import marshal
import os
import stat
from pathlib import Path
from types import CodeType

import jinja2
from jinja2.bccache import Bucket, BytecodeCache

from secaudit import __version__
from secaudit.content.cache import default_path, write_whole

LIMIT_BYTES = 8 * 1024 * 1024
_MAKERS = f"{__version__} {jinja2.__version__} {importlib.util.MAGIC_NUMBER.hex()}"
"""Who compiled: code of another version of ours, of Jinja or of Python is never used."""


class KeptTemplates(BytecodeCache):
    """The compiled templates of one environment, in one file."""

    def __init__(self, folder: str, options: str) -> None:
        """Find the file.

        Args:
            folder: the environment's folder of `reports/`.
            options: the settings of the environment that change what a template is compiled to.
        """
        place = default_path()
        self._path = place.with_name(f"report-{folder}.bin") if place is not None else None
        self._prefix = f"{_MAKERS} {options} "
        self._known = _read(self._path, self._prefix) if self._path is not None else {}

    def _key(self, bucket: Bucket) -> str:
        return f"{self._prefix}{bucket.key} {bucket.checksum}"

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._known.get(self._key(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if self._path is None or bucket.code is None:
            return
        self._known[self._key(bucket)] = bucket.code
        data = marshal.dumps(self._known)
        with contextlib.suppress(OSError):  # failing to is no error: the next start compiles again
            write_whole(self._path, hashlib.sha256(data).digest() + data)


def _read(path: Path, prefix: str) -> dict[str, CodeType]:
    try:
        if not is_ours_alone(path) or path.stat().st_size > LIMIT_BYTES:
            return {}
        text = path.read_bytes()
    except OSError:
        return {}
    if hashlib.sha256(text[32:]).digest() != text[:32]:  # marshal may crash on damaged data
        return {}
    try:
        known = marshal.loads(text[32:])  # noqa: S302  only what this user wrote comes here
    except (EOFError, ValueError, TypeError):  # of another version of Python
        return {}
    return {key: code for key, code in known.items() if key.startswith(prefix)}


def is_ours_alone(path: Path) -> bool:
    """A regular file that only this user or root can write, replace, or move another one in place of.

    Raises:
        OSError: it does not exist.
    """
    if not stat.S_ISREG(path.lstat().st_mode) or path.lstat().st_uid != os.geteuid():
        return False
    for place in (path.absolute(), *path.absolute().parents):
        info = place.lstat()
        others_write = info.st_mode & 0o022 and not (stat.S_ISDIR(info.st_mode) and info.st_mode & stat.S_ISVTX)
        if info.st_uid not in (0, os.geteuid()) or stat.S_ISLNK(info.st_mode) or others_write:
            return False
    return True
