"""The text of a content file, and what is wrong with one. Light: most starts need no YAML, see `cache`."""

from __future__ import annotations

from pathlib import Path

from secaudit.errors import ContentError
from secaudit.userfile import FileProblem, FileTooLarge, NoFile, read_file

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
        return read_file(path, FILE_LIMIT_BYTES).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ContentError(f"{path}: not UTF-8 text (byte {error.start})", (("fix", "save it as UTF-8"),)) from error
    except NoFile as problem:
        raise ContentError(f"{path}: not a file", (("fix", "remove it, or put a YAML file there"),)) from problem
    except FileTooLarge as problem:
        raise ContentError(f"{path}: too large ({problem})", (("fix", "split the file"),)) from problem
    except FileProblem as problem:
        raise ContentError(f"{path}: {problem}", (("fix", "make the file readable"),)) from problem
