"""One secret found in the bytes of a file. It holds the value: only the scanner sees it, rows get a mask."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

HIGH, MEDIUM, LOW = "high", "medium", "low"
_LOWER = {HIGH: MEDIUM, MEDIUM: LOW, LOW: LOW}


class TooMany(Exception):
    """A file holds more secrets of a kind than are kept. Those given before stay."""


class Hit(NamedTuple):
    """Where a secret is and what it is."""

    rule_id: str
    kind: str
    """vendor, generic, url, key or file."""
    start: int
    """Offset of the value in the file."""
    value: bytes
    confidence: str
    mask: str = "****"
    """What a person may see: nothing of the value but a public prefix."""
    variable: str = ""
    encrypted: int | None = None
    """For private keys."""
    engine: str = "secaudit"

    @property
    def end(self) -> int:
        return self.start + len(self.value)


def first_of(hits: Iterable[Hit], most: int) -> Iterator[Hit]:
    """The hits, as long as they are no more than `most`.

    Raises:
        TooMany: there are more.
    """
    for count, hit in enumerate(hits):
        if count >= most:
            raise TooMany
        yield hit


def lowered(confidence: str) -> str:
    """One step less sure."""
    return _LOWER[confidence]
