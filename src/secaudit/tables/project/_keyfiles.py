"""Private keys and key stores: blocks of text in any file, and binary stores known by their first bytes."""

from __future__ import annotations

import binascii
from functools import lru_cache
from typing import Iterator

from secaudit.tables.project._hit import HIGH, MEDIUM, Hit
from secaudit.tables.project._linear import Pattern, compile_pattern
from secaudit.tables.project._roles import ending_of

MAX_BLOCK_BYTES = 20_000
MIN_BODY = 60
"""Signs of base64 in a key. Fewer is only the first line, as programs that read keys have it."""

BINARY = (
    # kind, first bytes, endings that it must have (none: the bytes say enough), encrypted
    ("key-store-java", b"\xfe\xed\xfe\xed", (), 1),
    ("key-store-java", b"\xce\xce\xce\xce", (), 1),
    ("key-store-keepass", b"\x03\xd9\xa2\x9a", (), 1),
    ("key-store-pkcs12", b"\x30", ("pfx", "p12", "jks", "keystore"), 1),
    ("key-der", b"\x30", ("key", "der", "pk8"), 0),
)
"""Sources: JDK's JavaKeyStore, KeePass's file format, RFC 7292, RFC 5958."""


@lru_cache(maxsize=1)
def _begin() -> Pattern:
    return compile_pattern(
        r"-----BEGIN ((?:[A-Z0-9]{1,12} ){0,3})PRIVATE KEY( BLOCK)?-----|PuTTY-User-Key-File-[0-9]: "
    )


def find_key_store(data: bytes, name: str) -> Iterator[Hit]:
    """Give the file as a whole when it is a binary key store."""
    ending = ending_of(name.lower())
    for rule, magic, endings, encrypted in BINARY:
        if data.startswith(magic) and len(data) > 100 and (not endings or ending in endings):
            if rule == "key-der" and b"\x02\x01\x00" not in data[:16]:  # a certificate or a public key has no version 0
                continue
            yield Hit(rule, "key", 0, data, HIGH, "a key store" if encrypted else "a private key", encrypted=encrypted)
            return


def find_private_keys(data: bytes) -> Iterator[Hit]:
    """Give each private key that is written as text, also inside code."""
    if b"PRIVATE KEY" not in data and b"PuTTY-User-Key-File-" not in data:
        return
    for begin in _begin().finditer(data):
        stop = data.find(b"-----BEGIN", begin.end(), begin.start() + MAX_BLOCK_BYTES)
        block = data[begin.start() : stop if stop > 0 else begin.start() + MAX_BLOCK_BYTES]
        if block.startswith(b"PuTTY"):
            yield from _putty(block, begin.start())
            continue
        kind = begin.group(1).strip().decode("ascii")
        head = begin.end() - begin.start()
        end = block.find(b"-----END", head)
        text = block[head : end if end > 0 else len(block)].replace(b"\\n", b"\n").replace(b"\\r", b"")
        is_encrypted = kind == "ENCRYPTED" or b"Proc-Type: 4,ENCRYPTED" in text
        body = _base64_of(text)
        if len(body) < MIN_BODY or _is_made_up(body):
            continue
        encrypted: int | None = int(is_encrypted)
        if kind == "OPENSSH":
            encrypted = _openssh_encrypted(body)
        elif kind == "PGP":
            encrypted = None
        rule = {"OPENSSH": "private-key-openssh", "PGP": "private-key-pgp"}.get(kind, "private-key-pem")
        yield Hit(
            rule,
            "key",
            begin.start(),
            body,
            HIGH if end > 0 else MEDIUM,
            f"-----BEGIN {kind} PRIVATE KEY-----".replace("  ", " "),
            encrypted=encrypted,
        )


def _base64_of(text: bytes) -> bytes:
    """The lines of base64, put together; what code puts around them is left out."""
    kept: list[bytes] = []
    for line in text.splitlines()[:400]:
        bare = line.strip().strip(b"\"'`+,;\\(){}[] \t").removesuffix(b"\\n").strip(b"\"'") if line else b""
        if b":" in bare or not bare:
            continue
        if all(sign in _BASE64 for sign in bare):
            kept.append(bare)
        elif kept:
            break
    return b"".join(kept)


_BASE64 = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")


def _is_made_up(body: bytes) -> bool:
    return len(set(body)) < 20


def _openssh_encrypted(body: bytes) -> int | None:
    """The cipher is named in the clear, PROTOCOL.key of OpenSSH."""
    try:
        plain = binascii.a2b_base64(body[:64])
    except (binascii.Error, ValueError):
        return None
    if not plain.startswith(b"openssh-key-v1\0"):
        return None
    return int(plain[19:23] != b"none")


def _putty(block: bytes, at: int) -> Iterator[Hit]:
    private = block.find(b"Private-Lines:")
    if private < 0:
        return
    lines = block[private:].splitlines()[1:200]
    body = b"".join(line.strip() for line in lines if line.strip() and b":" not in line)
    if len(body) >= MIN_BODY:
        yield Hit(
            "private-key-putty",
            "key",
            at,
            body,
            HIGH,
            "PuTTY-User-Key-File",
            encrypted=int(b"Encryption: none" not in block[:2000]),
        )
