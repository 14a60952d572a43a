"""Packagist: Composer's versions; branches (`dev-main`) have no place among them.

Source: the Composer documentation, "Versions and constraints", and PHP's version_compare.
"""

from __future__ import annotations

import re

_SHAPE = re.compile(
    r"v?(\d+(?:[.](?:\d+|x)){0,5})"
    r"(?:[._-]?(stable|dev|alpha|a|beta|b|rc|patch|pl|p)[.-]?(\d+(?:[.-]\d+)*)?)?"
    r"(?:[._-]?(dev))?(?:\+[0-9A-Za-z.-]*)?",
    re.A | re.I,
)
_STAGES = {"dev": 0, "alpha": 1, "a": 1, "beta": 2, "b": 2, "rc": 3, "stable": 4, "": 4, "patch": 5, "pl": 5, "p": 5}
_ANY = 9_999_999
"""Composer's own number for the x of a branch such as 2.1.x-dev."""

_SHORTEST = 4

Key = tuple[tuple[int, ...], int, tuple[int, ...], int]


def parse(text: str) -> Key | None:
    """`v1.0` and `1.0.0.0` are one; dev, alpha, beta and RC come before, patches after."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        return None
    numbers = [_ANY if part in "xX" else int(part) for part in match[1].split(".")]
    if _ANY in numbers and not match[4] and (match[2] or "").lower() != "dev":
        return None
    filler = _ANY if numbers[-1] == _ANY else 0
    numbers += [filler] * (_SHORTEST - len(numbers))
    while len(numbers) > _SHORTEST and not numbers[-1]:
        numbers.pop()
    stage = _STAGES[(match[2] or "").lower()]
    within = tuple(int(part) for part in re.split(r"[.-]", match[3])) if match[3] else ()
    return tuple(numbers), stage, within, 0 if match[4] else 1
