"""What the start-up files of login shells make of the umask: /etc/profile and /etc/profile.d/*.sh.

Source: bash(1) INVOCATION, umask(1p). Files of single users are not read.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from secaudit.tableapi import Target, TooLarge

PROFILE = "/etc/profile"
FOLDER = "/etc/profile.d"
MAX_FILES = 500
_COMMAND = re.compile(
    r"(?:^|[;&|({]|\bthen|\belse|\bdo)\s*umask\s+(?:-S\s+)?([0-7]{1,4}|[ugoa][ugoarwx,=+-]*)(?=[\s;&|)}]|$)"
)
_OPENS = re.compile(r"(?:^|[;&|]|\b(?:then|else|do))\s*(?:if|for|while|until|case)\b")
_CLOSES = re.compile(r"(?:^|[;&|]|\s)(?:fi|done|esac)\b")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_BITS = {"r": 4, "w": 2, "x": 1}
_SHIFTS = {"u": 6, "g": 3, "o": 0}


class Umask(NamedTuple):
    """A umask and the line that set it."""

    number: int
    path: str | None
    line: int | None


def shell_umask(target: Target, first: Umask) -> Umask:
    """The umask at the end of the start-up files, `first` being that of the log-in.

    A command below a condition may or may not be carried out, so there the more open of both counts.

    Raises:
        OSError: a file cannot be read.
    """
    return _read(target, PROFILE, first, follow=True)


def _read(target: Target, path: str, now: Umask, follow: bool) -> Umask:
    try:
        lines = target.read_text(path).split("\n")
    except (FileNotFoundError, NotADirectoryError):
        return now
    depth = 0
    for number, raw in enumerate(lines, 1):
        line = _COMMENT.sub("", raw)
        if follow and FOLDER in line:
            follow = False
            parts = target.glob(f"{FOLDER}/*.sh")
            if len(parts) > MAX_FILES:
                raise TooLarge(f"{FOLDER} holds more than {MAX_FILES} files")
            for part in parts:
                now = _read(target, part, now, follow=False)
        depth += len(_OPENS.findall(line))
        for found in _COMMAND.finditer(line):
            mask = _mask(found.group(1), now.number)
            maybe = depth > 0 or re.search(r"&&|\|\|", line[: found.start() + 2]) is not None
            if maybe and mask & now.number != mask:
                mask &= now.number
                if mask == now.number:
                    continue
            now = Umask(mask, path, number)
        depth = max(0, depth - len(_CLOSES.findall(line)))
    return now


def _mask(text: str, before: int) -> int:
    """The number that a word of umask stands for: octal, or letters that say what stays allowed."""
    if text[0] in "01234567":
        return int(text, 8) & 0o777
    mask = before
    for part in text.split(","):
        match = re.fullmatch(r"([ugoa]+)([=+-])([rwx]*)", part)
        if match is None:
            return before
        for who in "ugo" if "a" in match.group(1) else match.group(1):
            bits = sum(_BITS[letter] for letter in set(match.group(3))) << _SHIFTS[who]
            if match.group(2) == "=":
                mask = (mask | 7 << _SHIFTS[who]) & ~bits
            elif match.group(2) == "+":
                mask &= ~bits
            else:
                mask |= bits
    return mask & 0o777
