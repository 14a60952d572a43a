"""Read one listed file of a project, from the folder or, in a bare repository, from its HEAD."""

from __future__ import annotations

from secaudit.tableapi import TableProblem, Target, TooLarge
from secaudit.tables.project._listing import Listed, Listing

_NO_FILE = ("120000", "160000")


def read_content(target: Target, files: Listing, entry: Listed, limit_bytes: int) -> bytes:
    """The bytes of a file.

    Raises:
        FileNotFoundError: it is a link, no file, or gone.
        TooLarge: it is larger than the limit.
        TimedOut, PermissionError: as the target says.
    """
    if entry.git_mode in _NO_FILE:
        raise FileNotFoundError(entry.path)
    if files.is_bare:
        return _from_head(target, entry, limit_bytes)
    found = target.stat("/" + entry.path, follow=False)
    if found.kind != "file":
        raise FileNotFoundError(entry.path)
    if found.size > limit_bytes:
        raise TooLarge(f"{entry.path} has {found.size} bytes, the limit is {limit_bytes}")
    return b"".join(target.read_parts("/" + entry.path, limit_bytes))


def _from_head(target: Target, entry: Listed, limit_bytes: int) -> bytes:
    if "\n" in entry.path:
        raise FileNotFoundError(entry.path)
    asked = f"HEAD:{entry.path}\n".encode("utf-8", "surrogateescape")
    try:
        found = target.run_fed(["git", "cat-file", "--batch"], asked, timeout_s=10.0, limit_bytes=limit_bytes + 1024)
    except TableProblem as problem:
        if problem.status == "timeout":
            raise
        raise FileNotFoundError(entry.path) from problem
    head, newline, content = found.partition(b"\n")
    if not newline or not head.split()[1:2] == [b"blob"]:
        raise FileNotFoundError(entry.path)
    return content[:-1]
