"""npm, crates.io and Go: Semantic Versioning 2.0.0 section 11, read as leniently as the package managers do."""

from __future__ import annotations

import re

_SHAPE = re.compile(
    r"[v=]?\s*(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-?([0-9A-Za-z][0-9A-Za-z.-]*))?(?:\+[0-9A-Za-z.-]*)?", re.A
)
_RELEASE = 1
_BEFORE = 0

Identifier = tuple[int, int, str]
Key = tuple[tuple[int, int, int], int, tuple[Identifier, ...]]


def parse(text: str) -> Key | None:
    """`1.0.0-rc.1` comes before `1.0.0`; what follows a plus does not count."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        return None
    major, minor, patch, before = match.groups()
    if before and patch is None and not text.rpartition(before)[0].endswith("-"):
        return None  # `1.x`, `2a`
    core = (int(major), int(minor or 0), int(patch or 0))
    if not before:
        return core, _RELEASE, ()
    return core, _BEFORE, tuple(_identifier(part) for part in before.split("."))


def parse_go(text: str) -> Key | None:
    """Go writes a v in front; the standard library's versions are `1.21.0`, once `go1.21rc2`."""
    if text.startswith("go"):
        match = re.fullmatch(r"go(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:(rc|beta)(\d+))?", text, re.A)
        if match is None:
            return None
        major, minor, patch, word, number = match.groups()
        text = f"{major}.{minor or 0}.{patch or 0}" + (f"-{word}.{number}" if word else "")
    return parse(text)


def _identifier(text: str) -> Identifier:
    """Numbers by value and before words; words as ASCII."""
    return (0, int(text), "") if text.isdigit() else (1, 0, text)
