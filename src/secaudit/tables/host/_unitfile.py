"""Read one systemd unit file or drop-in: sections, assignments, line continuation."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, Sequence

"""Of one unit file. Real ones have less than 200."""


class Assignment(NamedTuple):
    """One `Key=Value` line."""

    section: str
    key: str
    value: str
    path: str
    line: int


def parse(text: str, path: str) -> list[Assignment]:
    """Give the assignments in order. Lines that are none are skipped, as systemd does with a warning.

    Source: systemd.syntax(7): `#` and `;` start a comment line, also between continued lines; a backslash at the end
    of a line joins the next one with a space.
    """
    return list(_parse(text, path))


@lru_cache(maxsize=4096)
def _parse(text: str, path: str) -> tuple[Assignment, ...]:
    """Work out what a text means; kept, because several tables read the same units."""
    found: list[Assignment] = []
    section = ""
    held: list[str] = []
    start = 0
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip("\r")
        stripped = line.strip()
        if stripped[:1] in ("#", ";") or (not stripped and not held):
            continue
        if not held:
            start = number
        if line.endswith("\\"):
            held.append(line[:-1])
            continue
        whole = " ".join((*held, line)).strip() if held else stripped
        held = []
        if whole.startswith("[") and whole.endswith("]"):
            section = whole[1:-1]
            continue
        key, sign, value = whole.partition("=")
        if sign:
            found.append(Assignment(section, key.strip(), value.strip(), path, start))
    return tuple(found)


def words(assignments: Sequence[Assignment], section: str, *keys: str) -> list[str]:
    """The words of a list setting: assignments add up, an empty one starts anew."""
    found: list[str] = []
    for key in keys:
        part: list[str] = []
        for one in assignments:
            if one.section == section and one.key == key:
                part = part + one.value.split() if one.value else []
        found.extend(part)
    return found


def last(assignments: Sequence[Assignment], section: str, key: str) -> Assignment | None:
    """The assignment that decides, or None when there is none or the last one is empty."""
    for one in reversed(assignments):
        if one.section == section and one.key == key:
            return one if one.value else None
    return None
