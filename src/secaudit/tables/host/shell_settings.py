"""shell_settings: what the startup files of shells set that matters for security. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._dropins import say_unread
from secaudit.tables.host._shellfiles import Found, read_shell_files

NAMES = frozenset(
    "TMOUT umask PATH LD_PRELOAD LD_AUDIT LD_LIBRARY_PATH PYTHONPATH PERL5LIB BASH_ENV ENV HISTFILE HISTSIZE "
    "HISTFILESIZE PROMPT_COMMAND".split()
)


class ShellSetting(NamedTuple):
    """One assignment in one file."""

    name: str
    """TMOUT, umask, PATH, LD_PRELOAD and the like."""
    value: str | None
    """Without quotes; NULL when a command or another variable gives it."""
    number: int | None
    """TMOUT in seconds; umask as bits, symbolic ones too; NULL for others and where it is not known."""
    is_readonly: int
    """1 when nobody can change it in the shell after that."""
    is_conditional: int
    """1 inside if, case, a loop or a function, so that it may not be reached."""
    is_last: int
    """1 when nothing of the same name follows in the files for everyone, or in those of root."""
    scope: str
    """everyone or root."""
    path: str
    line: int


@table(targets={"host", "root"})
def shell_settings(target: Target) -> Iterator[ShellSetting]:
    """Yield one row per assignment, in the order in which a login shell of root meets them.

    Read are /etc/environment, /etc/profile, profile.d where that file names it, the bashrc of everyone, and root's own
    files. They are not run.

    Source: bash(1), dash(1), pam_env(8).

    Raises:
        Partial: a file could not be read.
    """
    unread: list[str] = []
    found = read_shell_files(target, unread)
    fixed = {(one.path, one.assigned.name) for one in found if one.assigned.is_readonly}
    rows = [one for one in found if one.assigned.name in NAMES and one.assigned.value is not None]
    last: dict[tuple[str, str], int] = {}
    for position, one in enumerate(rows):
        last[one.scope, one.assigned.name] = position
    for position, one in enumerate(rows):
        name = one.assigned.name
        value = None if _is_computed(one) else one.assigned.value
        yield ShellSetting(
            name=name,
            value=value,
            number=None if value is None else _number(name, value),
            is_readonly=int((one.path, name) in fixed),
            is_conditional=int(one.assigned.is_conditional),
            is_last=int(last[one.scope, name] == position),
            scope=one.scope,
            path=one.path,
            line=one.assigned.line,
        )
    say_unread(unread)


def _is_computed(one: Found) -> bool:
    if one.path == "/etc/environment":
        return False
    return re.search(r"(?<!\\)[$`]", one.assigned.value or "") is not None


def _number(name: str, value: str) -> int | None:
    if name == "TMOUT":
        return int(value or "0") if re.fullmatch(r"[0-9]{0,9}", value) else None
    if name != "umask":
        return None
    if re.fullmatch(r"[0-7]{1,4}", value):
        return int(value, 8)
    return _symbolic(value)


def _symbolic(value: str) -> int | None:
    """`u=rwx,g=rx,o=` names what stays; the mask is the rest. Forms with + and - depend on what was before."""
    mask = 0
    given = 0
    for part in value.split(","):
        match = re.fullmatch(r"([ugoa]*)=([rwx]*)", part)
        if match is None:
            return None
        bits = sum({"r": 4, "w": 2, "x": 1}[letter] for letter in set(match.group(2)))
        for who in (match.group(1) or "a").replace("a", "ugo"):
            shift = {"u": 6, "g": 3, "o": 0}[who]
            mask = (mask & ~(7 << shift)) | ((7 - bits) << shift)
            given |= 7 << shift
    return mask if given == 0o777 else None
