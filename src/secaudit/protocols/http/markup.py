"""Cuts HTML into tags, comments and text, in time linear to its length.

Why not `html.parser`: before Python 3.13.6 it needs quadratic time for a page of unclosed comments (CVE-2025-6069),
and half a megabyte of them holds it for hours.
"""

from __future__ import annotations

import html
import re
from typing import Iterator, NamedTuple

MOST_TOKENS = 200_000
"""Tags, comments and texts that are read of one page."""
MOST_ATTRIBUTES = 100

RAW = frozenset("script style textarea title xmp iframe noembed noframes".split())
"""Elements whose content is text up to their own end tag."""

_TAG_NAME = re.compile(r"[A-Za-z][^\s/>]*")
_ATTRIBUTE = re.compile(
    r"[\s/]*([^\s/>][^\s/>=]*)"
    r"(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"'][^\s>]*)|(?=(>))|([\"'])))?"
)


class Token(NamedTuple):
    """One piece of a page."""

    kind: str
    """start, end, text, raw (the content of a script and the like), comment or declaration."""
    name: str
    """Of tags, and of the element that raw text is in: in lower case."""
    attributes: dict[str, str]
    """Lower case name -> value; the first of each wins, as in browsers. Without a value: empty."""
    text: str
    """Of a declaration: all between the angle brackets, such as `!doctype html` or `?php echo 1 ?`."""
    line: int


def tokens(page: str) -> Iterator[Token]:
    """Yield the pieces of a page in order, at most MOST_TOKENS."""
    for number, token in enumerate(_tokens(page)):
        if number >= MOST_TOKENS:
            return
        yield token


def _tokens(page: str) -> Iterator[Token]:
    lines = _Lines(page)
    finder = _Finder(page)
    at = 0
    while at < len(page):
        begin = finder.find("<", at)
        if begin < 0:
            begin = len(page)
        if begin > at:
            yield Token("text", "", {}, html.unescape(page[at:begin]), lines.at(at))
        if begin >= len(page):
            return
        line = lines.at(begin)
        after = page[begin + 1 : begin + 2]
        if page.startswith("<!--", begin):
            end = finder.find("-->", begin + 2)
            if end < 0:
                yield Token("comment", "", {}, page[begin + 4 :], line)
                return
            yield Token("comment", "", {}, page[begin + 4 : max(end, begin + 4)], line)
            at = end + 3
        elif after in ("!", "?") and after:
            end = finder.find(">", begin)
            end = len(page) if end < 0 else end
            yield Token("declaration", "", {}, page[begin + 1 : end], line)
            at = end + 1
        elif after == "/":
            match = _TAG_NAME.match(page, begin + 2)
            end = finder.find(">", begin)
            end = len(page) if end < 0 else end
            if match is not None:
                yield Token("end", match.group().lower(), {}, "", line)
            at = end + 1
        else:
            match = _TAG_NAME.match(page, begin + 1)
            if match is None:
                yield Token("text", "", {}, "<", line)
                at = begin + 1
                continue
            name = match.group().lower()
            attributes, at = _attributes(page, match.end())
            if at < 0:
                return  # the page ends inside a tag: browsers drop it
            yield Token("start", name, attributes, "", line)
            if name in RAW:
                end = finder.find_tag_end(name, at)
                yield Token("raw", name, {}, page[at:end], lines.at(at))
                at = end


def _attributes(page: str, at: int) -> tuple[dict[str, str], int]:
    """The attributes from here, and the place behind the tag; -1 when the page ends in it."""
    found: dict[str, str] = {}
    while True:
        match = _ATTRIBUTE.match(page, at)
        if match is None:
            end = page.find(">", at)
            return found, (end + 1 if end >= 0 else -1)
        if match.group(6):
            return found, -1  # a quote that is never closed
        at = match.end()
        if len(found) < MOST_ATTRIBUTES:
            value = match.group(2) or match.group(3) or match.group(4) or ""
            found.setdefault(match.group(1).lower(), html.unescape(value))


class _Lines:
    """Line numbers of places that only go forward."""

    def __init__(self, page: str) -> None:
        self._page = page
        self._seen = 0
        self._line = 1

    def at(self, place: int) -> int:
        if place > self._seen:
            self._line += self._page.count("\n", self._seen, place)
            self._seen = place
        return self._line


class _Finder:
    """`str.find` that remembers what does not come again, so that nobody can make us search the rest many times."""

    def __init__(self, page: str) -> None:
        self._page = page
        self._gone: set[str] = set()

    def find(self, what: str, at: int) -> int:
        if what in self._gone:
            return -1
        place = self._page.find(what, at)
        if place < 0:
            self._gone.add(what)
        return place

    def find_tag_end(self, name: str, at: int) -> int:
        """Where `</name` begins, or the end of the page."""
        if name in self._gone:
            return len(self._page)
        match = re.compile(rf"</{name}(?=[\s/>]|\Z)", re.IGNORECASE).search(self._page, at)
        if match is None:
            self._gone.add(name)
            return len(self._page)
        return match.start()
