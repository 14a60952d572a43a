"""Reads one answer from a wire: status line, headers in their order, body. All limits are here.

Nothing raises for what the other side sends: it ends in a `Reply` with `problem` and a list of defects, and what was
read until then is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Callable, NamedTuple

from secaudit.protocols.http.body import Body, read_body
from secaudit.protocols.http.stream import LINE_BYTES, Ended, Stream
from secaudit.tableapi import Wire

HEAD_BYTES = 256 * 1024
"""All header lines of an answer together. Servers allow 8 to 64 KiB in a request; no honest answer is longer."""
HEADERS = 1000
"""Headers that are kept."""
USUAL_HEADERS = 100
"""Above this, clients of the standard library of Python refuse the whole answer."""
INTERIMS = 10
"""Answers with 1xx before the real one."""
BODY_BYTES = 512 * 1024

SINGLE = frozenset(
    "content-length content-type location strict-transport-security x-frame-options x-content-type-options "
    "access-control-allow-origin access-control-allow-credentials cross-origin-opener-policy "
    "cross-origin-resource-policy cross-origin-embedder-policy".split()
)
"""Headers that an answer has once: two different values contradict each other, and clients choose differently."""

Note = Callable[[str, "bytes | str"], None]

_STATUS = re.compile(rb"HTTP/(\d\.\d) ([1-9]\d\d)(?: (.*))?\Z", re.DOTALL)
_LOOSE_STATUS = re.compile(rb"\s*HTTP/?(\d(?:\.\d)?)?\s+(\d{3})\b\s*(.*)\Z", re.DOTALL | re.IGNORECASE)
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
_CONTROL = re.compile(rb"[\x01-\x08\x0b-\x1f\x7f]")


class Header(NamedTuple):
    """One header line."""

    name: str
    """As it was sent."""
    value: str
    """Without blanks around it; bad bytes are shown as backslash escapes."""

    @property
    def lower(self) -> str:
        return self.name.lower()


class Defect(NamedTuple):
    """One thing that is not as RFC 9112 wants it."""

    kind: str
    """bad_status_line, malformed_line, space_in_name, folded_line, bare_lf, bare_cr, nul_byte, control_byte,
    line_too_long, too_many, head_too_large, contradictory, bad_length, length_and_chunked, bad_chunk, extra_interim.
    """
    where: str
    """The header's name or the beginning of the line."""


class Interim(NamedTuple):
    """An answer with 1xx that came before the real one, such as 103 Early Hints."""

    status: int
    headers: tuple[Header, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    problem: str = ""
    """Empty: the head was read whole. Else `empty` (closed without a byte), `garbage` (no HTTP), `closed` (ended inside
    the head), `timeout`, `reset`, `endless` (the head has no end within the limit)."""
    version: str = ""
    status: int | None = None
    reason: str = ""
    headers: tuple[Header, ...] = ()
    defects: tuple[Defect, ...] = ()
    interims: tuple[Interim, ...] = ()
    body: bytes = b""
    """Decoded, at most the limit."""
    body_state: str = "none"
    """none, complete, cut (the limit was reached), closed, timeout, reset, bad_chunk, undecodable, unknown_encoding."""
    body_encoding: str = ""
    """Content-Encoding as it was sent."""
    beginning: bytes = b""
    """The first bytes of what is no HTTP, for a person."""

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a header, in order."""
        return tuple(header.value for header in self.headers if header.lower == name)

    def one(self, name: str) -> str | None:
        """The first value of a header; None when it was not sent."""
        return next((header.value for header in self.headers if header.lower == name), None)


def read_reply(wire: Wire, method: str = "GET", limit_bytes: int = BODY_BYTES) -> Reply:
    """Read one answer to a request with this method; at most `limit_bytes` of its decoded body are kept."""
    stream = Stream(wire)
    interims: list[Interim] = []
    defects: list[Defect] = []
    while True:
        head = _read_head(stream, defects)
        if head.problem or head.status is None or not 100 <= head.status < 200 or head.status == 101:
            break
        if len(interims) >= INTERIMS:
            defects.append(Defect("extra_interim", str(head.status)))
            return Reply("endless", defects=tuple(defects), interims=tuple(interims))
        interims.append(Interim(head.status, tuple(head.headers)))
    _note_contradictions(head.headers, defects)
    body = Body()
    if not head.problem and head.status is not None:
        fields = [(header.lower, header.value) for header in head.headers]
        body = read_body(stream, method, head.status, fields, limit_bytes)
        defects.extend(Defect(kind, where) for kind, where in body.defects)
    return Reply(
        problem=head.problem,
        version=head.version,
        status=head.status,
        reason=head.reason,
        headers=tuple(head.headers),
        defects=tuple(defects),
        interims=tuple(interims),
        body=body.content,
        body_state=body.state,
        body_encoding=body.encoding,
        beginning=head.beginning,
    )


@dataclass(slots=True)
class _Head:
    problem: str = ""
    version: str = ""
    status: int | None = None
    reason: str = ""
    headers: list[Header] = field(default_factory=list)
    beginning: bytes = b""


def _read_head(stream: Stream, defects: list[Defect]) -> _Head:
    head = _Head()
    noted: set[tuple[str, str]] = {(defect.kind, defect.where) for defect in defects}

    def note(kind: str, where: bytes | str) -> None:
        text = shown(where, 80) if isinstance(where, bytes) else where
        if (kind, text) not in noted and len(noted) < 200:
            noted.add((kind, text))
            defects.append(Defect(kind, text))

    start = stream.taken
    try:
        line = _line(stream, note, first=True)
        if not _read_status(line, head, note):
            head.problem = "garbage"
            head.beginning = line[:200]
            return head
        count = 0
        while True:
            line = _line(stream, note)
            if not line:
                break
            if stream.taken - start > HEAD_BYTES:
                note("head_too_large", "")
                head.problem = "endless"
                break
            count += 1
            if count == USUAL_HEADERS + 1:
                note("too_many", "")
            if count <= HEADERS:
                _read_header(line, head.headers, note)
    except Ended as end:
        head.problem = end.how
        head.beginning = end.rest[:200]
        if end.how == "closed" and head.status is None:
            head.problem = "garbage" if end.rest else "empty"
    return head


def _line(stream: Stream, note: Note, first: bool = False) -> bytes:
    """The next line without its end."""
    line, whole = stream.line(LINE_BYTES)
    if not whole:
        note("line_too_long", line)
    elif line.endswith(b"\r\n"):
        line = line[:-2]
    else:
        line = line[:-1]
        if not first or line[:5].upper() == b"HTTP/":
            note("bare_lf", "")
    if b"\0" in line:
        note("nul_byte", line.split(b":")[0])
    if b"\r" in line:
        note("bare_cr", line.split(b":")[0])
    elif _CONTROL.search(line):
        note("control_byte", line.split(b":")[0])
    return line


def _read_status(line: bytes, head: _Head, note: Note) -> bool:
    match = _STATUS.match(line)
    if match is None:
        match = _LOOSE_STATUS.match(line)
        if match is None:
            return False
        note("bad_status_line", line)
    head.version = shown(match.group(1) or b"", 10)
    head.status = int(match.group(2))
    head.reason = shown(match.group(3) or b"", 200)
    return True


def _read_header(line: bytes, headers: list[Header], note: Note) -> None:
    if line[:1] in (b" ", b"\t"):
        note("folded_line", headers[-1].name if headers else line)
        if headers:  # RFC 9112 section 5.2: a client puts one blank in place of the fold
            last = headers.pop()
            headers.append(Header(last.name, f"{last.value} {shown(line.strip(), LINE_BYTES)}".strip()))
        return
    name, colon, value = line.partition(b":")
    if not colon:
        note("malformed_line", line)
        return
    bare = name.rstrip(b" \t")
    if bare != name:
        note("space_in_name", bare)
    if not _NAME.match(bare):
        note("malformed_line", line)
        return
    headers.append(Header(bare.decode("ascii"), shown(value.strip(b" \t"), LINE_BYTES)))


def _note_contradictions(headers: list[Header], defects: list[Defect]) -> None:
    first: dict[str, str] = {}
    told: set[str] = set()
    for header in headers:
        name = header.lower
        if name in SINGLE and first.setdefault(name, header.value).lower() != header.value.lower() and name not in told:
            told.add(name)
            defects.append(Defect("contradictory", name))


def shown(data: bytes, limit: int) -> str:
    """Bytes as text: UTF-8, bad bytes as backslash escapes, at most `limit` characters."""
    return data[: limit * 4].decode("utf-8", "backslashreplace")[:limit]
