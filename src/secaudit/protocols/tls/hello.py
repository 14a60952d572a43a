"""Write a ClientHello of any version from code points. It offers what is asked for, also what nobody should use.

Source: RFC 6101 (SSL 3.0, and SSL 2.0 in appendix E), RFC 2246, 4346, 5246 (TLS 1.0 to 1.2), RFC 8446 (TLS 1.3).
"""

from __future__ import annotations

import os
from typing import NamedTuple

from secaudit.protocols.tls import _registry
from secaudit.protocols.tls.groups import OLD, SIGNATURES
from secaudit.protocols.tls.suites import FALLBACK_SCSV, RENEGOTIATION_SCSV, uses_curves

SSL2, SSL3, TLS10, TLS11, TLS12, TLS13 = 0x0002, 0x0300, 0x0301, 0x0302, 0x0303, 0x0304
VERSIONS = {
    SSL2: "SSLv2",
    SSL3: "SSLv3",
    TLS10: "TLSv1.0",
    TLS11: "TLSv1.1",
    TLS12: "TLSv1.2",
    TLS13: "TLSv1.3",
}


class Offer(NamedTuple):
    """What a hello offers."""

    version: int
    """The highest one; in TLS 1.3 the only one."""
    suites: tuple[int, ...]
    groups: tuple[int, ...] = OLD
    signatures: tuple[int, ...] = SIGNATURES
    server_name: str = ""
    """Empty for an IP address: RFC 6066 section 3 allows names only."""
    alpn: tuple[str, ...] = ()
    compression: bool = False
    """Whether DEFLATE is offered; TLS 1.3 has none."""
    fallback: bool = False
    """Say that this is a second attempt with a lower version, RFC 7507."""


def client_hello(offer: Offer) -> bytes:
    """The hello in its record, ready to be sent."""
    if offer.version == SSL2:
        return _ssl2_hello()
    legacy = min(offer.version, TLS12)
    codes = offer.suites + ((FALLBACK_SCSV,) if offer.fallback else ())
    if offer.version == SSL3:
        codes += (RENEGOTIATION_SCSV,)  # it has no extensions
    body = legacy.to_bytes(2, "big") + os.urandom(32)
    body += _short(os.urandom(32) if offer.version == TLS13 else b"")
    body += _long(b"".join(code.to_bytes(2, "big") for code in codes))
    body += _short(b"\x01\x00" if offer.compression and offer.version != TLS13 else b"\x00")
    if offer.version != SSL3:
        body += _long(_extensions(offer, len(body)))
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    record_version = SSL3 if offer.version == SSL3 else TLS10
    return b"\x16" + record_version.to_bytes(2, "big") + _long(message)


def _extensions(offer: Offer, before: int) -> bytes:
    parts: list[tuple[int, bytes]] = []
    if offer.server_name:
        name = offer.server_name.encode("ascii", "ignore")
        parts.append((0, _long(b"\x00" + _long(name))))
    if offer.version == TLS13 or any(uses_curves(code) for code in offer.suites):
        parts.append((10, _codes(offer.groups)))
        parts.append((11, b"\x01\x00"))
    elif any(256 <= code <= 260 for code in offer.groups):
        parts.append((10, _codes(offer.groups)))  # RFC 7919: a choice of fields without curves
    if offer.version >= TLS12:
        parts.append((13, _codes(offer.signatures)))
    if offer.alpn:
        parts.append((16, _long(b"".join(_short(name.encode()) for name in offer.alpn))))
    parts.append((5, b"\x01\x00\x00\x00\x00"))
    if offer.version == TLS13:
        parts.append((43, b"\x02\x03\x04"))
        parts.append((45, b"\x01\x01"))
        parts.append((51, b"\x00\x00"))  # no key: the server must say which group it wants
    else:
        parts += [(22, b""), (23, b""), (35, b""), (0xFF01, b"\x00"), (15, b"\x01")]
    data = b"".join(kind.to_bytes(2, "big") + _long(value) for kind, value in parts)
    whole = before + 4 + 2 + len(data)
    if 255 < whole < 512:  # some load balancers hang on these lengths, RFC 7685
        data += b"\x00\x15" + _long(bytes(max(0, 512 - whole - 4)))
    return data


def _ssl2_hello() -> bytes:
    codes = b"".join(code.to_bytes(3, "big") for code in _registry.SSL2)
    challenge = os.urandom(16)
    body = b"\x01\x00\x02" + len(codes).to_bytes(2, "big") + b"\x00\x00" + b"\x00\x10" + codes + challenge
    return (0x8000 | len(body)).to_bytes(2, "big") + body


def _codes(codes: tuple[int, ...]) -> bytes:
    return _long(b"".join(code.to_bytes(2, "big") for code in codes))


def _short(data: bytes) -> bytes:
    return bytes([len(data)]) + data


def _long(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data
