"""Read one listed file of a project, from the folder or, in a bare repository, from its HEAD."""

from __future__ import annotations

from secaudit.tableapi import NotRegular, Stat, TableProblem, Target, TooLarge
from secaudit.tables.project._listing import Listed, Listing

LINK, SUBMODULE = "120000", "160000"


def read_content(target: Target, files: Listing, entry: Listed, limit_bytes: int, *, listed: bool = True) -> bytes:
    """The bytes of a file. Files that may hold a token are not `listed` as a source: their digest could be guessed at.

    Raises:
        FileNotFoundError: it is gone since it was listed.
        NotRegular: it is no file, or a link that leads to none inside the project.
        TooLarge: it is larger than the limit.
        TimedOut, PermissionError: as the target says.
    """
    if entry.git_mode == SUBMODULE:
        raise FileNotFoundError(entry.path)
    if files.is_bare:
        if entry.git_mode == LINK:
            raise NotRegular("it is a link, which a repository without files cannot follow")
        return _from_head(target, entry, limit_bytes)
    found = _look(target, entry)
    if found.kind != "file":
        raise NotRegular("it is no regular file")
    if found.size > limit_bytes:
        raise TooLarge(f"{entry.path} has {found.size} bytes, the limit is {limit_bytes}")
    if not listed:
        return target.read_unlisted("/" + entry.path, limit_bytes)
    return b"".join(target.read_parts("/" + entry.path, limit_bytes))


def _look(target: Target, entry: Listed) -> Stat:
    """What is there, through links; the target lets none of them out of the project."""
    try:
        return target.stat("/" + entry.path)
    except FileNotFoundError:
        try:
            target.stat("/" + entry.path, follow=False)
        except FileNotFoundError:
            raise FileNotFoundError(entry.path) from None
        raise NotRegular("it is a link that leads to no file of the project") from None


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
