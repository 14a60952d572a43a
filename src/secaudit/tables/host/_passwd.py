"""Read passwd(5) and group(5) once for all tables that need accounts or home folders."""

from __future__ import annotations

import posixpath
from typing import Iterable, Iterator, NamedTuple

from secaudit.tableapi import Failed, Target

HUMAN_UID_MIN = 1000
"""UID_MIN of login.defs(5) as shipped by Debian, Fedora, Arch and Alpine."""
HUMAN_UID_MAX = 60000
NO_LOGIN_SHELLS = ("nologin", "false", "true", "sync", "shutdown", "halt")
ROOT = "root"
MAX_ID = 4_294_967_294
"""uid_t is 32 bits; 4294967295 means "no user" to the kernel."""


class Account(NamedTuple):
    """One line of passwd(5)."""

    username: str
    password: str
    uid: int | None
    gid: int | None
    description: str
    directory: str
    shell: str
    line: int

    @property
    def is_human(self) -> bool:
        """An account that a person logs in with, by its number; root is not among them."""
        return self.uid is not None and HUMAN_UID_MIN <= self.uid <= HUMAN_UID_MAX

    @property
    def can_log_in(self) -> bool:
        return self.shell.rsplit("/", 1)[-1] not in NO_LOGIN_SHELLS


def read_accounts(target: Target, path: str = "/etc/passwd") -> list[Account]:
    """Every account of passwd(5), as glibc's fgetpwent(3) reads it.

    glibc forgives more than one would think: blanks before the name, and an end of line after the group number
    (`toor:x:0:0` is an account with root's rights). Lines without a group number are no accounts, unless they begin
    with `+` or `-`, the marks of NIS. Numbers that glibc refuses are given as None.

    Raises:
        FileNotFoundError, PermissionError: as the target says.
        Failed: no line is an account. Then nothing is known of people and their homes, rather than that there are none.
    """
    lines = target.read_text(path).split("\n")  # not splitlines(): a form feed in a name ends no line
    accounts = [account for number, line in enumerate(lines, 1) if (account := _parse(line, number))]
    if all(account.uid is None for account in accounts):
        raise Failed(f"{path} holds no account")
    return accounts


def _parse(line: str, number: int) -> Account | None:
    line = line.lstrip(" \t\r\v\f")
    fields = line.split(":", 6)
    if line.startswith("#") or not line or (len(fields) < 4 and line[0] not in "+-"):
        return None
    fields += [""] * (7 - len(fields))
    return Account(
        fields[0], fields[1], number_of(fields[2]), number_of(fields[3]), fields[4], fields[5], fields[6], number
    )


def number_of(text: str) -> int | None:
    """A user or group number as strtoul(3) takes it for glibc: blanks and one plus sign may stand before it."""
    text = text.lstrip(" \t\r\v\f")
    digits = text[1:] if text.startswith("+") else text
    if not (digits.isascii() and digits.isdigit()):
        return None
    value = int(digits) if len(digits) <= 20 else MAX_ID + 1
    return value if value <= MAX_ID else None


class Home(NamedTuple):
    """The home folder of root or of a person."""

    username: str
    uid: int
    directory: str


def homes(target: Target) -> Iterator[Home]:
    """Home folders of root and of people, each folder once; those that do not exist are left out.

    A home that exists but cannot be entered is given all the same: who reads in it gets a PermissionError and must
    say so.
    """
    seen: set[str] = set()
    for account in read_accounts(target):
        if account.uid is None or not (account.uid == 0 or account.is_human):
            continue
        directory = account.directory.rstrip("/") or "/"
        if directory == "/" or directory in seen or not directory.startswith("/"):
            continue
        seen.add(directory)
        try:
            if target.stat(directory).kind != "dir":
                continue
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            pass
        yield Home(account.username, account.uid, directory)


def home_of_root(target: Target, closed: Iterable[str]) -> tuple[str, ...]:
    """Root's home folder when all these closed paths lie in it; () when one lies elsewhere, or there is none."""
    if target.is_root:
        return ()
    root = next((home.directory for home in homes(target) if home.username == ROOT), None)
    paths = [posixpath.normpath(path) for path in closed]
    if root is None or not paths or not all(path == root or path.startswith(root + "/") for path in paths):
        return ()
    return (root,)
