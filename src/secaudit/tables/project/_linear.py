"""Patterns whose time grows linearly with the text, whatever the text is: RE2. Content of a project may be hostile."""

from __future__ import annotations

from typing import Any, Iterator, Protocol

from secaudit.tableapi import Failed

MISSING = "the library google-re2 is not installed: pip install 'secaudit[code]', or pip install google-re2"


class Match(Protocol):
    """The part of a match that is used here."""

    def start(self, group: Any = 0) -> int: ...
    def end(self, group: Any = 0) -> int: ...
    def group(self, group: Any = 0) -> bytes: ...


class Pattern(Protocol):
    """A compiled pattern over bytes."""

    def search(self, text: bytes, pos: int = 0, endpos: int = ...) -> Match | None: ...
    def match(self, text: bytes, pos: int = 0, endpos: int = ...) -> Match | None: ...
    def fullmatch(self, text: bytes, pos: int = 0, endpos: int = ...) -> Match | None: ...
    def finditer(self, text: bytes, pos: int = 0, endpos: int = ...) -> Iterator[Match]: ...


def compile_pattern(text: str, *, ignore_case: bool = False) -> Pattern:
    """Compile a pattern over bytes; `.` and classes see single bytes, so that bad UTF-8 stops nothing.

    Raises:
        Failed: the library is not installed.
    """
    try:
        import re2
    except ImportError:
        raise Failed(MISSING) from None
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.case_sensitive = not ignore_case
    options.log_errors = False
    compiled: Pattern = re2.compile(text.encode("latin-1"), options)
    return compiled
