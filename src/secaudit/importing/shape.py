"""Take values out of parsed JSON of which nothing is known: a wrong type is an empty value, never an error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

Data = Mapping[str, Any]
MAX_TEXT = 2000
MAX_LINE = 10_000_000
_CWE = re.compile(r"(?i)cwe[-/ :_]{0,3}0*(\d{1,5})(?!\d)")


def text(data: object, *keys: str) -> str:
    """The text under these keys, cut; numbers become text."""
    found = under(data, *keys)
    if isinstance(found, bool) or not isinstance(found, str | int):
        return ""
    return str(found)[:MAX_TEXT] if isinstance(found, str) else str(found)[:20]


def number(data: object, *keys: str) -> int:
    """The whole number under these keys, from 0 on; 0 for anything else."""
    found = under(data, *keys)
    if isinstance(found, str) and found.isdecimal() and len(found) < 9:
        found = int(found)
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 <= found <= MAX_LINE else 0


def under(data: object, *keys: str) -> object:
    """The value under these keys; None where the way ends."""
    for key in keys:
        if not isinstance(data, Mapping):
            return None
        data = data.get(key)
    return data


def records(data: object, *keys: str) -> Iterator[Data]:
    """The mappings of a list."""
    found = under(data, *keys) if keys else data
    if isinstance(found, list):
        yield from (item for item in found if isinstance(item, Mapping))


def named(data: object, *keys: str) -> Iterator[tuple[str, Data]]:
    """The mappings of a mapping, with their names."""
    found = under(data, *keys) if keys else data
    if isinstance(found, Mapping):
        yield from ((str(key)[:MAX_TEXT], item) for key, item in found.items() if isinstance(item, Mapping))


def words(data: object, *keys: str) -> tuple[str, ...]:
    """The texts of a list, or one text alone; at most 50."""
    found = under(data, *keys) if keys else data
    if isinstance(found, str):
        return (found[:MAX_TEXT],)
    return tuple(item[:MAX_TEXT] for item in found[:50] if isinstance(item, str)) if isinstance(found, list) else ()


def cwes(*texts: str) -> tuple[int, ...]:
    """The numbers of weaknesses that are named in texts: `CWE-79: ...`, `external/cwe/cwe-079`."""
    return tuple(dict.fromkeys(int(found) for item in texts for found in _CWE.findall(item)))
