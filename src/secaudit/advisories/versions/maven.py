"""Maven: numbers and qualifiers with dots and hyphens.

Source: the POM reference of Apache Maven, "Version Order Specification".
"""

from __future__ import annotations

import re
from functools import total_ordering
from typing import NamedTuple, Union

_TOKEN = re.compile(r"([.-]?)(\d+|[^\d.-]+)?", re.A)
_NULLS = frozenset(("", "final", "ga", "release"))
_RANKS = {"alpha": 0, "beta": 1, "milestone": 2, "rc": 3, "snapshot": 4, "": 5, "sp": 6}
_OTHER = 7
_SHORT = {"a": "alpha", "b": "beta", "m": "milestone"}


class Token(NamedTuple):
    """A number or a word with the sign in front of it."""

    sign: str
    value: Union[int, str]

    @property
    def is_null(self) -> bool:
        """Whether it adds nothing at the end."""
        return self.value == 0 or self.value in _NULLS

    @property
    def rank(self) -> tuple[int, int, int, str]:
        """Words come before `-1`, and that before `.1`."""
        if isinstance(self.value, int):
            return (2 if self.sign == "." else 1), self.value, 0, ""
        word = "" if self.value in _NULLS else "rc" if self.value == "cr" else self.value
        return 0, 0, _RANKS.get(word, _OTHER), word if word not in _RANKS else ""


@total_ordering
class MavenVersion:
    """Tokens, compared one by one; the shorter one is filled up with what adds nothing."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens

    def _ranks(self, other: MavenVersion) -> list[tuple[int, int, int, str]]:
        ranks = [token.rank for token in self.tokens]
        for token in other.tokens[len(ranks) :]:
            is_number = token.sign == "." and isinstance(token.value, int)
            ranks.append(Token(token.sign, 0 if is_number else "").rank)
        return ranks

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MavenVersion) and self._ranks(other) == other._ranks(self)

    def __lt__(self, other: MavenVersion) -> bool:
        return self._ranks(other) < other._ranks(self)

    def __hash__(self) -> int:
        return hash(tuple(token.rank for token in self.tokens))


def parse(text: str) -> MavenVersion | None:
    """`1.0-alpha-1 < 1.0-rc1 < 1.0-SNAPSHOT < 1.0 = 1.0.Final < 1.0-sp < 1.0.1`; None when no number begins it."""
    if not text[0].isdigit():
        return None
    return MavenVersion(_trimmed(_tokens(text.lower())))


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.end() == position:
            break
        sign, value = match[1] or ("-" if found else ""), match[2]
        position = match.end()
        if value is None:
            found.append(Token(sign, 0))
        elif value.isdigit():
            found.append(Token(sign, int(value)))
        else:
            after = text[position : position + 1]
            if found and after not in (".", "-"):
                sign = "-"  # `1.0.RC1` is `1.0-RC1` (MNG-7644)
            found.append(Token(sign, _SHORT.get(value, value) if after.isdigit() else value))
    return found


def _trimmed(tokens: list[Token]) -> list[Token]:
    """Without what adds nothing before each hyphen and at the end."""
    end = len(tokens)
    while end > 0:
        begin = end
        while begin > 1 and tokens[begin - 1].is_null:
            begin -= 1
        del tokens[begin:end]
        end = begin - 1
        while end > 0 and (end >= len(tokens) or tokens[end].sign != "-"):
            end -= 1
    return tokens
