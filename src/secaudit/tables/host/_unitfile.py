"""Read one systemd unit file or drop-in: sections, assignments, line continuation."""

from __future__ import annotations

from typing import NamedTuple

MAX_LINES = 20_000
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
    found: list[Assignment] = []
    section = ""
    held: list[str] = []
    start = 0
    for number, raw in enumerate(text.split("\n", MAX_LINES)[:MAX_LINES], 1):
        line = raw.rstrip("\r")
        stripped = line.strip()
        if held and (not stripped or stripped[0] not in "#;"):
            pass
        elif not stripped or stripped[0] in "#;":
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
    return found


def words(assignments: list[Assignment], section: str, *keys: str) -> list[str]:
    """The words of a list setting: assignments add up, an empty one starts anew."""
    found: list[str] = []
    for key in keys:
        part: list[str] = []
        for one in assignments:
            if one.section == section and one.key == key:
                part = part + one.value.split() if one.value else []
        found.extend(part)
    return found


def last(assignments: list[Assignment], section: str, key: str) -> Assignment | None:
    """The assignment that decides, or None when there is none or the last one is empty."""
    for one in reversed(assignments):
        if one.section == section and one.key == key:
            return one if one.value else None
    return None
