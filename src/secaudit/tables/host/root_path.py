"""root_path: the folders in which root's shell looks for commands, and who could put a program there."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._dropins import say_unread
from secaudit.tables.host._names import Names
from secaudit.tables.host._passwd import read_accounts
from secaudit.tables.host._shellfiles import read_shell_files

LOGIN_DEFS = "/etc/login.defs"


class RootPathFolder(NamedTuple):
    """One entry of one PATH."""

    folder: str
    """As written, $HOME filled in; empty for an empty entry, which means the current folder."""
    kind: str | None
    """absolute, relative (empty ones too), or missing: an absolute one that does not exist. NULL when a command or
    another variable gives it."""
    uid: int | None
    """Owner; NULL where there is no folder, as for the next ones."""
    gid: int | None
    username: str
    groupname: str
    mode: int | None
    mode_octal: str
    path: str
    """The file that sets it."""
    line: int | None


@table(targets={"host", "root"})
def root_path(target: Target) -> Iterator[RootPathFolder]:
    """Yield one row per entry of each PATH that a startup file gives root, in whatever branch it stands.

    The entry $PATH itself, which keeps what was before, is no row. `su` starts with ENV_SUPATH of login.defs.

    Source: bash(1), pam_env(8), login.defs(5).

    Raises:
        Partial: a file or folder could not be read.
    """
    unread: list[str] = []
    names = Names(target)
    home = next((account.directory for account in read_accounts(target) if account.uid == 0), "/root")
    seen: set[tuple[str, str, int]] = set()
    for text, path, line in _texts(target, unread):
        for entry in _entries(text):
            folder = re.sub(r"^~(?=/|$)|\$HOME\b|\$\{HOME\}", lambda _: home, entry)
            if (folder, path, line) not in seen and len(seen) < 5_000:
                seen.add((folder, path, line))
                yield _row(target, names, folder, path, line, unread)
    say_unread(unread)


def _texts(target: Target, unread: list[str]) -> Iterator[tuple[str, str, int]]:
    try:
        for number, line in enumerate(target.read_text(LOGIN_DEFS).split("\n"), 1):
            words = line.split()
            if len(words) > 1 and words[0] == "ENV_SUPATH":
                yield re.sub(r"^PATH=", "", words[1]), LOGIN_DEFS, number
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError:
        unread.append(LOGIN_DEFS)
    for one in read_shell_files(target, unread):
        if one.assigned.name == "PATH" and one.assigned.value is not None:
            value = one.assigned.value
            if one.assigned.adds and value.startswith(":"):
                value = value[1:]  # PATH+=:/x, the colon parts it from what was before
            yield value, one.path, one.assigned.line


def _entries(text: str) -> list[str]:
    """Colons inside ${PATH:+...} part nothing."""
    if text == "":
        return [""]
    plain = re.sub(r"\$\{PATH(:?[+=-][^}]*)?\}|\$PATH\b", "\0", text)
    return [entry for entry in plain.split(":") if entry != "\0"]


def _row(target: Target, names: Names, folder: str, path: str, line: int, unread: list[str]) -> RootPathFolder:
    if re.search(r"(?<!\\)[$`]|\0", folder):
        return RootPathFolder(folder.replace("\0", "$PATH"), None, None, None, "", "", None, "", path, line)
    if not folder.startswith("/"):
        return RootPathFolder(folder, "relative", None, None, "", "", None, "", path, line)
    try:
        entry = target.stat(folder)
    except (FileNotFoundError, NotADirectoryError):
        return RootPathFolder(folder, "missing", None, None, "", "", None, "", path, line)
    except OSError:
        unread.append(folder)
        return RootPathFolder(folder, None, None, None, "", "", None, "", path, line)
    return RootPathFolder(
        folder,
        "absolute",
        entry.uid,
        entry.gid,
        names.user(entry.uid),
        names.group(entry.gid),
        entry.mode,
        f"{entry.mode:04o}",
        path,
        line,
    )
