"""Read login.defs(5) once for all tables that need it."""

from __future__ import annotations

import re
from typing import NamedTuple

from secaudit.tableapi import Target

ETC = "/etc/login.defs"
VENDOR = "/usr/etc/login.defs"
"""Where distributions with vendor folders (openSUSE) ship the file; one in /etc replaces it as a whole."""


class Definition(NamedTuple):
    """One line that sets something."""

    name: str
    value: str
    path: str
    line: int


def read_login_defs(target: Target) -> list[Definition]:
    """Every setting in the order in which shadow-utils reads them: the last of a name counts there.

    PAM modules (pam_unix, pam_umask) read the file in their own way: see `first_for_pam`.

    Source: login.defs(5), lib/getdef.c of shadow 4.13; with libeconf also *.defs of login.defs.d.

    Raises:
        FileNotFoundError: there is no such file.
        PermissionError: as the target says.
    """
    vendor = target.exists(VENDOR)
    if not target.exists(ETC) and not vendor:
        raise FileNotFoundError(2, "No such file or directory", ETC)
    paths = [ETC if target.exists(ETC) else VENDOR]
    if vendor:  # only builds with libeconf know drop-ins
        dropins = {path.rsplit("/", 1)[1]: path for path in target.glob(f"{VENDOR}.d/*.defs")}
        dropins.update({path.rsplit("/", 1)[1]: path for path in target.glob(f"{ETC}.d/*.defs")})
        paths += [dropins[name] for name in sorted(dropins)]
    found: list[Definition] = []
    for path in paths:
        for number, line in enumerate(target.read_text(path).split("\n"), 1):
            name, _, rest = line.strip(" \t\r").replace("\t", " ").partition(" ")
            if name and rest and not name.startswith("#"):
                found.append(Definition(name, rest.lstrip(' "').split('"', 1)[0].rstrip(), path, number))
    return found


def first_for_pam(target: Target, name: str) -> Definition | None:
    """The setting as PAM modules see it: the first occurrence, in any case, also `NAME=value`, without a comment.

    Source: pam_modutil_search_key() of Linux-PAM 1.5. There a vendor file counts only when there is none in /etc.

    Raises:
        OSError: as the target says; a file that is not there sets nothing.
    """
    for path in (ETC, VENDOR):
        if not target.exists(path):
            continue
        for number, line in enumerate(target.read_text(path).split("\n"), 1):
            words = re.match(r"([^\s=]+)[\s=]*(.*)", line.partition("#")[0].strip())
            if words is not None and words.group(1).lower() == name.lower():
                return Definition(name, words.group(2), path, number)
        return None
    return None


def last(definitions: list[Definition], name: str) -> Definition | None:
    """The setting as useradd and passwd see it: the last occurrence."""
    return next((one for one in reversed(definitions) if one.name == name), None)


def number_of(value: str) -> int | None:
    """A number as strtol(3) with base 0 reads it: a leading 0 makes it octal, 0x hexadecimal."""
    digits = value[1:] if value[:1] in ("-", "+") else value
    if not digits.isascii() or len(digits) > 18:
        return None
    try:
        if digits[:2] in ("0x", "0X"):
            number = int(digits[2:], 16)
        elif digits.isdigit():
            number = int(digits, 8 if digits.startswith("0") else 10)
        else:
            return None
    except ValueError:
        return None
    return -number if value.startswith("-") else number
