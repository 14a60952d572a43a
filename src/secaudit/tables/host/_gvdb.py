"""Read GVDB files: the databases of dconf(7) and the compiled schemas of GSettings. Only the types that settings of
ours have (boolean, integer, text) are decoded.

Source: gvdb-format.h and gvdb-reader.c of GNOME's gvdb; GVariant specification, "Serialisation Format". All offsets
come from the file and are checked against its length; every loop is bounded by it.
"""

from __future__ import annotations

import struct
from typing import NamedTuple, Union

Setting = Union[bool, int, str]
_Raw = tuple[int, int, int, int, bytes, bytes, int, int]

_SIGNATURE = b"GVariant"
_HEADER = struct.Struct("<8sIIII")
_ITEM = struct.Struct("<IIIHccII")
_NO_PARENT = 0xFFFFFFFF
MAX_DEPTH = 32
MAX_KEY = 1_024


class Bad(ValueError):
    """The bytes are not a GVDB file."""


class Item(NamedTuple):
    """One entry: what kind (`v` value, `H` table, `L` list) and where its bytes are."""

    kind: str
    start: int
    end: int


def read_table(data: bytes, start: int | None = None, end: int | None = None) -> dict[str, Item]:
    """The entries of a hash table, by full name: of the file's first table, or of the one at `start`.

    Raises:
        Bad: not a GVDB file, one of the other byte order, or one whose offsets lead out of it.
    """
    if start is None or end is None:
        if len(data) < _HEADER.size:
            raise Bad("too short")
        signature, version, _, start, end = _HEADER.unpack_from(data)
        if signature != _SIGNATURE or version != 0:
            raise Bad("no GVDB signature")
    if not 0 <= start <= end <= len(data) or start % 4 or end - start < 8:
        raise Bad("the table lies outside of the file")
    bloom, buckets = struct.unpack_from("<II", data, start)
    first = start + 8 + 4 * (bloom & 0x07FFFFFF) + 4 * buckets
    if first > end:
        raise Bad("the table's header is longer than the table")
    raw = [_ITEM.unpack_from(data, place) for place in range(first, end - _ITEM.size + 1, _ITEM.size)]
    found: dict[str, Item] = {}
    for index in range(len(raw)):
        name = _name(data, raw, index)
        kind = raw[index][4].decode("latin-1")
        item_start, item_end = raw[index][6], raw[index][7]
        if name is not None and kind in "vH" and item_start <= item_end <= len(data):
            found[name] = Item(kind, item_start, item_end)
    return found


def _name(data: bytes, raw: list[_Raw], index: int) -> str | None:
    """The names of all parents and the own one, put together; None for a loop or a name without end."""
    parts: list[bytes] = []
    seen = 0
    while index != _NO_PARENT:
        seen += 1
        if index >= len(raw) or seen > MAX_DEPTH:
            return None
        _, parent, key_start, key_size, _, _, _, _ = raw[index]
        if key_size > MAX_KEY or key_start + key_size > len(data):
            return None
        parts.append(data[key_start : key_start + key_size])
        index = parent
    return b"".join(reversed(parts)).decode("utf-8", "backslashreplace")


def read_value(data: bytes, item: Item) -> Setting | None:
    """The value of an entry of kind `v`; None when its type is not one that we decode.

    A schema stores a tuple of the default and its options: then the default is given.
    """
    body = data[item.start : item.end]
    content, separator, kind = body.rpartition(b"\0")
    if not separator:
        return None
    if kind.startswith(b"("):
        kind = kind[1:2]
        if kind == b"s":
            content = content.partition(b"\0")[0] + b"\0"
    if kind == b"b" and content:
        return content[0] != 0
    if kind in _INTEGERS and len(content) >= _INTEGERS[kind].size:
        return int(_INTEGERS[kind].unpack_from(content)[0])
    if kind == b"s":
        return content.partition(b"\0")[0].decode("utf-8", "backslashreplace")
    return None


_INTEGERS = {
    b"y": struct.Struct("<B"),
    b"n": struct.Struct("<h"),
    b"q": struct.Struct("<H"),
    b"i": struct.Struct("<i"),
    b"u": struct.Struct("<I"),
    b"x": struct.Struct("<q"),
    b"t": struct.Struct("<Q"),
}
