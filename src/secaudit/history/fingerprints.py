"""The key with which secrets that were found are marked: made once for each user, so that marks can be compared.

Whoever has the key and a run could try values against its marks. It stays in the state folder, for its owner only.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import stat
from pathlib import Path

from secaudit.errors import StateError
from secaudit.history.store import make_private, runs_folder

KEY_FILE = "fingerprint.key"
KEY_BYTES = 32


def key_path() -> Path:
    """In a folder of its own beside the kept runs: the folder above may be anybody's."""
    return runs_folder().parent / "keys" / KEY_FILE


def load_key() -> bytes | None:
    """The user's key, made at the first call; None where it cannot be kept or others could have read it.

    Then marks differ from run to run, and nothing else changes.
    """
    path = key_path()
    with contextlib.suppress(OSError, StateError):
        if (found := _read(path)) is not None:
            return found
        if not os.path.lexists(path):
            make_private(path.parent)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "wb") as stream:
                stream.write(os.urandom(KEY_BYTES))
            return _read(path)
    return None


def key_name() -> str | None:
    """Tells keys apart without telling the key; None where there is none."""
    key = load_key()
    return None if key is None else hmac.new(key, b"name of this key", hashlib.sha256).hexdigest()[:8]


def _read(path: Path) -> bytes | None:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, "rb") as stream:
        found = os.fstat(handle)
        is_ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077
        key = stream.read(KEY_BYTES + 1) if is_ours else b""
    return key if len(key) == KEY_BYTES else None
