"""May files be written below a folder, or could somebody have put another one in its place?"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def foreign_place(path: Path) -> Path | None:
    """The first place on the way to a path that somebody other than this user and root could exchange.

    None when there is none. What does not exist yet is as safe as the folder it will be made in. A link counts by its
    owner, and then by all places on the way to where it leads.
    """
    ways = (path.absolute(), Path(os.path.realpath(path)))
    for place in dict.fromkeys(place for way in ways for place in (*reversed(way.parents), way)):
        try:
            info = place.lstat()
        except FileNotFoundError:
            continue
        is_shared = stat.S_ISDIR(info.st_mode) and info.st_mode & stat.S_ISVTX  # there each owner keeps what is theirs
        others_write = not stat.S_ISLNK(info.st_mode) and info.st_mode & 0o022 and not is_shared
        if info.st_uid not in (0, os.geteuid()) or others_write:
            return place
    return None


def check_ours(path: Path) -> None:
    """Do nothing where only this user and root can exchange a part of the path.

    Raises:
        PermissionError: somebody else can.
    """
    if (place := foreign_place(path)) is not None:
        raise PermissionError(errno.EPERM, "somebody else can exchange this place", str(place))
