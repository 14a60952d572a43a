"""Reads the body of an answer: by its length, in chunks or up to the end; unpacks it without following a bomb."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

from secaudit.protocols.http.stream import Ended, Stream

CHUNK_LINE_BYTES = 4096


@dataclass(slots=True)
class Body:
    """What was read of a body."""

    content: bytes = b""
    state: str = "none"
    encoding: str = ""
    defects: list[tuple[str, str]] = field(default_factory=list)


def read_body(stream: Stream, method: str, status: int, fields: list[tuple[str, str]], limit_bytes: int) -> Body:
    """Read a body and keep at most `limit_bytes` of it, decoded. `fields` are the headers, names in lower case."""
    body = Body()
    if method == "HEAD" or status in (101, 204, 304):
        return body
    coded = [value.strip().lower() for name, value in fields if name == "transfer-encoding"]
    chunked = bool(coded) and coded[-1].endswith("chunked")
    length = _length([value for name, value in fields if name == "content-length"], body)
    if chunked and length is not None:
        body.defects.append(("length_and_chunked", ""))
    body.encoding = ", ".join(value for name, value in fields if name == "content-encoding").strip()
    unpack = _Unpacker(body.encoding.lower(), limit_bytes)
    try:
        if chunked:
            _chunks(stream, unpack, body)
        elif length is not None:
            _counted(stream, unpack, length)
        else:
            _to_the_end(stream, unpack)
        body.state = "cut" if unpack.full else "complete"
    except Ended as end:
        body.state = end.how
    body.content = bytes(unpack.kept)
    if unpack.failed and body.state == "complete":
        body.state = unpack.failed
    return body


def _length(values: list[str], body: Body) -> int | None:
    numbers = {part.strip() for value in values for part in value.split(",")}
    if not numbers:
        return None
    first = sorted(numbers)[0]
    if len(numbers) > 1 or not (first.isascii() and first.isdigit() and len(first) <= 15):
        body.defects.append(("bad_length", ", ".join(sorted(numbers))[:80]))
        return None  # then the answer ends where the connection ends
    return int(first)


def _counted(stream: Stream, unpack: _Unpacker, length: int) -> None:
    while length > 0 and not unpack.full:
        piece = stream.some(min(length, 65536))
        length -= len(piece)
        unpack.add(piece)


def _to_the_end(stream: Stream, unpack: _Unpacker) -> None:
    while not unpack.full:
        try:
            unpack.add(stream.some(65536))
        except Ended as end:
            if end.how == "closed":
                return
            raise


def _chunks(stream: Stream, unpack: _Unpacker, body: Body) -> None:
    while not unpack.full:
        line, whole = stream.line(CHUNK_LINE_BYTES)
        word = line.split(b";")[0].strip()
        try:
            size = int(word, 16) if whole and 0 < len(word) <= 12 and word.isalnum() else -1
        except ValueError:
            size = -1
        if size < 0:
            body.defects.append(("bad_chunk", word[:40].decode("ascii", "backslashreplace")))
            raise Ended("bad_chunk")
        if size == 0:
            return  # what may follow (trailers) is never asked for
        _counted(stream, unpack, size)
        if not unpack.full:
            stream.line(CHUNK_LINE_BYTES)


class _Unpacker:
    """Takes a body piece by piece and keeps at most the limit of what comes out.

    Also what goes in is limited, since packed bytes can come for ever without giving any.
    """

    def __init__(self, encoding: str, limit_bytes: int) -> None:
        self.kept = bytearray()
        self.full = False
        self.failed = ""
        self._limit = limit_bytes
        self._in = 0
        self._inflate = None
        self._raw_tried = encoding != "deflate"
        if encoding in ("gzip", "x-gzip"):
            self._inflate = zlib.decompressobj(wbits=31)
        elif encoding == "deflate":
            self._inflate = zlib.decompressobj()
        elif encoding not in ("", "identity"):
            self.failed = "unknown_encoding"

    def add(self, piece: bytes) -> None:
        self._in += len(piece)
        room = self._limit - len(self.kept)
        if self._inflate is None or self.failed:
            self.kept += piece[:room]
            self.full = len(piece) > room
            return
        try:
            out = self._inflate.decompress(piece, room + 1)
        except zlib.error:
            if not self._raw_tried:  # some servers call it deflate and leave out the wrapper of zlib
                self._raw_tried = True
                self._inflate = zlib.decompressobj(wbits=-15)
                self._in -= len(piece)
                self.add(piece)
                return
            self.failed = "undecodable"
            return
        self.kept += out[:room]
        self.full = len(out) > room or self._in > 2 * self._limit + 65536
