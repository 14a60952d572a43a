"""Answer a ClientHello by framing alone: whatever was set up is agreed to, nothing is signed, no key is made.

So it can play servers that no TLS library of today can be: SSL 2, export keys, primes of 512 bits.

Source: RFC 5246, RFC 8446, RFC 6101.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

SSL2, SSL3, TLS10, TLS11, TLS12, TLS13 = 0x0002, 0x0300, 0x0301, 0x0302, 0x0303, 0x0304
RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
ECDHE = frozenset(
    {0xC007, 0xC008, 0xC009, 0xC00A, 0xC011, 0xC012, 0xC013, 0xC014, *range(0xC023, 0xC031), 0xC0AC, 0xCCA8, 0xCCA9}
)
DHE = frozenset({0x0014, 0x0015, 0x0016, 0x0033, 0x0039, 0x0067, 0x006B, 0x009E, 0x009F, 0x00A6, 0x00A7, 0xCCAA})
ANONYMOUS = frozenset({0x0017, 0x0018, 0x0034, 0x003A, 0x00A6, 0x00A7})
RSA = frozenset({0xC02F, 0xC030, 0xCCA8})
EXPORT_RSA = frozenset({0x0003, 0x0006, 0x0008})


@dataclass(frozen=True, slots=True)
class Setup:
    """What a server agrees to, and how it behaves."""

    versions: tuple[int, ...] = (TLS12, TLS13)
    suites: tuple[int, ...] = (0xC02B, 0xC02C, 0xCCA9)
    suites13: tuple[int, ...] = (0x1301, 0x1302, 0x1303)
    groups13: tuple[int, ...] = (4588, 29, 23, 24)
    groups: tuple[int, ...] = (29, 23, 24)
    prime_bits: int = 2048
    renegotiation: bool = True
    master_secret: bool = True
    compression: bool = False
    fallback: bool = True
    mark: bool = True
    heartbeat: bool = False
    stapling: bool = False
    signature: int = 0x0403
    alpn: tuple[str, ...] = ("h2", "http/1.1")
    certificates: tuple[bytes, ...] = ()
    rsa_certificates: tuple[bytes, ...] = ()
    """Shown with suites that need a key of RSA, where it has two kinds; empty: the same."""


@dataclass(slots=True)
class Hello:
    """What a client offers."""

    version: int
    suites: tuple[int, ...]
    compressions: bytes
    session: bytes = b""
    extensions: dict[int, bytes] = field(default_factory=dict)

    @property
    def groups(self) -> tuple[int, ...]:
        return _numbers(self.extensions.get(10, b"")[2:])

    @property
    def has_keys(self) -> bool:
        """Whether this is a client that means to make a TLS 1.3 connection."""
        return len(self.extensions.get(51, b"")) > 2


def read_hello(record: bytes) -> Hello:
    """A hello of SSL 3.0 or later from its record.

    Raises:
        ValueError: this is none.
    """
    if len(record) < 11 or record[0] != 22 or record[5] != 1:
        raise ValueError("no ClientHello")
    data, at = record[9:], 34
    version = int.from_bytes(data[:2], "big")
    session = data[at + 1 : at + 1 + data[at]]
    at += 1 + data[at]
    size = int.from_bytes(data[at : at + 2], "big")
    suites = _numbers(data[at + 2 : at + 2 + size])
    at += 2 + size
    compressions = data[at + 1 : at + 1 + data[at]]
    at += 1 + data[at] + 2
    found = Hello(version, suites, compressions, session)
    while at + 4 <= len(data):
        kind, size = int.from_bytes(data[at : at + 2], "big"), int.from_bytes(data[at + 2 : at + 4], "big")
        found.extensions[kind] = data[at + 4 : at + 4 + size]
        at += 4 + size
    return found


def answer(hello: Hello, setup: Setup) -> bytes:
    """Everything that the server says in the clear."""
    wants13 = b"\x03\x04" in hello.extensions.get(43, b"")
    if wants13 and TLS13 in setup.versions:
        return _retry(hello, setup)
    fitting = [one for one in setup.versions if SSL3 <= one <= min(hello.version, TLS12)]
    if not fitting or (wants13 and TLS12 not in setup.versions and hello.has_keys):
        return _alert(70)
    version = max(fitting)
    if 0x5600 in hello.suites and setup.fallback and version < max(setup.versions):
        return _alert(86)
    for code in hello.suites:
        group = next((one for one in hello.groups if one in setup.groups), None)
        if code in setup.suites and (code not in ECDHE or group is not None or version == SSL3):
            return _flight(hello, setup, version, code, group or 23)
    return _alert(40)


def answer_ssl2(setup: Setup) -> bytes:
    """SERVER-HELLO of SSL 2.0, or an alert where it is not spoken."""
    if SSL2 not in setup.versions:
        return _alert(70)
    certificate, ciphers, session = (setup.certificates or (b"",))[0], bytes.fromhex("0100800700c0"), os.urandom(16)
    body = b"\x04\0\x01\0\x02" + b"".join(len(one).to_bytes(2, "big") for one in (certificate, ciphers, session))
    body += certificate + ciphers + session
    return (0x8000 | len(body)).to_bytes(2, "big") + body


def _retry(hello: Hello, setup: Setup) -> bytes:
    code = next((one for one in hello.suites if one in setup.suites13), None)
    group = next((one for one in hello.groups if one in setup.groups13), None)
    if code is None or group is None:
        return _alert(40)
    extensions = _extension(43, b"\x03\x04") + _extension(51, group.to_bytes(2, "big"))
    body = b"\x03\x03" + RETRY + _counted(1, hello.session) + code.to_bytes(2, "big") + b"\0" + _counted(2, extensions)
    return _record(TLS12, _message(2, body))


def _flight(hello: Hello, setup: Setup, version: int, code: int, group: int) -> bytes:
    random = os.urandom(32)
    if TLS13 in setup.versions and setup.mark:
        random = random[:24] + b"DOWNGRD" + (b"\x01" if version == TLS12 else b"\0")
    compression = b"\x01" if setup.compression and b"\x01" in hello.compressions else b"\0"
    body = version.to_bytes(2, "big") + random + b"\0" + code.to_bytes(2, "big") + compression
    messages = b""
    staple = setup.stapling and 5 in hello.extensions
    if version != SSL3:
        body += _counted(2, _extensions(hello, setup, staple=staple))
    messages += _message(2, body)
    if code not in ANONYMOUS:
        shown = setup.rsa_certificates if code in RSA and setup.rsa_certificates else setup.certificates
        chain = b"".join(_counted(3, one) for one in shown)
        messages += _message(11, _counted(3, chain))
        if staple:
            messages += _message(22, b"\x01" + _counted(3, b"\x30\x03\x0a\x01\x06"))
    messages += _key_exchange(setup, version, code, group)
    return _record(version, messages + _message(14, b""))


def _extensions(hello: Hello, setup: Setup, *, staple: bool) -> bytes:
    found = b""
    if setup.renegotiation and (0xFF01 in hello.extensions or 0x00FF in hello.suites):
        found += _extension(0xFF01, b"\0")
    if setup.master_secret and 23 in hello.extensions:
        found += _extension(23, b"")
    if setup.heartbeat and 15 in hello.extensions:
        found += _extension(15, b"\x01")
    if staple:
        found += _extension(5, b"")
    for one in setup.alpn:
        if _counted(1, one.encode()) in hello.extensions.get(16, b""):
            return found + _extension(16, _counted(2, _counted(1, one.encode())))
    return found


def _key_exchange(setup: Setup, version: int, code: int, group: int) -> bytes:
    signed = (setup.signature.to_bytes(2, "big") if version == TLS12 else b"") + _counted(2, os.urandom(70))
    if code in ANONYMOUS:
        signed = b""
    if code in ECDHE:
        return _message(12, b"\x03" + group.to_bytes(2, "big") + _counted(1, b"\x04" + os.urandom(64)) + signed)
    if code in DHE or code in ANONYMOUS:
        prime = ((1 << (setup.prime_bits - 1)) | 1).to_bytes(setup.prime_bits // 8, "big")
        return _message(12, _counted(2, prime) + _counted(2, b"\x02") + _counted(2, prime[:-1] + b"\x02") + signed)
    if code in EXPORT_RSA:
        return _message(12, _counted(2, b"\x80" + os.urandom(63)) + _counted(2, b"\x01\0\x01") + signed)
    return b""


def _record(version: int, messages: bytes) -> bytes:
    """In records of at most 4000 bytes, so that messages are cut in the middle now and then."""
    parts = [messages[at : at + 4000] for at in range(0, len(messages), 4000)]
    return b"".join(b"\x16" + version.to_bytes(2, "big") + _counted(2, part) for part in parts)


def _message(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + _counted(3, body)


def _extension(kind: int, value: bytes) -> bytes:
    return kind.to_bytes(2, "big") + _counted(2, value)


def _alert(number: int) -> bytes:
    return b"\x15\x03\x03\0\x02\x02" + bytes((number,))


def _counted(size: int, data: bytes) -> bytes:
    return len(data).to_bytes(size, "big") + data


def _numbers(data: bytes) -> tuple[int, ...]:
    return tuple(int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data) - 1, 2))
