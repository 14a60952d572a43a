"""The text of a content file, and what is wrong with one. Light: most starts need no YAML, see `cache`."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from secaudit.errors import ContentError

FILE_LIMIT_BYTES = 1024 * 1024
"""The largest file of ours, a standard with 345 requirements, is about 150 kB."""

Key = str | int
Plain = str | int | bool | None | list["Plain"] | dict[str, "Plain"]


class YamlProblem(Exception):
    """What is wrong, and the line (from 1)."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def read(path: Path) -> str:
    """The text of a content file.

    Raises:
        ContentError: it is not a readable, reasonably sized UTF-8 file.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a FIFO must not hold us up
        with os.fdopen(handle, "rb") as stream:
            about = os.fstat(handle)
            if not stat.S_ISREG(about.st_mode):
                raise ContentError(f"{path}: not a file", (("fix", "remove it, or put a YAML file there"),))
            if about.st_size > FILE_LIMIT_BYTES:
                raise ContentError(
                    f"{path}: {about.st_size} bytes is too large, the limit is {FILE_LIMIT_BYTES}",
                    (("fix", "split the file"),),
                )
            return stream.read(FILE_LIMIT_BYTES + 1).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ContentError(f"{path}: not UTF-8 text (byte {error.start})", (("fix", "save it as UTF-8"),)) from error
    except (FileNotFoundError, IsADirectoryError) as error:
        raise ContentError(f"{path}: not a file", (("fix", "remove it, or put a YAML file there"),)) from error
    except OSError as error:
        raise ContentError(f"{path}: {error.strerror or error}", (("fix", "make the file readable"),)) from error
