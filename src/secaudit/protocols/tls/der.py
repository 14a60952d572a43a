"""Read DER, the encoding of certificates. Every length is checked; what is not DER raises ValueError. Source: X.690."""

from __future__ import annotations

import calendar
import re
from typing import Iterator


class Reader:
    """A part of DER data that is read value by value."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def more(self) -> bool:
        return self.at < len(self.data)

    def peek(self) -> int:
        return self.data[self.at] if self.more() else -1

    def _head(self) -> tuple[int, int, int]:
        """Tag, where the value begins, where it ends."""
        if self.at + 2 > len(self.data):
            raise ValueError("cut off")
        tag, length, at = self.data[self.at], self.data[self.at + 1], self.at + 2
        if tag & 0x1F == 0x1F:
            raise ValueError("a long tag")
        if length & 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4 or at + count > len(self.data):
                raise ValueError("a length that is not DER")
            length = int.from_bytes(self.data[at : at + count], "big")
            at += count
        if at + length > len(self.data):
            raise ValueError("cut off")
        return tag, at, at + length

    def any(self) -> tuple[int, bytes]:
        tag, begin, end = self._head()
        self.at = end
        return tag, self.data[begin:end]

    def raw(self) -> bytes:
        """The next value with its tag and length."""
        begin = self.at
        self.at = self._head()[2]
        return self.data[begin : self.at]

    def take(self, wanted: int) -> bytes:
        tag, value = self.any()
        if tag != wanted:
            raise ValueError("another kind of value was expected")
        return value

    def enter(self, wanted: int = 0x30) -> Reader:
        return Reader(self.take(wanted))

    def optional(self, wanted: int) -> bytes | None:
        return self.take(wanted) if self.peek() == wanted else None


def parts(value: bytes, tag: int = 0x30, limit: int = 1000) -> Iterator[tuple[int, bytes]]:
    """The values in one constructed value."""
    inner = Reader(value).enter(tag)
    while inner.more() and limit:
        limit -= 1
        yield inner.any()


def oid(value: bytes) -> str:
    if not value or len(value) > 40:
        raise ValueError("not an object identifier")
    numbers: list[int] = []
    number = 0
    for byte in value:
        number = (number << 7) | (byte & 0x7F)
        if not byte & 0x80:
            numbers.append(number)
            number = 0
    if not numbers:
        raise ValueError("not an object identifier")
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def text(tag: int, value: bytes) -> str:
    """A string of any of the kinds that names use."""
    kinds = {0x1E: "utf-16-be", 0x1C: "utf-32-be", 0x14: "latin-1"}
    return value.decode(kinds.get(tag, "utf-8"), "backslashreplace")


def time_s(tag: int, value: bytes) -> int:
    """Seconds since 1970 of a UTCTime or GeneralizedTime, RFC 5280 section 4.1.2.5."""
    form = r"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?Z" if tag == 0x17 else r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?Z"
    match = re.fullmatch(form, value.decode("ascii", "replace"))
    if match is None or tag not in (0x17, 0x18):
        raise ValueError("not a time")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    if tag == 0x17:
        year += 1900 if year >= 50 else 2000
    if not (1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 61):
        raise ValueError("not a time")
    return calendar.timegm((year, month, day, hour, minute, second))
