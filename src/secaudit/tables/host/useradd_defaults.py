"""useradd_defaults: what useradd(8) gives to new accounts. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host._logindefs import number_of

FILES = ("/etc/default/useradd", "/usr/etc/default/useradd")
"""The second is that of distributions with vendor folders; one in /etc replaces it."""
DEFAULTS = {
    "CREATE_MAIL_SPOOL": "no",
    "EXPIRE": "",
    "GROUP": "1000",
    "HOME": "/home",
    "INACTIVE": "-1",
    "SHELL": "",
    "SKEL": "/etc/skel",
}
"""Built into shadow 4.13, src/useradd.c."""
BLANKS = " \t\n\v\f\r"


class UseraddDefault(NamedTuple):
    """One setting."""

    name: str
    """As in the file, in capitals."""
    value: str
    """What useradd takes."""
    number: int | None
    """Of INACTIVE: days from the expiry of a password until the account is closed; -1 = never. NULL for text."""
    path: str | None
    """NULL for a built-in default, also where the file holds a value that useradd refuses."""
    line: int | None


@table(targets={"host", "root"})
def useradd_defaults(target: Target) -> Iterator[UseraddDefault]:
    """Yield one row per setting of /etc/default/useradd. The last line of a name decides.

    Source: useradd(8), get_defaults() of shadow 4.13. A line is `NAME=value` from its first letter on, without quotes
    and comments; a number that is none counts as not set.

    Raises:
        Absent: useradd of shadow is not installed.
    """
    if target.find_program("useradd") is None:
        raise Absent("useradd is not installed")
    found: dict[str, UseraddDefault] = {}
    path = next((path for path in FILES if target.exists(path)), None)
    for number, line in enumerate(target.read_text(path).split("\n") if path is not None else (), 1):
        name, sign, value = line.partition("=")
        if not sign or name not in DEFAULTS:
            continue
        days = None
        if name == "INACTIVE":
            days = number_of(value.lstrip(BLANKS))
            if days is None or days < -1:
                found.pop(name, None)
                continue
            value = str(days)
        found[name] = UseraddDefault(name, value, days, path, number)
    yield from found.values()
    for name, value in DEFAULTS.items():
        if name not in found:
            yield UseraddDefault(name, value, number_of(value) if name == "INACTIVE" else None, None, None)
