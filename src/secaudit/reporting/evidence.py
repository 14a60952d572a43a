"""The evidence of a result as short lines: where, what was found, what was wanted; nothing said twice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from secaudit.model import Result, Scalar, Status

LONGEST_PATH = 5000
"""Characters; longer than any path (PATH_MAX is 4096 bytes), so that paths stay whole."""

LONGEST_VALUE = 400
"""Characters of one value; the run document holds all."""

_PAIR = re.compile(r"(\w+) (.+)")


class Found(NamedTuple):
    """One thing that was found."""

    place: str
    """File and line, or nothing."""
    text: str
    wanted: str

    def __str__(self) -> str:
        """All on one line."""
        wanted = f"wanted {self.wanted}" if self.wanted else ""
        value = ", ".join(part for part in (self.text, wanted) if part)
        return "  ".join(part for part in (self.place, value) if part)


class Evidence(NamedTuple):
    """What a person reads."""

    lines: tuple[Found, ...]
    more: int
    """How many lines there are besides."""
    is_exact: bool
    """Whether `more` counts all: a run keeps 50 rows of a check."""

    @property
    def rest(self) -> str:
        """What to say of the lines that are not shown."""
        if not self.more:
            return "" if self.is_exact else "and more"
        return f"and {self.more} more" if self.is_exact else f"and at least {self.more} more"


def evidence(result: Result, most: int) -> Evidence:
    """The rows that failed, or that could not be determined when the status is unknown, at most so many.

    Rows that somebody accepted are shown only where there are no others.

    One line more than `most` is shown rather than "and 1 more".
    """
    judged = 0 if result.status is Status.FAIL else None
    rows = [row for row in result.rows if row.get("pass") == judged]
    if not result.waiver:  # what somebody accepted is not what is to be mended
        rows = [row for row in rows if not row.get("accepted")] or rows
    lines = tuple(dict.fromkeys(found_in(row, told=judged == 0) for row in rows))
    is_exact = result.rows_total <= len(result.rows) or len(rows) < len(result.rows)
    if len(lines) <= most + 1 and is_exact:
        return Evidence(lines, 0, True)
    return Evidence(lines[:most], max(0, len(lines) - most), is_exact)


def found_in(row: Mapping[str, Scalar], *, told: bool = True) -> Found:
    """What a row says; `told` is false for one that could not be determined, of which only the place is known."""
    path, resource = _text(row.get("path"), LONGEST_PATH), _text(row.get("resource"), LONGEST_PATH)
    place = path
    if path and row.get("line") is not None:
        place += f":{row['line']}"
    if resource in (path, place) or (path.endswith("/" + resource) and not told):
        resource = ""
    if not told:
        return Found(place, resource, "")
    actual, wanted = row.get("actual"), _text(row.get("expected"), LONGEST_VALUE)
    value = "" if actual is None else _text(actual, LONGEST_VALUE) or "empty"
    if {value, wanted} == {"0", "1"}:  # a bare no or yes says nothing beside the title
        value = wanted = ""
    if wanted == "not":  # anything but an empty text
        wanted = "not empty"
    if value in (resource, path):
        value = ""
    value, wanted = _differing(value, wanted)
    return Found(place, ": ".join(part for part in (resource, value) if part), wanted)


def _differing(actual: str, wanted: str) -> tuple[str, str]:
    """Of several values by name (`mode 0644, owner root`), keep those that are not as wanted."""
    parts, wishes = actual.split(", "), wanted.split(", ")
    if len(parts) < 2 or len(parts) != len(wishes):
        return actual, wanted
    had = [_PAIR.fullmatch(part) for part in parts]
    asked = [_PAIR.fullmatch(part) for part in wishes]
    pairs = [(one, other) for one, other in zip(had, asked, strict=True) if one and other and one[1] == other[1]]
    if len(pairs) != len(parts):
        return actual, wanted
    kept = [(one, other) for one, other in pairs if one[2] != other[2]] or pairs
    wishes = [other[2] for _, other in kept] if len(kept) == 1 else [other[0] for _, other in kept]
    return ", ".join(one[0] for one, _ in kept), ", ".join(wishes)


def _text(value: Scalar, limit: int) -> str:
    text = "" if value is None else str(value).strip()
    return text if len(text) <= limit else f"{text[:limit]} ... ({len(text) - limit} more characters)"
