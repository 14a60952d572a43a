"""The names in a folder, where a missing folder is nothing and one that is closed must be told."""

from __future__ import annotations

from secaudit.tableapi import Target


def names_in(target: Target, folder: str, unread: list[str]) -> list[str]:
    """The names in a folder, none when there is no such folder. One that cannot be listed goes to `unread`."""
    try:
        return target.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError:
        unread.append(folder)
        return []
