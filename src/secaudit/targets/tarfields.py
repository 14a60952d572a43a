"""The fields of tar headers: numbers, owners, times, the check sum."""

from __future__ import annotations

from secaudit.targets.parts import ArchiveProblem

BLOCK = 512
MAX_NUMBER = 2**63 - 1
MAX_ID = 2**32 - 1


def sum_is_right(block: bytes) -> bool:
    """The sum of all bytes with the field itself as spaces; old programs added signed bytes."""
    try:
        stated = number(block[148:156], 0)
    except ArchiveProblem:
        return False
    rest = block[:148] + block[156:]
    unsigned = 256 + sum(rest)
    return stated in (unsigned, unsigned - 256 * sum(byte > 127 for byte in rest))


def number(field: bytes, place: int, signed: bool = False) -> int:
    """An octal number, or with the first bit set a binary one, as GNU and star write what does not fit."""
    if field[0] & 0x80:
        value = int.from_bytes(field, "big", signed=True) if field[0] & 0x40 else _without_mark(field)
        if not (value >= 0 or signed) or abs(value) > MAX_NUMBER:
            raise damaged(place)
        return value
    text = field.split(b"\0", 1)[0].strip(b" ")
    if text.strip(b"01234567"):
        raise damaged(place)
    return int(text, 8) if text else 0


def _without_mark(field: bytes) -> int:
    return int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")


def decimal(text: bytes, place: int) -> int:
    if not text.isdigit() or len(text) > 19 or int(text) > MAX_NUMBER:
        raise damaged(place)
    return int(text)


def owner(text: bytes | None, field: bytes, place: int) -> int:
    value = decimal(text, place) if text is not None else number(field, place)
    if value > MAX_ID:
        raise damaged(place)
    return value


def whole_seconds(text: bytes | None, field: bytes, place: int) -> int:
    """A time of a pax header, which may have a fraction and is rounded down, else that of the field."""
    if text is None:
        return number(field, place, signed=True)
    seconds, _, fraction = text.partition(b".")
    negative = seconds.startswith(b"-")
    value = decimal(seconds[1:] if negative else seconds, place)
    if not negative:
        return value
    return -value - (1 if fraction.strip(b"0") else 0)


def padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def damaged(place: int) -> ArchiveProblem:
    return ArchiveProblem(f"it is damaged: no right tar header near byte {place}")
