"""Read the headers of a tar archive: ustar, pax (POSIX.1-2017, pax), and GNU long names and sparse files.

Our own reader, since Python's was slower, reads headers of any size into memory, and before 3.13.6 hangs on a hostile
one (CVE-2025-8194). What a header says is checked against the size of the archive before it is believed.
"""

from __future__ import annotations

import os
from typing import Iterator, NamedTuple

from secaudit.targets.parts import ArchiveProblem, Part

BLOCK = 512
MAX_NAME_BYTES = 4096
"""PATH_MAX of Linux: a longer path could not be opened there at once."""

MAX_HEADER_BYTES = 1 << 20
"""Of one pax header. Its largest values are extended attributes, which Linux holds below 64 KiB each."""

MAX_PIECES = 65_536
"""Of one sparse file."""

MAX_NUMBER = 2**63 - 1
MAX_ID = 2**32 - 1

_ZEROS = bytes(BLOCK)
_KINDS = {
    b"0": "file", b"\0": "file", b"7": "file", b"S": "file", b"1": "hard", b"2": "link", b"3": "char", b"4": "block",
    b"5": "dir", b"6": "fifo", b"D": "dir",
}  # fmt: skip
_PAX_KEYS = frozenset({b"path", b"linkpath", b"size", b"uid", b"gid", b"mtime"})

Pieces = tuple[tuple[int, int, int], ...]


class Member(NamedTuple):
    """One entry, as its headers describe it."""

    name: str
    kind: str
    """file, dir, link, hard (link), fifo, char or block."""
    mode: int
    uid: int
    gid: int
    size: int
    """Of the file; of a link the length of its text."""
    mtime_s: int
    link: str
    offset: int
    """Where the content begins in the archive."""
    pieces: Pieces | None
    problem: str | None
    """Why the content cannot be given."""


def looks_like_tar(part: Part) -> bool:
    """True for a header with a right check sum, or the end mark of an empty archive."""
    block = part.read(0, BLOCK)
    return len(block) == BLOCK and (block == _ZEROS or _sum_is_right(block))


def members(part: Part, *, proven: bool = False) -> Iterator[Member]:
    """Give the entries in their order.

    Args:
        part: the archive.
        proven: a digest says that it is whole. Then the end mark may be missing: umoci writes layers without one.

    Raises:
        ArchiveProblem: it is damaged or ends too early.
    """
    place = 0
    shared: dict[bytes, bytes] = {}
    while True:
        own: list[tuple[bytes, bytes]] = []
        while True:
            block = part.read(place, BLOCK)
            if block == _ZEROS:
                if own:
                    raise _damaged(place)
                _check_end(part, place + BLOCK)
                return
            if proven and not block and not own:
                return
            if len(block) < BLOCK:
                raise ArchiveProblem("it ends without the end mark of a tar archive, so a part of it is missing")
            if not _sum_is_right(block):
                raise _damaged(place)
            place += BLOCK
            letter, size = block[156:157], _number(block[124:136], place)
            if letter not in (b"x", b"g", b"L", b"K", b"V", b"X"):
                break
            data = _extension(part, place, size)
            place += _padded(size)
            if letter in (b"x", b"X"):
                own.extend(_records(data, place))
            elif letter == b"g":
                shared.update((key, value) for key, value in _records(data, place) if key in _PAX_KEYS)
            elif letter == b"L":
                own.append((b"path", data.split(b"\0", 1)[0]))
            elif letter == b"K":
                own.append((b"linkpath", data.split(b"\0", 1)[0]))
        values = {key: value for key, value in {**shared, **dict(own)}.items() if value}
        member, place = _member(part, block, place, values, own)
        yield member


def _member(
    part: Part, block: bytes, place: int, values: dict[bytes, bytes], own: list[tuple[bytes, bytes]]
) -> tuple[Member, int]:
    """The entry of a header and the place of the next header."""
    letter = block[156:157]
    name = values.get(b"GNU.sparse.name") or values.get(b"path") or _header_name(block)
    link = values.get(b"linkpath") or block[157:257].split(b"\0", 1)[0]
    for text in (name, link):
        if len(text) > MAX_NAME_BYTES:
            raise ArchiveProblem(f"a path in it is longer than {MAX_NAME_BYTES} bytes", "unpack it and name the folder")
        if b"\0" in text:
            raise _damaged(place)
    if letter == b"M":
        raise ArchiveProblem("it is one volume of several", "join its volumes first")
    kind = _KINDS.get(letter, "file")
    if letter == b"\0" and name.endswith(b"/"):  # as tar had it before POSIX
        kind = "dir"
    stored = _decimal(values[b"size"], place) if b"size" in values else _number(block[124:136], place)
    if kind != "file":
        stored = 0  # these have no content, whatever the size says; GNU tar and Go read it so too
    if stored > part.size - place:
        raise ArchiveProblem(f"it ends in the middle of {os.fsdecode(name)}, so a part of it is missing")
    following = place + _padded(stored)
    size, offset, pieces, problem = stored, place, None, None
    if letter == b"S":
        size, offset, pieces = _old_sparse(part, block, place, stored)
        following = offset + _padded(stored)
    elif kind == "file" and any(key.startswith(b"GNU.sparse.") for key in values):
        size, offset, pieces = _pax_sparse(part, place, stored, values, own)
    elif letter not in _KINDS:
        problem = f"an entry of the unknown type {letter!r}"
    found = Member(
        name=os.fsdecode(name),
        kind=kind,
        mode=_number(block[100:108], place) & 0o7777,
        uid=_id(values.get(b"uid"), block[108:116], place),
        gid=_id(values.get(b"gid"), block[116:124], place),
        size=len(link) if kind == "link" else size,
        mtime_s=_time(values[b"mtime"], place) if b"mtime" in values else _number(block[136:148], place, signed=True),
        link=os.fsdecode(link),
        offset=offset,
        pieces=pieces,
        problem=problem,
    )
    return found, following


def _header_name(block: bytes) -> bytes:
    name = block[:100].split(b"\0", 1)[0]
    if block[257:263] == b"ustar\0":  # GNU's own format keeps times where this one has a prefix
        prefix = block[345:500].split(b"\0", 1)[0]
        return prefix + b"/" + name if prefix else name
    return name


def _check_end(part: Part, place: int) -> None:
    """After one block of zeros comes another, or nothing."""
    block = part.read(place, BLOCK)
    if block.strip(b"\0"):
        raise _damaged(place)


def _extension(part: Part, place: int, size: int) -> bytes:
    if size > MAX_HEADER_BYTES:
        raise ArchiveProblem(f"a header in it has {size} bytes, the limit is {MAX_HEADER_BYTES}")
    data = part.read(place, size)
    if len(data) < size:
        raise ArchiveProblem("it ends in the middle of a header, so a part of it is missing")
    return data


def _records(data: bytes, place: int) -> list[tuple[bytes, bytes]]:
    """The records `LENGTH KEY=VALUE\\n` of a pax header that matter here."""
    found = []
    start = 0
    while start < len(data):
        space = data.find(b" ", start, start + 12)
        digits = data[start:space]
        if space < 0 or not digits.isdigit():
            raise _damaged(place)
        end = start + int(digits)
        key, equals, value = data[space + 1 : end - 1].partition(b"=")
        if end > len(data) or end <= space + 1 or data[end - 1 : end] != b"\n" or not equals:
            raise _damaged(place)
        if key in _PAX_KEYS or key.startswith(b"GNU.sparse."):
            found.append((key, value))
        start = end
    return found


def _old_sparse(part: Part, block: bytes, place: int, stored: int) -> tuple[int, int, Pieces]:
    """GNU's own sparse format: four pieces in the header, 21 in each block that follows it."""
    pairs = _pairs(block[386:482], place)
    size = _number(block[483:495], place)
    more = block[482:483] not in (b"\0", b"0", b"")
    while more:
        block = part.read(place, BLOCK)
        if len(block) < BLOCK or len(pairs) > MAX_PIECES:
            raise _damaged(place)
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
        found.append((_number(data[start : start + 12], place), _number(data[start + 12 : start + 24], place)))
    return found


def _pax_sparse(
    part: Part, place: int, stored: int, values: dict[bytes, bytes], own: list[tuple[bytes, bytes]]
) -> tuple[int, int, Pieces]:
    """GNU's sparse formats 0.0, 0.1 and 1.0 (GNU tar manual, "Storing Sparse Files")."""
    size = _decimal(values.get(b"GNU.sparse.realsize") or values.get(b"GNU.sparse.size") or b"", place)
    offset = place
    if values.get(b"GNU.sparse.major") == b"1":
        numbers, used = _leading_numbers(part, place, stored)
        offset, stored = place + used, stored - used
    elif b"GNU.sparse.map" in values:
        numbers = [_decimal(text, place) for text in values[b"GNU.sparse.map"].split(b",", 2 * MAX_PIECES)]
    else:
        numbers = [_decimal(text, place) for key, text in own if key in (b"GNU.sparse.offset", b"GNU.sparse.numbytes")]
    if len(numbers) % 2 or len(numbers) > 2 * MAX_PIECES:
        raise _damaged(place)
    return size, offset, _pieces(list(zip(numbers[::2], numbers[1::2], strict=True)), offset, stored, size)


def _leading_numbers(part: Part, place: int, stored: int) -> tuple[list[int], int]:
    """Format 1.0: before the content, how many pieces and then their numbers, one a line, in whole blocks."""
    text, lines, wanted = b"", list[bytes](), 1
    used = 0
    while len(lines) < wanted:
        if used >= stored or used > MAX_HEADER_BYTES:
            raise _damaged(place)
        text += part.read(place + used, BLOCK)
        used += BLOCK
        *ready, text = text.split(b"\n")
        lines.extend(ready)
        if lines and wanted == 1:
            wanted = 1 + 2 * min(_decimal(lines[0], place), MAX_PIECES + 1)
    return [_decimal(line, place) for line in lines[1:wanted]], used


def _pieces(pairs: list[tuple[int, int]], offset: int, stored: int, size: int) -> Pieces:
    found = []
    end = used = 0
    for start, length in pairs:
        if start < end or start + length > size or used + length > stored:
            raise _damaged(offset)
        if length:
            found.append((start, offset + used, length))
        end, used = start + length, used + length
    return tuple(found)


def _sum_is_right(block: bytes) -> bool:
    """The sum of all bytes with the field itself as spaces; old programs added signed bytes."""
    try:
        stated = _number(block[148:156], 0)
    except ArchiveProblem:
        return False
    rest = block[:148] + block[156:]
    unsigned = 256 + sum(rest)
    return stated in (unsigned, unsigned - 256 * sum(byte > 127 for byte in rest))


def _number(field: bytes, place: int, signed: bool = False) -> int:
    """An octal number, or with the first bit set a binary one, as GNU and star write what does not fit."""
    if field[0] & 0x80:
        value = int.from_bytes(field, "big", signed=True) if field[0] & 0x40 else _without_mark(field)
        if not (value >= 0 or signed) or abs(value) > MAX_NUMBER:
            raise _damaged(place)
        return value
    text = field.split(b"\0", 1)[0].strip(b" ")
    if text.strip(b"01234567"):
        raise _damaged(place)
    return int(text, 8) if text else 0


def _without_mark(field: bytes) -> int:
    return int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")


def _decimal(text: bytes, place: int) -> int:
    if not text.isdigit() or len(text) > 19 or int(text) > MAX_NUMBER:
        raise _damaged(place)
    return int(text)


def _id(text: bytes | None, field: bytes, place: int) -> int:
    value = _decimal(text, place) if text is not None else _number(field, place)
    if value > MAX_ID:
        raise _damaged(place)
    return value


def _time(text: bytes, place: int) -> int:
    """Whole seconds, rounded down, of a time with a fraction."""
    seconds, _, fraction = text.partition(b".")
    negative = seconds.startswith(b"-")
    value = _decimal(seconds[1:] if negative else seconds, place)
    if not negative:
        return value
    return -value - (1 if fraction.strip(b"0") else 0)


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _damaged(place: int) -> ArchiveProblem:
    return ArchiveProblem(f"it is damaged: no right tar header near byte {place}")
