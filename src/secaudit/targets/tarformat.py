"""Read the headers of a tar archive: ustar, pax (POSIX.1-2017, pax), and GNU long names and sparse files.

Our own reader, since Python's reads headers of any size into memory, and before 3.13.6 hangs on a hostile one
(CVE-2025-8194). What a header says is checked against the size of the archive before it is believed.
"""

from __future__ import annotations

import os
from typing import Iterator, NamedTuple

from secaudit.targets.parts import ArchiveProblem, Part
from secaudit.targets.tarfields import BLOCK, damaged, decimal, number, owner, padded, sum_is_right, whole_seconds
from secaudit.targets.tarsparse import Pieces, old_sparse, pax_sparse

MAX_NAME_BYTES = 4096
"""PATH_MAX of Linux: a longer path could not be opened there at once."""

MAX_HEADER_BYTES = 1 << 20
"""Of one pax header. Its largest values are extended attributes, which Linux holds below 64 KiB each."""

_ZEROS = bytes(BLOCK)
_KINDS = {
    b"0": "file", b"\0": "file", b"7": "file", b"S": "file", b"1": "hard", b"2": "link", b"3": "char", b"4": "block",
    b"5": "dir", b"6": "fifo", b"D": "dir",
}  # fmt: skip
_PAX_KEYS = frozenset({b"path", b"linkpath", b"size", b"uid", b"gid", b"mtime"})


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
    return len(block) == BLOCK and (block == _ZEROS or sum_is_right(block))


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
                    raise damaged(place)
                _check_end(part, place + BLOCK)
                return
            if proven and not block and not own:
                return
            if len(block) < BLOCK:
                raise ArchiveProblem("it ends without the end mark of a tar archive, so a part of it is missing")
            if not sum_is_right(block):
                raise damaged(place)
            place += BLOCK
            letter, size = block[156:157], number(block[124:136], place)
            if letter not in (b"x", b"g", b"L", b"K", b"V", b"X"):
                break
            data = _extension(part, place, size)
            place += padded(size)
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
            raise damaged(place)
    if letter == b"M":
        raise ArchiveProblem("it is one volume of several", "join its volumes first")
    kind = _KINDS.get(letter, "file")
    if letter == b"\0" and name.endswith(b"/"):  # as tar had it before POSIX
        kind = "dir"
    stored = decimal(values[b"size"], place) if b"size" in values else number(block[124:136], place)
    if kind != "file":
        stored = 0  # these have no content, whatever the size says; GNU tar and Go read it so too
    if stored > part.size - place:
        raise ArchiveProblem(f"it ends in the middle of {os.fsdecode(name)}, so a part of it is missing")
    following = place + padded(stored)
    size, offset, pieces, problem = stored, place, None, None
    if letter == b"S":
        size, offset, pieces = old_sparse(part, block, place, stored)
        following = offset + padded(stored)
    elif kind == "file" and any(key.startswith(b"GNU.sparse.") for key in values):
        size, offset, pieces = pax_sparse(part, place, stored, values, own)
    elif letter not in _KINDS:
        problem = f"an entry of the unknown type {letter!r}"
    found = Member(
        name=os.fsdecode(name),
        kind=kind,
        mode=number(block[100:108], place) & 0o7777,
        uid=owner(values.get(b"uid"), block[108:116], place),
        gid=owner(values.get(b"gid"), block[116:124], place),
        size=len(link) if kind == "link" else size,
        mtime_s=whole_seconds(values.get(b"mtime"), block[136:148], place),
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
        raise damaged(place)


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
            raise damaged(place)
        end = start + int(digits)
        key, equals, value = data[space + 1 : end - 1].partition(b"=")
        if end > len(data) or end <= space + 1 or data[end - 1 : end] != b"\n" or not equals:
            raise damaged(place)
        if key in _PAX_KEYS or key.startswith(b"GNU.sparse."):
            found.append((key, value))
        start = end
    return found
