"""Which pieces of a sparse file a tar archive holds; what lies between them is zeros."""

from __future__ import annotations

from secaudit.targets.parts import ArchiveProblem, Part
from secaudit.targets.tarfields import BLOCK, damaged, decimal, number

MAX_PIECES = 65_536
"""Of one sparse file."""

MAX_MAP_BYTES = 1 << 20
"""Of the list of pieces of one file."""

Pieces = tuple[tuple[int, int, int], ...]
"""(Place in the file, place in the archive, bytes)."""


def old_sparse(part: Part, block: bytes, place: int, stored: int) -> tuple[int, int, Pieces]:
    """GNU's own sparse format: four pieces in the header, 21 in each block that follows it."""
    pairs = _pairs(block[386:482], place)
    size = number(block[483:495], place)
    more = block[482:483] not in (b"\0", b"0", b"")
    while more:
        block = part.read(place, BLOCK)
        if len(block) < BLOCK or len(pairs) > MAX_PIECES:
            raise damaged(place)
        place += BLOCK
        pairs.extend(_pairs(block[:504], place))
        more = block[504:505] not in (b"\0", b"0")
    if stored > part.size - place:
        raise ArchiveProblem("it ends in the middle of a sparse file, so a part of it is missing")
    return size, place, _pieces(pairs, place, stored, size)


def _pairs(data: bytes, place: int) -> list[tuple[int, int]]:
    found = []
    for start in range(0, len(data), 24):
        if not data[start + 12 : start + 24].strip(b"\0 "):
            break
        found.append((number(data[start : start + 12], place), number(data[start + 12 : start + 24], place)))
    return found


def pax_sparse(
    part: Part, place: int, stored: int, values: dict[bytes, bytes], own: list[tuple[bytes, bytes]]
) -> tuple[int, int, Pieces]:
    """GNU's sparse formats 0.0, 0.1 and 1.0 (GNU tar manual, "Storing Sparse Files")."""
    size = decimal(values.get(b"GNU.sparse.realsize") or values.get(b"GNU.sparse.size") or b"", place)
    offset = place
    if values.get(b"GNU.sparse.major") == b"1":
        numbers, used = _leading_numbers(part, place, stored)
        offset, stored = place + used, stored - used
    elif b"GNU.sparse.map" in values:
        numbers = [decimal(text, place) for text in values[b"GNU.sparse.map"].split(b",", 2 * MAX_PIECES)]
    else:
        numbers = [decimal(text, place) for key, text in own if key in (b"GNU.sparse.offset", b"GNU.sparse.numbytes")]
    if len(numbers) % 2 or len(numbers) > 2 * MAX_PIECES:
        raise damaged(place)
    return size, offset, _pieces(list(zip(numbers[::2], numbers[1::2], strict=True)), offset, stored, size)


def _leading_numbers(part: Part, place: int, stored: int) -> tuple[list[int], int]:
    """Format 1.0: before the content, how many pieces and then their numbers, one a line, in whole blocks."""
    text, lines, wanted = b"", list[bytes](), 1
    used = 0
    while len(lines) < wanted:
        if used >= stored or used > MAX_MAP_BYTES:
            raise damaged(place)
        text += part.read(place + used, BLOCK)
        used += BLOCK
        *ready, text = text.split(b"\n")
        lines.extend(ready)
        if lines and wanted == 1:
            wanted = 1 + 2 * min(decimal(lines[0], place), MAX_PIECES + 1)
    return [decimal(line, place) for line in lines[1:wanted]], used


def _pieces(pairs: list[tuple[int, int]], offset: int, stored: int, size: int) -> Pieces:
    found = []
    end = used = 0
    for start, length in pairs:
        if start < end or start + length > size or used + length > stored:
            raise damaged(offset)
        if length:
            found.append((start, offset + used, length))
        end, used = start + length, used + length
    return tuple(found)
