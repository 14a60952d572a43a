"""NuGet: up to four numbers, then as Semantic Versioning, without regard to case.

Source: Microsoft's "NuGet package version reference".
"""

from __future__ import annotations

import re

_SHAPE = re.compile(r"v?(\d+(?:\.\d+){0,3})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]*)?", re.A)

Identifier = tuple[int, int, str]
Key = tuple[tuple[int, ...], int, tuple[Identifier, ...]]


def parse(text: str) -> Key | None:
    """`1.0`, `1.0.0` and `1.0.0.0` are one; `1.0.0-beta` comes before them."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        return None
    numbers = [int(part) for part in match[1].split(".")]
    numbers += [0] * (4 - len(numbers))
    if not match[2]:
        return tuple(numbers), 1, ()
    words = match[2].lower().split(".")
    return tuple(numbers), 0, tuple((0, int(word), "") if word.isdigit() else (1, 0, word) for word in words)
