"""Packets of SSH before encryption, and the greeting. Sources: RFC 4253 sections 4.2, 6 and 7.1; RFC 4251 section 5."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from secaudit.tableapi import Wire

BANNER = b"SSH-2.0-secaudit"
GREETING_LIMIT = 16384
"""Bytes that we read until the line that begins with SSH-. RFC 4253 sets no limit."""
LINE_LIMIT = 255
"""RFC 4253 section 4.2: the longest banner, with its line end."""
LINES_LIMIT = 64
PACKET_LIMIT = 35000
"""RFC 4253 section 6.1: what everybody must be able to take."""
SKIPPED_LIMIT = 16
"""Packets of no interest (IGNORE, DEBUG, a wrong guess) that we pass over before we give up."""

DISCONNECT, IGNORE, UNIMPLEMENTED, DEBUG, KEXINIT = 1, 2, 3, 4, 20

_BANNER = re.compile(rb"^SSH-([0-9.]{1,16})-([^\r\n]*)$")


class NotSsh(OSError):
    """The other side does not speak SSH as we understand it."""


class Ended(OSError):
    """The other side said goodbye in a packet of its own."""


class Greeting(NamedTuple):
    """The line by which a server names itself."""

    banner: str
    protocol: str
    """2.0, 1.99 (both versions) or 1.5."""
    software: str
    """The part before the first blank: `OpenSSH_9.2p1`."""
    comments: str
    lines_before: int
    """Lines of other text that came first."""
    too_long: bool
    """Longer than RFC 4253 allows, or cut by us."""

    @property
    def speaks_2(self) -> bool:
        return self.protocol in ("2.0", "1.99")


def text(data: bytes) -> str:
    """Bytes of the other side as text: what is no ASCII is shown as an escape."""
    return data.decode("ascii", "backslashreplace")


def read_greeting(wire: Wire, first: bytes = b"") -> Greeting:
    """Read up to and with the line that begins with `SSH-`. `first` is what was received already.

    Raises:
        NotSsh: that line does not come within the limits.
        OSError: as the wire.
    """
    data = bytearray(first)
    begin, lines = 0, 0
    while True:
        end = data.find(b"\n", begin)
        if end < 0:
            if len(data) - begin > LINE_LIMIT and data.startswith(b"SSH-", begin):
                return _greeting(bytes(data[begin : begin + LINE_LIMIT]), lines, too_long=True)
            if len(data) >= GREETING_LIMIT:
                raise NotSsh(f"no SSH banner within {GREETING_LIMIT} bytes")
            more = wire.receive(4096)
            if not more:
                raise NotSsh("the connection ended before the SSH banner")
            data += more
            continue
        line = bytes(data[begin:end]).rstrip(b"\r")
        if line.startswith(b"SSH-"):
            return _greeting(line[:LINE_LIMIT], lines, too_long=end - begin >= LINE_LIMIT, rest=bytes(data[end + 1 :]))
        begin, lines = end + 1, lines + 1
        if lines > LINES_LIMIT or begin >= GREETING_LIMIT:
            raise NotSsh(f"no SSH banner within {LINES_LIMIT} lines")


class _Greeted(Greeting):
    """A greeting, with the bytes that followed it in the same piece."""

    rest: bytes = b""


def _greeting(line: bytes, lines: int, too_long: bool, rest: bytes = b"") -> Greeting:
    match = _BANNER.match(line)
    if match is None:
        raise NotSsh(f"no valid SSH banner: {text(line[:80])}")
    software, _, comments = text(match[2]).partition(" ")
    found = _Greeted(text(line), text(match[1]), software, comments.strip(), lines, too_long)
    found.rest = rest
    return found


class Packets:
    """Unencrypted packets over a wire, after the greetings."""

    def __init__(self, wire: Wire, greeting: Greeting) -> None:
        self.wire = wire
        self._data = bytearray(getattr(greeting, "rest", b""))

    def send(self, payload: bytes) -> None:
        """Send one packet; it is padded to 8 bytes, with at least 4."""
        padding = 8 - (len(payload) + 5) % 8
        padding += 8 if padding < 4 else 0
        head = (len(payload) + padding + 1).to_bytes(4, "big") + bytes([padding])
        self.wire.send(head + payload + os.urandom(padding))

    def receive(self) -> bytes:
        """Give the payload of the next packet.

        Raises:
            NotSsh: its length is out of the limits.
        """
        length = int.from_bytes(self._take(4), "big")
        if not 5 <= length <= PACKET_LIMIT:
            raise NotSsh(f"a packet of {length} bytes")
        body = self._take(length)
        padding = body[0]
        if padding + 1 >= length:
            raise NotSsh(f"a packet of {length} bytes with {padding} bytes of padding")
        return body[1 : length - padding]

    def receive_one_of(self, wanted: tuple[int, ...]) -> bytes:
        """Give the next packet of these message numbers, over those that mean nothing here.

        Raises:
            Ended: a DISCONNECT came; its text is the server's.
            NotSsh: too many other packets came.
        """
        for _ in range(SKIPPED_LIMIT):
            payload = self.receive()
            if payload[0] in wanted:
                return payload
            if payload[0] == DISCONNECT:
                raise Ended(text(Reader(payload[1:]).after_number()[:200]))
        raise NotSsh(f"none of the messages {wanted} within {SKIPPED_LIMIT} packets")

    def leave(self) -> None:
        """Say goodbye (reason 11, by application), as RFC 4253 section 11.1 asks; errors do not matter any more."""
        try:
            self.send(bytes([DISCONNECT]) + (11).to_bytes(4, "big") + string(b"") + string(b""))
        except OSError:
            pass

    def _take(self, count: int) -> bytes:
        while len(self._data) < count:
            more = self.wire.receive(65536)
            if not more:
                raise ConnectionError("the connection ended in the middle of a packet")
            self._data += more
        taken = bytes(self._data[:count])
        del self._data[:count]
        return taken


class Reader:
    """The data types of RFC 4251 section 5, read from bytes that may be wrong."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        if count < 0 or self.at + count > len(self.data):
            raise NotSsh("a field is longer than its packet")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self) -> int:
        return int.from_bytes(self.take(4), "big")

    def string(self) -> bytes:
        return self.take(self.number())

    def names(self) -> tuple[str, ...]:
        """A list of names, each cut to the 64 characters that RFC 4251 section 6 allows."""
        listed = self.string()
        return tuple(text(name[:64]) for name in listed.split(b",")) if listed else ()

    def after_number(self) -> bytes:
        """The text of a DISCONNECT: a reason number, then a string; empty when it is broken."""
        try:
            self.number()
            return self.string()
        except NotSsh:
            return b""


def string(data: bytes) -> bytes:
    """A string as it is sent."""
    return len(data).to_bytes(4, "big") + data


def mpint(number: int) -> bytes:
    """A number that is not negative, as it is sent."""
    return string(number.to_bytes(number.bit_length() // 8 + 1, "big") if number else b"")
