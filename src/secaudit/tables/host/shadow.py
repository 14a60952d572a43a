"""shadow: what kind of password each account has and how old it is. As osquery's; a hash never enters a row."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table

SECONDS_PER_DAY = 86_400
UNSET = -1

_PREFIXES = (
    ("$y$", "yescrypt"),
    ("$gy$", "gost-yescrypt"),
    ("$7$", "scrypt"),
    ("$6$", "sha512"),
    ("$5$", "sha256"),
    ("$2a$", "bcrypt"),
    ("$2b$", "bcrypt"),
    ("$2x$", "bcrypt"),
    ("$2y$", "bcrypt"),
    ("$sha1", "sha1"),
    ("$md5", "sunmd5"),
    ("$1$", "md5"),
    ("$3$", "nt"),
)
"""crypt(5) of libxcrypt 4.4, 2023."""
_DES = re.compile(r"[./0-9A-Za-z]{13,}")
_BSDI = re.compile(r"_[./0-9A-Za-z]{19}")


class Shadow(NamedTuple):
    """One line of shadow(5)."""

    username: str
    password_kind: str
    """`empty`; `none` (no password can match); yescrypt, gost-yescrypt, scrypt, sha512, sha256, bcrypt, sha1, sunmd5,
    md5, nt, bsdi, des; or `other` for a form that crypt(5) does not list. A lock mark in front is not counted."""
    is_locked: int
    """1 when the field begins with ! or *: no password opens the account. SSH keys may still do so."""
    has_password: int
    """1 when some password opens the account (the empty one counts)."""
    last_change_day: int | None
    """Days since 1970; 0 = must be changed at the next log-in; -1 = not recorded."""
    age_days: int | None
    """Days since the last change; -1 = not recorded."""
    min_days: int | None
    """-1 = not set, as for the next ones."""
    max_days: int | None
    warn_days: int | None
    inactive_days: int | None
    """Days after expiry of the password until the account is closed."""
    expire_day: int | None
    """Days since 1970 from which the account is closed."""
    is_expired: int | None
    """1 when the account is closed by its expiry day."""
    path: str
    line: int


@table(targets={"host", "root"})
def shadow(target: Target) -> Iterator[Shadow]:
    """Yield one row per line of /etc/shadow. Entries for NIS keep their `+` or `-`.

    Source: shadow(5), crypt(5).

    Raises:
        Absent: there is no /etc/shadow.
        Denied: only root and the group shadow may read it.
    """
    path = "/etc/shadow"
    try:
        text = target.read_text(path)
    except FileNotFoundError:
        raise Absent("there is no /etc/shadow") from None
    today = target.now_s // SECONDS_PER_DAY
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.lstrip(" \t\r\v\f")
        fields = line.split(":")
        if not line or line.startswith("#") or (len(fields) < 2 and line[0] not in "+-"):
            continue
        fields += [""] * (9 - len(fields))
        days = [_days(field) for field in fields[2:8]]
        changed, expires = days[0], days[5]
        is_locked = fields[1][:1] in ("!", "*")
        kind = password_kind(fields[1])
        yield Shadow(
            username=fields[0],
            password_kind=kind,
            is_locked=int(is_locked),
            has_password=int(not is_locked and kind != "none"),
            last_change_day=changed,
            age_days=None if changed is None else UNSET if changed == UNSET else max(0, today - changed),
            min_days=days[1],
            max_days=days[2],
            warn_days=days[3],
            inactive_days=days[4],
            expire_day=expires,
            is_expired=None if expires is None else int(expires != UNSET and today >= expires),
            path=path,
            line=number,
        )


def password_kind(field: str) -> str:
    """The method of a password field, looked at behind the lock marks that passwd -l and useradd write."""
    if field == "":
        return "empty"
    hashed = field.lstrip("!")
    if hashed in ("", "*", "x", "NP", "LK"):
        return "none"
    for prefix, name in _PREFIXES:
        if hashed.startswith(prefix):
            return name
    if hashed.startswith("*"):
        return "none"
    if _BSDI.fullmatch(hashed):
        return "bsdi"
    return "des" if _DES.fullmatch(hashed) else "other"


def _days(field: str) -> int | None:
    """A number of days; empty is -1, what is not a number is None."""
    if field == "" or field == "-1":
        return UNSET
    return int(field) if field.isascii() and field.isdigit() and len(field) < 10 else None
