"""Statements of sudoers(5): lines joined, comments left out.

Source: plugins/sudoers/toke.l of sudo 1.9.13.
"""

from __future__ import annotations

import re
from typing import Iterator

_HASH_INCLUDE = re.compile(r"#include(?:dir)?[ \t]")
_ID = re.compile(r"#-?[0-9]")
_STOP = re.compile(r'["#\\\n]')
_CONTINUED = re.compile(r"\\[ \t]*\n[ \t]*")


def statements(text: str) -> Iterator[tuple[int, str]]:
    """Logical lines without comments, with the number of their first line.

    A backslash at the end joins the next line, except inside a comment. `#` with a number after it is a user or group
    id, not a comment.
    """
    text = text.replace("\r\n", "\n")
    position = begun = 0
    line = first = 1
    parts: list[str] = []
    quoted = False

    while True:
        match = _STOP.search(text, position)
        stop = match.start() if match else len(text)
        sign = text[stop : stop + 1]
        if sign == "\\":
            joined = _CONTINUED.match(text, stop)
            if joined:
                parts.append(text[begun:stop] + ("" if quoted else " "))
                line += 1
                begun = position = joined.end()
            else:
                position = stop + 2
            continue
        if sign == '"':
            quoted = not quoted
            position = stop + 1
            continue
        if sign == "#" and (quoted or _ID.match(text, stop)):
            position = stop + 1
            continue
        if sign == "#" and stop == begun and not parts and _HASH_INCLUDE.match(text, stop):
            position = stop + 1
            continue
        parts.append(text[begun:stop])
        statement = "".join(parts).strip(" \t")
        if statement:
            yield first, statement
        if sign == "#":
            stop = text.find("\n", stop)
            if stop < 0:
                return
        elif not sign:
            return
        line += 1
        first = line
        begun = position = stop + 1
        parts = []
        quoted = False
