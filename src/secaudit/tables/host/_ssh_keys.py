"""Read SSH keys as far as no secret is needed: public keys, and the headers of private key files.

Source: RFC 4253 section 6.6, PROTOCOL.key and PROTOCOL.u2f of OpenSSH, RFC 1421, RFC 5208, RFC 8017 appendix A.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import NamedTuple

_FIXED_BITS = {
    "ssh-ed25519": 256,
    "sk-ssh-ed25519@openssh.com": 256,
    "ecdsa-sha2-nistp256": 256,
    "ecdsa-sha2-nistp384": 384,
    "ecdsa-sha2-nistp521": 521,
    "sk-ecdsa-sha2-nistp256@openssh.com": 256,
    "webauthn-sk-ecdsa-sha2-nistp256@openssh.com": 256,
}
_KINDS = {
    "ssh-rsa": "rsa",
    "ssh-dss": "dsa",
    "ssh-ed25519": "ed25519",
    "sk-ssh-ed25519@openssh.com": "ed25519-sk",
    "ecdsa-sha2-nistp256": "ecdsa",
    "ecdsa-sha2-nistp384": "ecdsa",
    "ecdsa-sha2-nistp521": "ecdsa",
    "sk-ecdsa-sha2-nistp256@openssh.com": "ecdsa-sk",
    "webauthn-sk-ecdsa-sha2-nistp256@openssh.com": "ecdsa-sk",
}
_CERTIFICATE = re.compile(r"-cert-v0[01]@openssh\.com$")
_ALGORITHM = re.compile(r"[a-z0-9][a-z0-9@.-]{2,63}")
_CURVES = {
    b"\x2a\x86\x48\xce\x3d\x03\x01\x07": 256,
    b"\x2b\x81\x04\x00\x22": 384,
    b"\x2b\x81\x04\x00\x23": 521,
}
_RSA_OID = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
_DSA_OID = b"\x2a\x86\x48\xce\x38\x04\x01"
_EC_OID = b"\x2a\x86\x48\xce\x3d\x02\x01"
_ED25519_OID = b"\x2b\x65\x70"
_PEM = re.compile(r"^-----BEGIN ((?:OPENSSH |RSA |DSA |EC |ENCRYPTED )?PRIVATE KEY)-----[ \t]*\r?$", re.MULTILINE)
_PEM_KINDS = {"RSA PRIVATE KEY": "rsa", "DSA PRIVATE KEY": "dsa", "EC PRIVATE KEY": "ecdsa"}


class PublicKey(NamedTuple):
    """One public key."""

    algorithm: str
    """As in the key, such as `ssh-ed25519` or `ssh-rsa-cert-v01@openssh.com`."""
    bits: int | None
    sha256: str
    """`SHA256:...`, as ssh-keygen -l prints it; of a certificate, the key in it is not looked at."""

    @property
    def kind(self) -> str:
        """rsa, dsa, ecdsa, ed25519, ecdsa-sk or ed25519-sk; else the algorithm."""
        plain = plain_algorithm(self.algorithm)
        return _KINDS.get(plain, plain)


class PrivateKey(NamedTuple):
    """What the header of a private key file tells. None: the header does not tell."""

    format: str
    """openssh, pem, pkcs8, putty, ssh.com or ssh1."""
    kind: str | None
    bits: int | None
    encrypted: int | None
    cipher: str | None
    """'' when not encrypted."""
    sha256: str | None
    """Fingerprint of the public part."""


class _Bad(ValueError):
    """The bytes do not have the expected form."""


def plain_algorithm(algorithm: str) -> str:
    """The algorithm of the key in a certificate."""
    plain, found = _CERTIFICATE.subn("", algorithm)
    if not found:
        return algorithm
    return f"{plain}@openssh.com" if plain.startswith("sk-") else plain


def parse_public_blob(blob: bytes) -> PublicKey | None:
    """Read a public key in the format of the wire, None when it is none."""
    try:
        name, at = _field(blob, 0)
        algorithm = name.decode("ascii")
        if not _ALGORITHM.fullmatch(algorithm):
            return None
        bits = _FIXED_BITS.get(plain_algorithm(algorithm))
        if plain_algorithm(algorithm) in ("ssh-rsa", "ssh-dss"):
            if _CERTIFICATE.search(algorithm):
                _, at = _field(blob, at)  # nonce
            first, at = _field(blob, at)
            number = _field(blob, at)[0] if plain_algorithm(algorithm) == "ssh-rsa" else first
            bits = int.from_bytes(number, "big").bit_length()
        else:
            _field(blob, at)  # a key has at least one field after its name
    except (_Bad, UnicodeDecodeError):
        return None
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode("ascii").rstrip("=")
    return PublicKey(algorithm, bits, f"SHA256:{digest}")


def parse_public_words(algorithm: str, text: str) -> PublicKey | None:
    """Read `algorithm base64`; None when it is not a key or names another algorithm than it holds."""
    if not _ALGORITHM.fullmatch(algorithm):
        return None
    blob = _decode(text)
    key = parse_public_blob(blob) if blob is not None else None
    return key if key is not None and key.algorithm == algorithm else None


def parse_public_line(line: str) -> PublicKey | None:
    """Read the line of a .pub file."""
    words = line.split(None, 2)
    return parse_public_words(words[0], words[1]) if len(words) > 1 else None


def parse_private(data: bytes) -> PrivateKey | None:
    """Read the header of a private key file, None when it is no private key."""
    text = data.decode("latin-1")
    if text.startswith("SSH PRIVATE KEY FILE FORMAT 1.1\n"):
        return PrivateKey("ssh1", "rsa1", None, None, None, None)
    if text.startswith("PuTTY-User-Key-File-"):
        return _putty(text)
    if text.startswith("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----"):
        return PrivateKey("ssh.com", None, None, None, None, None)  # the name says encrypted also when it is not
    begin = _PEM.search(text)
    if begin is None:
        return None
    label = begin.group(1)
    body = text[begin.end() :].partition("-----END")[0]
    if label == "OPENSSH PRIVATE KEY":
        return _openssh(body)
    if label == "ENCRYPTED PRIVATE KEY":
        return PrivateKey("pkcs8", None, None, 1, None, None)
    if "ENCRYPTED" in body.partition("\n\n")[0] and "DEK-Info:" in body:
        cipher = body.partition("DEK-Info:")[2].strip().split(",", 1)[0].split("\n", 1)[0].strip().lower()
        return PrivateKey("pem", _PEM_KINDS.get(label), None, 1, cipher, None)
    return _clear_pem(label, _decode(re.sub(r"^[A-Za-z-]+:.*$", "", body, flags=re.MULTILINE)) or b"")


def _openssh(body: str) -> PrivateKey:
    unknown = PrivateKey("openssh", None, None, None, None, None)
    blob = _decode(body)
    magic = b"openssh-key-v1\0"
    if blob is None or not blob.startswith(magic):
        return unknown
    try:
        cipher, at = _field(blob, len(magic))
        kdf, at = _field(blob, at)
        _, at = _field(blob, at)
        public, _ = _field(blob, at + 4)  # after the number of keys
    except _Bad:
        return unknown
    key = parse_public_blob(public)
    name = cipher.decode("ascii", "replace")
    encrypted = int(not (name == "none" and kdf == b"none"))
    if key is None:
        return PrivateKey("openssh", None, None, encrypted, name if encrypted else "", None)
    return PrivateKey("openssh", key.kind, key.bits, encrypted, name if encrypted else "", key.sha256)


def _putty(text: str) -> PrivateKey:
    fields: dict[str, str] = {}
    lines = text.splitlines()[:200]
    for at, line in enumerate(lines):
        name, colon, value = line.partition(": ")
        if colon:
            fields[name] = value.strip()
        if name == "Public-Lines" and value.strip().isdigit():
            fields["public"] = "".join(lines[at + 1 : at + 1 + min(int(value[:4]), 100)])
    blob = _decode(fields.get("public", ""))
    key = parse_public_blob(blob) if blob else None
    cipher = fields.get("Encryption")
    encrypted = None if cipher is None else int(cipher != "none")
    if key is None:
        return PrivateKey("putty", None, None, encrypted, None, None)
    return PrivateKey("putty", key.kind, key.bits, encrypted, (cipher or "") if encrypted else "", key.sha256)


def _clear_pem(label: str, der: bytes) -> PrivateKey:
    """A key without passphrase; only its kind and size are taken from it."""
    is_pkcs8 = label == "PRIVATE KEY"
    kind = _PEM_KINDS.get(label)
    bits: int | None = None
    try:
        fields = _sequence(der)
        if is_pkcs8:
            algorithm = _children(fields[1][1])
            oid = algorithm[0][1]
            if oid == _ED25519_OID:
                kind, bits = "ed25519", 256
            elif oid == _EC_OID:
                kind, bits = "ecdsa", _CURVES.get(algorithm[1][1])
            elif oid == _DSA_OID:
                kind, bits = "dsa", _bit_length(_children(algorithm[1][1])[0][1])
            elif oid == _RSA_OID:
                kind, bits = "rsa", _bit_length(_sequence(fields[2][1])[1][1])
        elif kind in ("rsa", "dsa"):
            bits = _bit_length(fields[1][1])
        else:
            parameters = next((content for tag, content in fields if tag == 0xA0), b"")
            bits = _CURVES.get(_children(parameters)[0][1])
    except (_Bad, IndexError):
        pass
    return PrivateKey("pkcs8" if is_pkcs8 else "pem", kind, bits, 0, "", None)


def _bit_length(number: bytes) -> int:
    return int.from_bytes(number, "big").bit_length()


def _sequence(der: bytes) -> list[tuple[int, bytes]]:
    (tag, content) = _children(der)[0]
    if tag != 0x30:
        raise _Bad
    return _children(content)


def _children(der: bytes) -> list[tuple[int, bytes]]:
    """Tag and content of each element of DER, ITU-T X.690. At most 16: no key has more."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at + 2 <= len(der) and len(found) < 16:
        tag, size = der[at], der[at + 1]
        at += 2
        if size & 0x80:
            count = size & 0x7F
            if not 1 <= count <= 4:
                raise _Bad
            size = int.from_bytes(der[at : at + count], "big")
            at += count
        if at + size > len(der):
            raise _Bad
        found.append((tag, der[at : at + size]))
        at += size
    if not found:
        raise _Bad
    return found


def _field(blob: bytes, at: int) -> tuple[bytes, int]:
    """One string of RFC 4251 section 5 and the place after it."""
    if at + 4 > len(blob):
        raise _Bad
    size = int.from_bytes(blob[at : at + 4], "big")
    end = at + 4 + size
    if end > len(blob):
        raise _Bad
    return blob[at + 4 : end], end


def _decode(text: str) -> bytes | None:
    joined = "".join(text.split())
    try:
        return base64.b64decode(joined + "=" * (-len(joined) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
