"""RubyGems: numbers and words in turn; a word makes it a version before the release.

Source: the documentation of Gem::Version.
"""

from __future__ import annotations

import re
from functools import total_ordering

_SHAPE = re.compile(r"[0-9]+(?:\.[0-9A-Za-z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?", re.A)
_PARTS = re.compile(r"[0-9]+|[A-Za-z]+", re.A)
_PLATFORM = re.compile(
    r"-(?:x86(?:_64)?|x64|i[3-6]86|amd64|arm64?|aarch64|armv\d\w*|ppc64\w*|s390x?|riscv64|java|jruby|mswin\w*|mingw\w*"
    r"|universal|linux|darwin)\b.*",
    re.A | re.S,
)
"""What a lock file writes behind a version that is made for one kind of machine."""

Part = tuple[int, int, str]
_ZERO: Part = (1, 0, "")
"""What is missing counts as zero."""


@total_ordering
class GemVersion:
    """Parts, compared one by one; the shorter one is filled up with zeros."""

    def __init__(self, parts: list[Part]) -> None:
        self.parts = parts

    def _filled(self, other: GemVersion) -> list[Part]:
        return self.parts + [_ZERO] * (len(other.parts) - len(self.parts))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GemVersion) and self._filled(other) == other._filled(self)

    def __lt__(self, other: GemVersion) -> bool:
        return self._filled(other) < other._filled(self)

    def __hash__(self) -> int:
        return hash(tuple(_without_zeros(list(self.parts))))


def parse(text: str) -> GemVersion | None:
    """`1.0.0.rc1` comes before `1.0.0`, which is the same as `1`."""
    text = _PLATFORM.sub("", text)
    if _SHAPE.fullmatch(text) is None:
        return None
    parts = [_part(found) for found in _PARTS.findall(text.replace("-", ".pre."))]
    first_word = next((index for index, part in enumerate(parts) if part[0] == 0), len(parts))
    return GemVersion(_without_zeros(parts[:first_word]) + _without_zeros(parts[first_word:]))


def _part(text: str) -> Part:
    return (1, int(text), "") if text.isdigit() else (0, 0, text)


def _without_zeros(parts: list[Part]) -> list[Part]:
    while parts and parts[-1] == _ZERO:
        parts.pop()
    return parts
