"""Read the simple TOML of container tools: tables, arrays of tables, texts, switches, lists over several lines.

Python 3.9 has no reader of TOML. What is not understood is said, not guessed.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_LINES = 20_000
_ASSIGNMENT = re.compile(r"\s*([\w.\-]+|\"[^\"]*\"|'[^']*')\s*=\s*(.*)$")
_TEXT = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'([^']*)'")


class Assignment(NamedTuple):
    """One value. `table` is `registry#2` for the second `[[registry]]`. A list is one text, separated by spaces."""

    table: str
    key: str
    value: str
    line: int


def read(text: str) -> tuple[list[Assignment], list[int]]:
    """The assignments in order, and the lines that were not understood."""
    found: list[Assignment] = []
    odd: list[int] = []
    table = ""
    counts: dict[str, int] = {}
    lines = text.split("\n", MAX_LINES)
    if len(lines) > MAX_LINES:
        odd.append(MAX_LINES + 1)
        del lines[MAX_LINES:]
    at = 0
    while at < len(lines):
        start = at + 1
        line = _bare(lines[at])
        at += 1
        if not line:
            continue
        if line.startswith("[["):
            name = line.strip("[] \t")
            counts[name] = counts.get(name, 0) + 1
            table = f"{name}#{counts[name]}"
        elif line.startswith("["):
            table = line.strip("[] \t")
        else:
            match = _ASSIGNMENT.match(line)
            if match is None:
                odd.append(start)
                continue
            value = match.group(2)
            while value.startswith("[") and not value.endswith("]") and at < len(lines):
                value += " " + _bare(lines[at])
                at += 1
            read_value = _value(value)
            if read_value is None:
                odd.append(start)
            else:
                found.append(Assignment(table, match.group(1).strip('"'), read_value, start))
    return found, odd


def _bare(line: str) -> str:
    """Without the comment; a # inside quotes is none."""
    quote = ""
    for position, sign in enumerate(line):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "#":
            return line[:position].strip()
    return line.strip()


def _value(text: str) -> str | None:
    if text.startswith("["):
        if not text.endswith("]"):
            return None
        return " ".join(double or single for double, single in _TEXT.findall(text))
    match = _TEXT.fullmatch(text)
    if match is not None:
        return match.group(1) or match.group(2) or ""
    return text if re.fullmatch(r"true|false|[+-]?[\d_.]+", text) else None
