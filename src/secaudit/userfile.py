"""Reading one file that a person named: a FIFO holds nobody up, a device is refused, and the size is bounded."""

from __future__ import annotations

import os
import stat
from pathlib import Path


class FileProblem(Exception):
    """Why it was not read, in a few words. Whoever asked says which file, and how to mend it."""


class NoFile(FileProblem):
    """There is nothing, or something that is no file."""


class FileTooLarge(FileProblem):
    """It is larger than the limit. Nothing of it was kept."""


def read_file(path: Path | str, limit_bytes: int) -> bytes:
    """The whole content; links are followed.

    Raises:
        NoFile: there is no such file, or it is a folder, FIFO, socket or device.
        FileTooLarge: it holds more than `limit_bytes`.
        FileProblem: the system refuses.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as stream:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise NoFile("not a file")
            data = stream.read(limit_bytes + 1)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise NoFile(error.strerror or "not a file") from error
    except OSError as error:
        raise FileProblem(error.strerror or str(error)) from error
    if len(data) > limit_bytes:
        raise FileTooLarge(f"larger than {_size(limit_bytes)}")
    return data


def _size(limit_bytes: int) -> str:
    return f"{limit_bytes >> 20} MB" if limit_bytes >= 1 << 20 else f"{limit_bytes >> 10} kB"
