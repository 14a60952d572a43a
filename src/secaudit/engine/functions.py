"""The functions that checks may use in SQL. Each gives NULL for what it cannot decide, never a guess."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

MATCH_LIMIT = 4096
"""Characters of a value that `matches` looks at; longer text is not decided (NULL)."""

MAX_WILD = 3
"""Unlimited repeats in one pattern. With values of 4,096 characters that bounds the time of a match."""

_INTEGER = re.compile(r"\s*([+-]?\d{1,18})\s*\Z")
_REPEAT = re.compile(r"(?<!\\)(?:[*+]|\{\d+,\d*\})")
_NESTED = re.compile(r"[*+}]\)?[*+{]|\([^()]*[*+][^()]*\)[*+{]")


def to_int(value: object) -> int | None:
    """The whole number that a text is; NULL for anything else, so that junk never compares as 0."""
    if isinstance(value, int):
        return value
    if isinstance(value, str) and (match := _INTEGER.match(value)):
        return int(match.group(1))
    return None


def in_list(value: object, items: object) -> int | None:
    """1 when the value is in a list parameter (JSON text)."""
    if value is None or items is None:
        return None
    known = _items(str(items))
    return int(value in known or str(value) in known)


@lru_cache(maxsize=256)
def _items(text: str) -> frozenset[object]:
    return frozenset(json.loads(text))


def pattern_problem(pattern: str) -> str | None:
    """Why a regular expression is refused: a wrong one, or one that could take very long. None when it is fine."""
    try:
        re.compile(pattern)
    except re.error as error:
        return f"not a regular expression: {error}"
    if len(pattern) > 300:
        return "longer than 300 characters"
    if _NESTED.search(pattern):
        return "a repeat inside a repeat can take very long"
    if re.search(r"\\[1-9]|\(\?P=", pattern):
        return "references to groups are not allowed"
    if len(_REPEAT.findall(pattern)) > MAX_WILD:
        return f"more than {MAX_WILD} unlimited repeats"
    return None


@lru_cache(maxsize=512)
def _pattern(text: str) -> re.Pattern[str] | None:
    return None if pattern_problem(text) else re.compile(text)


def matches(value: object, pattern: object) -> int | None:
    """1 when the regular expression is found anywhere in the text (use ^ and $ to anchor)."""
    if value is None or pattern is None:
        return None
    text = str(value)
    compiled = _pattern(str(pattern))
    if compiled is None or len(text) > MATCH_LIMIT:
        return None
    return int(compiled.search(text) is not None)


def has_bits(value: object, bits: object) -> int | None:
    """1 when all the bits are set."""
    if not isinstance(value, int) or not isinstance(bits, int):
        return None
    return int(value & bits == bits)


def lacks_bits(value: object, bits: object) -> int | None:
    """1 when none of the bits is set."""
    if not isinstance(value, int) or not isinstance(bits, int):
        return None
    return int(value & bits == 0)


def version_compare(left: object, right: object) -> int | None:
    """-1, 0 or 1 in the order of Debian Policy 5.6.12, which fits most version schemes."""
    if left is None or right is None:
        return None
    one, two = _version_key(str(left)), _version_key(str(right))
    return (one > two) - (one < two)


@lru_cache(maxsize=4096)
def _version_key(version: str) -> tuple[object, ...]:
    epoch, _, rest = version.rpartition(":")
    upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "")
    return (to_int(epoch) or 0, _part_key(upstream), _part_key(revision))


def _part_key(part: str) -> tuple[tuple[tuple[int, ...], int], ...]:
    """Alternate text and numbers; `~` before the end of the part, the end before letters, letters before signs."""
    pieces = []
    for text, number in re.findall(r"(\D*)(\d*)", part):
        order = tuple(-1 if sign == "~" else ord(sign) if sign.isalpha() else ord(sign) + 256 for sign in text)
        pieces.append(((*order, 0), int(number or 0)))
    return tuple(pieces)


def all_pass_of(values: Iterable[object]) -> int | None:
    """Three-valued AND; NULL over no values."""
    seen = _three_valued(values)
    if 0 in seen:
        return 0
    return 1 if seen == {1} else None


def any_pass_of(values: Iterable[object]) -> int | None:
    """Three-valued OR; NULL over no values."""
    seen = _three_valued(values)
    if 1 in seen:
        return 1
    return 0 if seen == {0} else None


def _three_valued(values: Iterable[object]) -> set[int | None]:
    return {value if isinstance(value, int) and value in (0, 1) else None for value in values}


class _Aggregate:
    """Gathers the values of a group; the subclass says what they come to."""

    def __init__(self) -> None:
        self.seen: set[object] = set()

    def step(self, value: object) -> None:
        self.seen.add(value)


class _AllPass(_Aggregate):
    def finalize(self) -> int | None:
        return all_pass_of(self.seen)


class _AnyPass(_Aggregate):
    def finalize(self) -> int | None:
        return any_pass_of(self.seen)


def register(connection: sqlite3.Connection, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Make the functions known to a connection, each inside `guard`."""
    for name, count, function in (
        ("to_int", 1, to_int),
        ("in_list", 2, in_list),
        ("matches", 2, matches),
        ("has_bits", 2, has_bits),
        ("lacks_bits", 2, lacks_bits),
        ("version_compare", 2, version_compare),
    ):
        connection.create_function(name, count, guard(function), deterministic=True)
    connection.create_aggregate("all_pass", 1, _AllPass)  # type: ignore[arg-type]
    connection.create_aggregate("any_pass", 1, _AnyPass)  # type: ignore[arg-type]


NAMES = ("to_int", "in_list", "matches", "has_bits", "lacks_bits", "version_compare", "all_pass", "any_pass")
