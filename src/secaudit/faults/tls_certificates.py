"""Certificates with any field that one wants, also those that no library would make: written in DER, signed by openssl.

Source: RFC 5280. Standard library, and the program openssl for keys and signatures.
"""

from __future__ import annotations

import base64
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

DAY_S = 86400
SIGNATURES = {
    "EC-sha256": ("1.2.840.10045.4.3.2", "sha256"),
    "EC-sha384": ("1.2.840.10045.4.3.3", "sha384"),
    "EC-sha1": ("1.2.840.10045.4.1", "sha1"),
    "RSA-sha256": ("1.2.840.113549.1.1.11", "sha256"),
    "RSA-sha1": ("1.2.840.113549.1.1.5", "sha1"),
    "RSA-md5": ("1.2.840.113549.1.1.4", "md5"),
}
PUBLIC_POLICY = "2.23.140.1.2.1"
"""Domain validated, CA/Browser Forum."""


def der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def oid(text: str) -> bytes:
    first, second, *rest = (int(part) for part in text.split("."))
    content = bytes((40 * first + second,))
    for number in rest:
        groups = [number & 127]
        while number := number >> 7:
            groups.append(128 | number & 127)
        content += bytes(reversed(groups))
    return der(6, content)


def integer(number: int) -> bytes:
    return der(2, number.to_bytes(max(1, number.bit_length() // 8 + 1), "big", signed=True))


def name(common: str) -> bytes:
    return der(0x30, der(0x31, der(0x30, oid("2.5.4.3"), der(0x0C, common.encode())))) if common else der(0x30)


def moment(when_s: float) -> bytes:
    return der(0x17, time.strftime("%y%m%d%H%M%SZ", time.gmtime(when_s)).encode())


def extension(number: str, value: bytes, *, critical: bool = False) -> bytes:
    return der(0x30, oid(number), *([der(1, b"\xff")] if critical else []), der(4, value))


def alternative_names(names: Iterable[str], addresses: Iterable[str] = ()) -> bytes:
    parts = [der(0x82, one.encode("latin-1")) for one in names]
    parts += [der(0x87, bytes(int(part) for part in one.split("."))) for one in addresses]
    return extension("2.5.29.17", der(0x30, *parts))


def constraints(*, ca: bool) -> bytes:
    return extension("2.5.29.19", der(0x30, *([der(1, b"\xff")] if ca else [])), critical=True)


def purposes(*numbers: str) -> bytes:
    return extension("2.5.29.37", der(0x30, *(oid(one) for one in numbers)))


def policies(*numbers: str) -> bytes:
    return extension("2.5.29.32", der(0x30, *(der(0x30, oid(one)) for one in numbers)))


def crl(place: str) -> bytes:
    point = der(0x30, der(0xA0, der(0xA0, der(0x86, place.encode()))))
    return extension("2.5.29.31", der(0x30, point))


def timestamps(count: int) -> bytes:
    """A list of log timestamps that nobody signed: they are counted, never checked, by what reads them here."""
    one = bytes(48)
    entries = b"".join(len(one).to_bytes(2, "big") + one for _ in range(count))
    return extension("1.3.6.1.4.1.11129.2.4.2", der(4, len(entries).to_bytes(2, "big") + entries))


def must_staple() -> bytes:
    return extension("1.3.6.1.5.5.7.1.24", der(0x30, integer(5)))


@dataclass(frozen=True, slots=True)
class Key:
    """A private key in a file, and its public part in DER (SubjectPublicKeyInfo)."""

    path: Path
    kind: str
    """EC or RSA."""
    public: bytes


def make_key(folder: Path, label: str, *options: str) -> Key:
    """Make a key with `openssl genpkey`; without options one on the curve P-256."""
    wanted = options or ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    path = folder / f"{label}.key"
    _openssl("genpkey", *wanted, "-out", str(path))
    public = _openssl("pkey", "-in", str(path), "-pubout", "-outform", "DER")
    return Key(path, "RSA" if "RSA" in wanted else "EC", public)


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs."""

    name: str
    key: Key


def sign(
    issuer: Issuer,
    public: bytes,
    subject: str,
    extensions: Iterable[bytes],
    from_s: float,
    to_s: float,
    *,
    serial: int = 0x4C1B5A9C1D2E3F4A5B6C7D8E9F0A1B2C,
    digest: str = "sha256",
    version: int = 3,
) -> bytes:
    """A certificate in DER."""
    algorithm, hash_name = SIGNATURES[f"{issuer.key.kind}-{digest}"]
    identifier = der(0x30, oid(algorithm), *([der(5)] if issuer.key.kind == "RSA" else []))
    listed = tuple(extensions)
    body = der(
        0x30,
        der(0xA0, integer(version - 1)) if version > 1 else b"",
        integer(serial),
        identifier,
        name(issuer.name),
        der(0x30, moment(from_s), moment(to_s)),
        name(subject),
        public,
        der(0xA3, der(0x30, *listed)) if listed and version == 3 else b"",
    )
    signature = _openssl("dgst", f"-{hash_name}", "-sign", str(issuer.key.path), feed=body)
    return der(0x30, body, identifier, der(3, b"\0" + signature))


def pem(*certificates: bytes) -> str:
    return "".join(
        "-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(one).decode() + "-----END CERTIFICATE-----\n"
        for one in certificates
    )


def _openssl(*words: str, feed: bytes = b"") -> bytes:
    done = subprocess.run(["openssl", *words], input=feed, capture_output=True, check=False, timeout=60)
    if done.returncode:
        raise RuntimeError(f"openssl {words[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout
