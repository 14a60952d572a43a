"""users: the local accounts of passwd(5). As osquery's table of this name, which adds accounts of directories."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host._passwd import read_accounts


class User(NamedTuple):
    """One account."""

    username: str
    uid: int | None
    """NULL when the field is not a number."""
    gid: int | None
    description: str
    """The GECOS field."""
    directory: str
    """The home folder as written."""
    shell: str
    """Empty stands for /bin/sh."""
    password_state: str
    """`shadow` (x), `empty`, `locked` (* or !) or `hash` (a hash in the world-readable file)."""
    is_human: int
    """1 when the UID is in the range of people, 1000 to 60000."""
    can_log_in: int
    """1 when the shell is one that lets a person work."""
    home_kind: str | None
    """`dir`, another kind of file, or `missing`; NULL when it could not be seen."""
    home_uid: int | None
    """Owner of the home folder; -1 when it is missing, NULL when it could not be seen."""
    home_mode: int | None
    """Its permission bits; 0 when it is missing, NULL when it could not be seen."""
    home_mode_octal: str | None
    path: str
    line: int


@table(targets={"host", "root"})
def users(target: Target) -> Iterator[User]:
    """Yield one row per account of /etc/passwd. Entries for NIS keep their `+` or `-`.

    Source: passwd(5).

    Raises:
        Absent: there is no /etc/passwd.
    """
    path = "/etc/passwd"
    try:
        accounts = read_accounts(target, path)
    except FileNotFoundError:
        raise Absent("there is no /etc/passwd") from None
    homes: dict[str, tuple[str | None, int | None, int | None]] = {}
    for account in accounts:
        if account.directory not in homes:
            homes[account.directory] = _home(target, account.directory)
        kind, owner, mode = homes[account.directory]
        yield User(
            username=account.username,
            uid=account.uid,
            gid=account.gid,
            description=account.description,
            directory=account.directory,
            shell=account.shell,
            password_state=_password_state(account.password),
            is_human=int(account.is_human),
            can_log_in=int(account.can_log_in),
            home_kind=kind,
            home_uid=owner,
            home_mode=mode,
            home_mode_octal=None if mode is None else f"{mode:04o}",
            path=path,
            line=account.line,
        )


def _home(target: Target, directory: str) -> tuple[str | None, int | None, int | None]:
    """Kind, owner and mode of a home folder. Links are followed, as a log-in follows them."""
    missing = ("missing", -1, 0)
    if not directory.startswith("/"):
        return missing
    try:
        found = target.stat(directory)
    except (FileNotFoundError, NotADirectoryError):
        return missing
    except OSError:
        return None, None, None
    return found.kind, found.uid, found.mode


def _password_state(field: str) -> str:
    if field == "x":
        return "shadow"
    if field == "":
        return "empty"
    return "locked" if field[0] in "*!" else "hash"
