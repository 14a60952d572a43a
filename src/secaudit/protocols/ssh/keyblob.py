"""A public host key: type, size, fingerprint. Sources: RFC 4253 section 6.6, RFC 5656, RFC 8709, PROTOCOL.certkeys."""

from __future__ import annotations

import base64
import hashlib
from typing import NamedTuple

from secaudit.protocols.ssh.packets import Reader, text

_CURVES = {"nistp256": 256, "nistp384": 384, "nistp521": 521}


class HostKey(NamedTuple):
    """What a host key shows."""

    type: str
    """As the key itself says: ssh-ed25519, ssh-rsa (whatever the signature), ecdsa-sha2-nistp256 ..."""
    bits: int | None
    """NULL for a type that we do not know."""
    fingerprint: str
    """SHA256:..., as `ssh-keygen -l` prints it."""


def read_key(blob: bytes) -> HostKey:
    """Read the blob of a host key or of a host certificate.

    Raises:
        NotSsh: it is broken.
    """
    reader = Reader(blob)
    kind = text(reader.string()[:64])
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return HostKey(kind, _bits(kind, reader), f"SHA256:{digest}")


def _bits(kind: str, reader: Reader) -> int | None:
    plain = kind
    if "-cert-v0" in kind:
        plain = kind.partition("-cert-v0")[0]
        reader.string()  # the nonce of the certificate
    if plain in ("ssh-rsa", "rsa-sha2-256", "rsa-sha2-512"):
        reader.string()  # the exponent
        return _size(reader.string())
    if plain == "ssh-dss":
        return _size(reader.string())
    if plain.startswith("ecdsa-sha2-"):
        return _CURVES.get(text(reader.string()))
    return {"ssh-ed25519": 256, "ssh-ed448": 456}.get(plain)


def _size(number: bytes) -> int:
    """Significant bits of an mpint."""
    return int.from_bytes(number, "big").bit_length()


def kind_of(algorithm: str) -> str:
    """The type of key that a host key algorithm signs with: `rsa-sha2-512` signs with an `ssh-rsa` key."""
    return {"rsa-sha2-256": "ssh-rsa", "rsa-sha2-512": "ssh-rsa"}.get(algorithm, algorithm)
