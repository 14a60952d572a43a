"""Read the simple YAML of servers' settings files as dotted names: mappings, lists, plain and quoted texts.

No YAML library may be used in tables, and these files need little of it. What is not understood is said, not guessed.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_LINES = 50_000
_KEY = re.compile(
    r"""((?:"[^"]*"|'[^']*'|[^\s#:\[\]{},"'&*!|>%@`-][^#:]*?|[^\s#:\[\]{},"'&*!|>%@`][^\s#:]*))\s*:(?:\s+(.*)|$)"""
)


class Entry(NamedTuple):
    """One value. A list is one text, its parts separated by commas."""

    value: str
    line: int


def read(text: str) -> tuple[dict[str, Entry], list[int]]:
    """Dotted name -> value, the last one deciding; and the lines that were not understood."""
    found: dict[str, Entry] = {}
    odd: list[int] = []
    parents: list[tuple[int, str]] = []
    skipping = -1
    lines = text.split("\n", MAX_LINES)
    odd.extend([MAX_LINES + 1] if len(lines) > MAX_LINES else [])
    for number, raw in enumerate(lines[:MAX_LINES], 1):
        line = raw.rstrip()
        body = line.lstrip(" ")
        indent = len(line) - len(body)
        if skipping >= 0 and (not body or indent > skipping):
            continue  # inside a block of text
        skipping = -1
        if not body or body[0] == "#" or body in ("---", "...") or body.startswith("%"):
            continue
        if body.startswith("- ") or body == "-":
            while parents and parents[-1][0] > indent:
                parents.pop()
            name = ".".join(key for _, key in parents)
            value = _scalar(body[1:].strip())
            if value is None or not parents or _KEY.match(body[1:].strip()):
                odd.append(number)
            else:
                before = found.get(name)
                joined = f"{before.value},{value}" if before is not None and before.value else value
                found[name] = Entry(joined, before.line if before is not None and before.value else number)
            continue
        match = _KEY.match(body)
        if match is None or "\t" in raw[:indent]:
            odd.append(number)
            continue
        while parents and parents[-1][0] >= indent:
            parents.pop()
        key, rest = match.group(1).strip().strip("\"'"), (match.group(2) or "").strip()
        parents.append((indent, key))
        name = ".".join(part for _, part in parents)
        if rest[:1] in ("|", ">"):
            skipping = indent
            continue
        scalar = _scalar(rest)
        if scalar is None:
            odd.append(number)
        elif rest and not rest.startswith("#"):
            found[name] = Entry(scalar, number)
        else:
            found.pop(name, None)
    return found, odd


def _scalar(text: str) -> str | None:
    """The text of a value; None for what is not understood (anchors, tags, inline mappings)."""
    if not text or text.startswith("#"):
        return ""
    if text[0] in "&*!{`@%":
        return None
    if text[0] == "[":
        match = re.match(r"\[([^\[\]{}]*)\]\s*(?:#.*)?$", text)
        if match is None:
            return None
        parts = [_scalar(part.strip()) for part in match.group(1).split(",") if part.strip()]
        return None if any(part is None for part in parts) else ",".join(str(part) for part in parts)
    quoted = re.match(r"\"((?:[^\"\\]|\\.)*)\"\s*(?:#.*)?$|'((?:[^']|'')*)'\s*(?:#.*)?$", text)
    if quoted is not None:
        double, single = quoted.groups()
        return re.sub(r"\\(.)", r"\1", double) if double is not None else single.replace("''", "'")
    if text[0] in "\"'":
        return None
    return re.split(r"\s#", text, maxsplit=1)[0].strip()
