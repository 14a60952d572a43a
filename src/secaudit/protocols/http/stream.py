"""A wire read line by line and piece by piece, with one buffer, and all the ways in which it can end."""

from __future__ import annotations

import ssl

from secaudit.tableapi import Wire

LINE_BYTES = 64 * 1024
"""The longest line that is kept. Longer ones are cut, and the rest of the line is skipped."""


class Ended(Exception):
    """The other side, or the deadline, ended the answer.

    Args:
        how: closed, timeout or reset.
        rest: what was read of the unfinished piece.
    """

    def __init__(self, how: str, rest: bytes = b"") -> None:
        super().__init__(how)
        self.how = how
        self.rest = rest


class Stream:
    """Reads from a wire; `taken` counts the bytes that were handed out."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._buffer = bytearray()
        self.taken = 0

    def _fill(self) -> None:
        try:
            piece = self._wire.receive(65536)
        except TimeoutError:
            raise Ended("timeout", bytes(self._buffer[:200])) from None
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            piece = b""  # closed without the farewell of TLS, as many servers do
        except OSError:
            raise Ended("reset", bytes(self._buffer[:200])) from None
        if not piece:
            raise Ended("closed", bytes(self._buffer[:200]))
        self._buffer += piece

    def _take(self, count: int) -> bytes:
        piece = bytes(self._buffer[:count])
        del self._buffer[:count]
        self.taken += len(piece)
        return piece

    def line(self, limit_bytes: int) -> tuple[bytes, bool]:
        """The next line with its end, and whether it is whole; of a longer one the beginning, without an end.

        The rest of a line that is too long is skipped, up to 16 times the limit. Raise Ended.
        """
        looked = 0
        while True:
            end = self._buffer.find(b"\n", looked)
            if end >= 0:
                if end + 1 > limit_bytes:
                    return self._take(end + 1)[:limit_bytes], False
                return self._take(end + 1), True
            looked = len(self._buffer)
            if looked > 16 * limit_bytes:
                return self._take(looked)[:limit_bytes], False
            self._fill()

    def some(self, most: int) -> bytes:
        """What is there, at most so much, at least one byte. Raise Ended."""
        if not self._buffer:
            self._fill()
        return self._take(min(most, len(self._buffer)))
