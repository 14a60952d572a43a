"""As much of BSON as is needed to read the answer of a server: flat values. Source: bsonspec.org, version 1.1."""

from __future__ import annotations

import struct

DOCUMENT_LIMIT = 1024 * 1024
ELEMENTS_LIMIT = 10_000
_FIXED = {0x01: 8, 0x06: 0, 0x07: 12, 0x08: 1, 0x09: 8, 0x0A: 0, 0x10: 4, 0x11: 8, 0x12: 8, 0x13: 16, 0x7F: 0, 0xFF: 0}


class Broken(ValueError):
    """These bytes are no document."""


def write(document: dict[str, int | str]) -> bytes:
    """A flat document of whole numbers and texts."""
    body = b""
    for name, value in document.items():
        if isinstance(value, int):
            body += b"\x10" + name.encode() + b"\0" + struct.pack("<i", value)
        else:
            text = value.encode() + b"\0"
            body += b"\x02" + name.encode() + b"\0" + struct.pack("<i", len(text)) + text
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def read(data: bytes) -> dict[str, object]:
    """Numbers, texts and booleans of the first level; of inner documents and lists their number of bytes.

    Raises:
        Broken: it is no document.
    """
    found: dict[str, object] = {}
    try:
        size = struct.unpack_from("<i", data)[0]
        if not 5 <= size <= min(len(data), DOCUMENT_LIMIT):
            raise Broken(f"a document of {size} bytes")
        at = 4
        while data[at] != 0:
            if len(found) >= ELEMENTS_LIMIT:
                raise Broken("too many values")
            kind = data[at]
            end = data.index(b"\0", at + 1, size)
            name = data[at + 1 : end].decode("utf-8", "replace")
            value, at = _value(data, kind, end + 1, size)
            found[name] = value
    except (IndexError, ValueError, struct.error) as error:
        raise Broken(str(error)) from error
    return found


def _value(data: bytes, kind: int, at: int, size: int) -> tuple[object, int]:
    if kind in _FIXED:
        length = _FIXED[kind]
        part = data[at : at + length]
        if at + length >= size:
            raise Broken("a value is longer than its document")
        values = {0x01: "<d", 0x08: "<?", 0x10: "<i", 0x12: "<q"}
        return (struct.unpack(values[kind], part)[0] if kind in values else None), at + length
    length = struct.unpack_from("<i", data, at)[0]
    if length < 0 or at + length >= size + 4:
        raise Broken("a value is longer than its document")
    if kind in (0x02, 0x0D, 0x0E):
        return data[at + 4 : at + 3 + length].decode("utf-8", "replace"), at + 4 + length
    if kind in (0x03, 0x04):
        if length < 5:
            raise Broken("an inner document without an end")
        return length, at + length
    if kind == 0x05:
        return None, at + 5 + length
    raise Broken(f"a value of type {kind}")
