"""What the readers of web settings share: one setting, lines without comments, and balanced brackets."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple, Optional

LITERAL, ENVIRONMENT, DEFAULT, COMPUTED = "literal", "environment", "default", "computed"
MAX_LINE = 1000
MAX_BLOCK = 20_000
_TOKEN = re.compile(r"'|\"|`|//|/\*|#|\n")


class Setting(NamedTuple):
    """One setting at one place."""

    framework: str
    setting: str
    value: Optional[str]
    known: str
    path: str
    line: int


def without_comments(text: str, hash_sign: bool = True) -> str:
    """Code with its comments made blank, of languages with //, /* */ and (where `hash_sign`) #. Lines stay."""
    parts: list[str] = []
    place = 0
    while True:
        match = _TOKEN.search(text, place)
        if match is None:
            parts.append(text[place:])
            return "".join(parts)
        sign = match.group()
        start = match.start()
        if sign == "\n" or (sign == "#" and (not hash_sign or text[start : start + 2] == "#[")):
            parts.append(text[place : match.end()])
            place = match.end()
        elif sign in ("//", "#"):
            if sign == "//" and text[max(0, start - 1) : start] == ":":  # an address
                parts.append(text[place : match.end()])
                place = match.end()
                continue
            end = text.find("\n", start)
            end = len(text) if end < 0 else end
            parts.append(text[place:start] + " " * (end - start))
            place = end
        elif sign == "/*":
            end = text.find("*/", start + 2)
            end = len(text) if end < 0 else end + 2
            parts.append(text[place:start] + re.sub(r"[^\n]", " ", text[start:end]))
            place = end
        else:
            place_end = _string_end(text, match.end(), sign)
            parts.append(text[place:place_end])
            place = place_end


def _string_end(text: str, place: int, quote: str) -> int:
    for _ in range(10_000):
        end = text.find(quote, place)
        line = -1 if quote == "`" else text.find("\n", place)
        if end < 0 or (0 <= line < end):  # a quote that was none, as in don't
            return place
        back = end
        while back > place and text[back - 1] == "\\":
            back -= 1
        if (end - back) % 2 == 0:
            return end + 1
        place = end + 1
    return len(text)


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """Numbered lines, each cut where no person writes on."""
    for number, line in enumerate(text.split("\n"), 1):
        yield number, line[:MAX_LINE]


def line_at(text: str, place: int) -> int:
    """The number of the line that a place in the text lies in."""
    return text.count("\n", 0, place) + 1


def block_after(text: str, place: int) -> str:
    """What stands in the bracket that opens at `place`, without it; at most MAX_BLOCK characters."""
    pairs = {"(": ")", "[": "]", "{": "}"}
    closing: list[str] = []
    for end in range(place, min(len(text), place + MAX_BLOCK)):
        char = text[end]
        if char in pairs:
            closing.append(pairs[char])
        elif closing and char == closing[-1]:
            closing.pop()
            if not closing:
                return text[place + 1 : end]
    return text[place + 1 : place + MAX_BLOCK]


def plain(value: str) -> tuple[Optional[str], str]:
    """The value of an expression that is a literal, in lower case for yes and no; else None and `computed`."""
    value = value.strip().rstrip(",;").strip()
    if len(value) > 1 and value[0] in "'\"" and value[-1] == value[0] and value[0] not in value[1:-1]:
        return value[1:-1], LITERAL
    low = value.lower()
    if low in ("true", "false", "null", "nil", "none", "on", "off", "yes", "no") or value.lstrip("-").isdigit():
        return low, LITERAL
    return None, COMPUTED
