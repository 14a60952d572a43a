"""login_defs: settings for new accounts and passwords in login.defs(5), each occurrence. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host._logindefs import number_of, read_login_defs

DEFAULTS = {
    "CREATE_HOME": "no",
    "ENCRYPT_METHOD": "DES",
    "FAILLOG_ENAB": "no",
    "GID_MAX": "60000",
    "GID_MIN": "1000",
    "HOME_MODE": "",
    "LOG_OK_LOGINS": "no",
    "PASS_MAX_DAYS": "-1",
    "PASS_MIN_DAYS": "-1",
    "PASS_WARN_AGE": "-1",
    "UID_MAX": "60000",
    "UID_MIN": "1000",
    "UMASK": "022",
    "USERGROUPS_ENAB": "no",
}
"""What shadow-utils 4.13 takes when a name is not set (login.defs(5), 2022). HOME_MODE: derived from UMASK."""


class LoginDef(NamedTuple):
    """One setting."""

    name: str
    value: str
    number: int | None
    """The value as a number (a leading 0 makes it octal, as strtol(3) takes it); NULL when it is none."""
    is_default: int
    """1 when no file sets it."""
    is_effective: int
    """1 for the last occurrence, which useradd and passwd use. PAM modules use the first."""
    path: str | None
    """NULL for a built-in default."""
    line: int | None


@table(targets={"host", "root"})
def login_defs(target: Target) -> Iterator[LoginDef]:
    """Yield one row per setting found, and one per well-known setting that no file sets.

    Source: login.defs(5); /usr/etc/login.defs and login.defs.d where the distribution has a vendor folder.

    Raises:
        Absent: there is no login.defs.
    """
    try:
        found = read_login_defs(target)
    except FileNotFoundError:
        raise Absent("there is no login.defs") from None
    last = {one.name: position for position, one in enumerate(found)}
    for position, one in enumerate(found):
        effective = int(last[one.name] == position)
        yield LoginDef(one.name, one.value, number_of(one.value), 0, effective, one.path, one.line)
    for name, value in DEFAULTS.items():
        if name not in last:
            yield LoginDef(name, value, number_of(value), 1, 1, None, None)
