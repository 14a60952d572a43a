"""Pieces of open files: an archive, an entry of it, an unpacked layer. Each is read by place, by any thread."""

from __future__ import annotations

import os


class ArchiveProblem(Exception):
    """Why an archive cannot be audited.

    Args:
        reason: one plain sentence about "it", the archive, without final dot.
        fix: what to do; None when only a new copy helps.
    """

    def __init__(self, reason: str, fix: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fix = fix or "make or fetch the archive anew"


class Held:
    """An open file, closed when no part of it is used any more."""

    __slots__ = ("descriptor",)

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def __del__(self) -> None:
        if getattr(self, "descriptor", -1) >= 0:
            os.close(self.descriptor)


class Part:
    """A range of bytes of an open file."""

    __slots__ = ("held", "offset", "size")

    def __init__(self, held: Held, offset: int, size: int) -> None:
        self.held = held
        self.offset = offset
        self.size = size

    def read(self, place: int, size: int) -> bytes:
        """Up to `size` bytes from `place`; fewer only at the end."""
        wanted = max(0, min(size, self.size - place))
        data = os.pread(self.held.descriptor, wanted, self.offset + place)
        while len(data) < wanted:  # a signal, or the file became shorter
            more = os.pread(self.held.descriptor, wanted - len(data), self.offset + place + len(data))
            if not more:
                break
            data += more
        return data

    def below(self, offset: int, size: int) -> Part:
        """A part of this part."""
        return Part(self.held, self.offset + offset, size)


def whole(descriptor: int) -> Part:
    """All of an open file, which is closed with the last part of it."""
    return Part(Held(descriptor), 0, os.fstat(descriptor).st_size)
