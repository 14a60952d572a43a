"""Reads products and versions out of what a site shows, and when their support ends."""

from __future__ import annotations

import calendar
import functools
from typing import Any, Iterator, NamedTuple

from secaudit.tables.network._active import Front, content
from secaudit.tables.network._signatures import View, version_at


class Software(NamedTuple):
    """One product that a site shows with its version."""

    product: str
    title: str
    version: str
    """As it was shown."""
    source: str
    """Where it was seen."""
    has_end: int | None
    """1: an end of its support is known. 0: none is. NULL: the version is not in our list."""
    ends_s: int | None
    """When its makers stop; seconds since 1970 UTC."""
    packaged_s: int | None
    """When the last free distribution that ships it stops; `ends_s` when none does."""
    packaged_by: str
    """That distribution."""
    as_of: str
    """The day on which these dates were looked at."""


def shown_by(page: Front) -> Iterator[tuple[Any, str, str]]:
    """Products that the first page or its headers name with a version, and where."""
    view = page.answer.view()
    generators = [item.content for item in page.page.metas if item.name == "generator"]
    for product in content().software().products:
        found = [pair for line in product.headers for pair in _in_headers(line, view)]
        if product.generator:
            found += [pair for text in generators for pair in _in_generator(product.generator, text)]
        for version, place in dict(found).items():
            if version is not None:
                yield product, version, place


def _in_headers(line: str, view: View) -> Iterator[tuple[str | None, str]]:
    name, _, part = line.partition(":")
    part = part.strip().lower()
    for other, value in view.headers:
        place = value.find(part)
        if other == name.lower() and place >= 0 and (place == 0 or not value[place - 1].isalnum()):
            yield version_at(value[place + len(part) :].lstrip(" "), 0), f"the header {name}"


def _in_generator(mark: str, text: str) -> Iterator[tuple[str | None, str]]:
    if text.lower().startswith(mark.lower()):
        rest = text[len(mark) :].lstrip(" !-v")
        yield version_at(rest, 0), "the generator of the first page"


def software(product: Any, version: str, source: str) -> Software:
    """One row: the ends of support of this version."""
    as_of = content().software().as_of
    if product.supported_from and compare(version, product.supported_from) >= 0:
        return Software(product.name, product.title, version, source, 0, None, None, "", as_of)
    fitting = [cycle for cycle in product.cycles if compare(version, cycle.from_version) >= 0]
    if not fitting:
        return Software(product.name, product.title, version, source, None, None, None, "", as_of)
    cycle = fitting[-1]
    ends = _seconds(cycle.ends)
    packaged = max(ends, _seconds(cycle.packaged_until)) if cycle.packaged_until else ends
    return Software(product.name, product.title, version, source, 1, ends, packaged, cycle.packaged_by, as_of)


@functools.cache
def _seconds(day: str) -> int:
    """The end of a day, UTC."""
    year, month, date = (int(part) for part in day.split("-"))
    return calendar.timegm((year, month, date, 23, 59, 59))


def compare(one: str, other: str) -> int:
    """-1, 0 or 1 by the numbers at the beginning of each part."""
    left, right = _numbers(one), _numbers(other)
    width = max(len(left), len(right))
    left += [0] * (width - len(left))
    right += [0] * (width - len(right))
    return (left > right) - (left < right)


def _numbers(version: str) -> list[int]:
    numbers = []
    for part in version.split(".")[:6]:
        digits = ""
        for char in part[:9]:
            if not char.isdigit():
                break
            digits += char
        if not digits:
            break
        numbers.append(int(digits))
    return numbers
