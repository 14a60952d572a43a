"""Zones as text, and DNS messages as bytes: what the server of `dns.py` answers with."""

from __future__ import annotations

import base64
import ipaddress
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

TYPES = {
    "A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "OPT": 41, "DS": 43, "RRSIG": 46,
    "DNSKEY": 48, "NSEC3PARAM": 51, "TLSA": 52, "SVCB": 64, "HTTPS": 65, "AXFR": 252, "ANY": 255, "CAA": 257,
}  # fmt: skip
NUMBERS = {number: name for name, number in TYPES.items()}
CODES = {"NOERROR": 0, "FORMERR": 1, "SERVFAIL": 2, "NXDOMAIN": 3, "REFUSED": 5}
TTL_S = 3600

_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
_ESCAPE = re.compile(rb"\\(\d{3}|.)", re.DOTALL)


@dataclass
class Zone:
    """All records, by name and type: of one domain and of whatever it points to."""

    records: dict[tuple[str, str], list[bytes]] = field(default_factory=dict)

    def add(self, line: str) -> None:
        """One line: name, type, data. Names are absolute, with or without a last dot."""
        name, kind, data = line.split(None, 2)
        self.records.setdefault((canonical(name), kind), []).append(_encode(kind, data))

    def remove(self, name: str, kind: str) -> None:
        """All records of a name and type; `*` stands for every type."""
        for key in [key for key in self.records if key[0] == canonical(name) and kind in ("*", key[1])]:
            del self.records[key]

    def find(self, name: str, kind: str) -> tuple[str, list[tuple[str, str, bytes]]]:
        """The code, and the answers with the chain of aliases."""
        answers: list[tuple[str, str, bytes]] = []
        current = canonical(name)
        for _ in range(10):
            owner = self._owner(current)
            if owner is None:
                return "NXDOMAIN", answers
            found = self.records.get((owner, kind), [])
            alias = self.records.get((owner, "CNAME"), [])
            if found or not alias or kind == "CNAME":
                return "NOERROR", answers + [(current, kind, data) for data in found]
            answers.append((current, "CNAME", alias[0]))
            current = decode_name(alias[0], 0)[0]
        return "NOERROR", answers

    def _owner(self, name: str) -> str | None:
        """The name whose records count: itself, or the wildcard above it. None: there is no such name."""
        names = {key[0] for key in self.records}
        if name in names or any(known.endswith("." + name) for known in names) or name == "":
            return name
        above = name
        while "." in above:
            above = above.partition(".")[2]
            if f"*.{above}" in names:
                return f"*.{above}"
            if above in names:
                return None
        return None

    def below(self, domain: str) -> list[tuple[str, str, bytes]]:
        """All records of a domain, its SOA first, as a transfer gives them."""
        apex = canonical(domain)
        found = [
            (name, kind, data)
            for (name, kind), items in sorted(self.records.items())
            for data in items
            if name == apex or name.endswith("." + apex)
        ]
        return sorted(found, key=lambda record: record[0] != apex or record[1] != "SOA")


def parse(text: str) -> Zone:
    """A zone from lines of `name type data`; lines that begin with `;` are comments."""
    zone = Zone()
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith(";"):
            zone.add(line.strip())
    return zone


def canonical(name: str) -> str:
    """In lower case and without the last dot; the root is empty."""
    return name.lower().rstrip(".")


def encode_name(name: str) -> bytes:
    """Labels with their lengths."""
    bare = canonical(name)
    labels = bare.encode("ascii", "replace").split(b".") if bare else []
    return b"".join(bytes((len(label[:63]),)) + label[:63] for label in labels) + b"\0"


def decode_name(data: bytes, place: int) -> tuple[str, int]:
    """A name without pointers, and where it ends.

    Raises:
        ValueError: it is none.
    """
    labels: list[bytes] = []
    while place < len(data):
        size = data[place]
        if size == 0:
            return b".".join(labels).decode("ascii", "replace").lower(), place + 1
        if size > 63:
            break
        labels.append(data[place + 1 : place + 1 + size])
        place += 1 + size
    raise ValueError("not a name")


def _text(word: str) -> bytes:
    raw = word.encode("utf-8")
    return _ESCAPE.sub(lambda match: bytes((int(match[1]) & 255,)) if match[1].isdigit() else match[1], raw)


def _strings(data: str) -> bytes:
    """Strings of a TXT record. What is longer than 255 bytes becomes several."""
    out = b""
    for quoted, bare in _WORD.findall(data):
        raw = _text(quoted or bare)
        parts = [raw[start : start + 255] for start in range(0, len(raw), 255)] or [b""]
        out += b"".join(bytes((len(part),)) + part for part in parts)
    return out


def _soa(data: str) -> bytes:
    words = data.split()
    return encode_name(words[0]) + encode_name(words[1]) + struct.pack(">5I", *map(int, words[2:7]))


def _mx(data: str) -> bytes:
    number, host = data.split()
    return struct.pack(">H", int(number)) + encode_name(host)


def _caa(data: str) -> bytes:
    flags, tag, value = data.split(None, 2)
    return bytes((int(flags), len(tag))) + tag.encode() + _text(value.strip('"'))


def _key(data: str) -> bytes:
    flags, protocol, algorithm, *public = data.split()
    return struct.pack(">HBB", int(flags), int(protocol), int(algorithm)) + base64.b64decode("".join(public))


def _ds(data: str) -> bytes:
    tag, algorithm, digest, *rest = data.split()
    return struct.pack(">HBB", int(tag), int(algorithm), int(digest)) + bytes.fromhex("".join(rest))


def _tlsa(data: str) -> bytes:
    usage, selector, matching, *rest = data.split()
    return bytes((int(usage), int(selector), int(matching))) + bytes.fromhex("".join(rest))


def _nsec3param(data: str) -> bytes:
    algorithm, flags, rounds, salt = data.split()
    raw = b"" if salt == "-" else bytes.fromhex(salt)
    return struct.pack(">BBHB", int(algorithm), int(flags), int(rounds), len(raw)) + raw


_ENCODERS: dict[str, Callable[[str], bytes]] = {
    "A": lambda data: ipaddress.IPv4Address(data.strip()).packed,
    "AAAA": lambda data: ipaddress.IPv6Address(data.strip()).packed,
    "NS": encode_name,
    "CNAME": encode_name,
    "PTR": encode_name,
    "SOA": _soa,
    "MX": _mx,
    "TXT": _strings,
    "CAA": _caa,
    "DNSKEY": _key,
    "DS": _ds,
    "TLSA": _tlsa,
    "NSEC3PARAM": _nsec3param,
}


def _encode(kind: str, data: str) -> bytes:
    """Data of a record as bytes; `\\#` and hexadecimal digits are taken as they are."""
    if data.startswith("\\#"):
        return bytes.fromhex("".join(data.split()[2:]))
    return _ENCODERS[kind](data)


@dataclass(frozen=True)
class Question:
    """What was asked."""

    id: int
    name: str
    kind: str
    raw: bytes
    """Name, type and class as they came."""
    has_edns: bool


def read_question(data: bytes) -> Question:
    """Read a message with one question.

    Raises:
        ValueError: it is none.
    """
    if len(data) < 17:
        raise ValueError("too short")
    number, flags, questions, _, _, more = struct.unpack(">6H", data[:12])
    if flags & 0x8000 or questions != 1:
        raise ValueError("not one question")
    name, end = decode_name(data, 12)
    if end + 4 > len(data):
        raise ValueError("too short")
    (kind,) = struct.unpack(">H", data[end : end + 2])
    return Question(number, name, NUMBERS.get(kind, f"TYPE{kind}"), data[12 : end + 4], more > 0)


def message(
    question: Question,
    code: str,
    answers: list[tuple[str, str, bytes]],
    *,
    authenticated: bool = False,
    truncated: bool = False,
) -> bytes:
    """An answer. Names are not compressed."""
    flags = 0x8580 | CODES[code] | (0x20 if authenticated else 0) | (0x200 if truncated else 0)
    body = b"".join(
        encode_name(name) + struct.pack(">HHIH", TYPES[kind], 1, TTL_S, len(data)) + data
        for name, kind, data in answers
    )
    edns = b"\0" + struct.pack(">HHIH", TYPES["OPT"], 1232, 0x8000, 0) if question.has_edns else b""
    head = struct.pack(">6H", question.id, flags, 1, len(answers), 0, 1 if edns else 0)
    return head + question.raw + body + edns
