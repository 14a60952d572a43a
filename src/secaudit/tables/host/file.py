"""file: owner, mode and kind of the files that checks ask for. As osquery's table of this name."""

from __future__ import annotations

import posixpath
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, Wants, table
from secaudit.tables.host._files import Expansion
from secaudit.tables.host._names import Names

TYPES = {"file": "regular", "dir": "directory", "char": "character"}
"""The words of osquery where ours are shorter; block, fifo and socket are the same."""


class File(NamedTuple):
    """One existing path that matches one pattern."""

    path: str
    pattern: str
    """The pattern as the check wrote it under `files`."""
    directory: str
    filename: str
    uid: int
    """Owner of what the path leads to: links are followed, as programs do."""
    gid: int
    username: str | None
    """'' when no account has this UID; NULL when /etc/passwd cannot be read."""
    groupname: str | None
    """'' when no group has this GID; NULL when /etc/group cannot be read."""
    mode: int
    """Permissions, set-uid, set-gid and sticky of what the path leads to."""
    mode_octal: str
    """The mode as people write it, `0644`."""
    size: int
    """Bytes."""
    mtime_s: int
    """Last change of the content, seconds since 1970 UTC."""
    type: str
    """`regular`, `directory`, `character`, `block`, `fifo` or `socket`: what the path leads to."""
    symlink: int
    """1 when the path itself is a symbolic link."""
    link_target: str
    """What the link says; '' when the path is not a link."""
    home_of: str
    """Whose home folder the pattern was looked for in; '' when it does not begin with ~."""


@table(targets={"host", "root"})
def file(target: Target, wants: Wants) -> Iterator[File]:
    """Yield one row per existing path and pattern. A link that leads nowhere is no row: it cannot be opened.

    Patterns: `*`, `?` and `[...]` within one component; `~/` stands for the home folder of root and of each person;
    `~` alone for the home folder itself.

    Source: stat(2), glob(7).

    Raises:
        Partial: something could not be looked at (see `paths`), or a pattern matched thousands of files.
    """
    expansion = Expansion(target, wants.files)
    names = Names(target)
    for place in expansion.places():
        if place.own is None or place.stat is None:
            continue
        is_link = place.own.kind == "link"
        yield File(
            path=place.path,
            pattern=place.pattern,
            directory=posixpath.dirname(place.path),
            filename=posixpath.basename(place.path),
            uid=place.stat.uid,
            gid=place.stat.gid,
            username=names.user_or_null(place.stat.uid),
            groupname=names.group_or_null(place.stat.gid),
            mode=place.stat.mode,
            mode_octal=f"{place.stat.mode:04o}",
            size=place.stat.size,
            mtime_s=place.stat.mtime_s,
            type=TYPES.get(place.stat.kind, place.stat.kind),
            symlink=int(is_link),
            link_target=_link_text(target, place.path) if is_link else "",
            home_of=place.home_of,
        )
    expansion.finish()


def _link_text(target: Target, path: str) -> str:
    try:
        return target.readlink(path)
    except OSError:  # replaced since we looked
        return ""
