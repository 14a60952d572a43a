"""DKIM keys (RFC 6376, 8301, 8463): whether they can be read, how long they are, what they say of themselves."""

from __future__ import annotations

import base64
import binascii
import re
from typing import NamedTuple

from secaudit.protocols.names import tags
from secaudit.protocols.names.asking import Bounded

COMMON = (
    "default", "dkim", "mail", "email", "google", "selector1", "selector2", "s1", "s2", "k1", "k2", "k3",
    "key1", "key2", "mandrill", "fm1", "fm2", "fm3", "protonmail", "zoho", "pm", "sig1", "mx", "smtp", "dk",
)  # fmt: skip
"""Names of keys that large senders and programs use by default, November 2026. One that is not there means nothing."""

MAX_SELECTORS = 20
"""Of those that the user named."""

NOBODY = "secaudit-no-such-selector"
"""A name that nobody uses: when it is answered, the zone answers every name."""


class Key(NamedTuple):
    """The record of one selector."""

    text: str
    kind: str
    """rsa, ed25519, or what is written; empty of a key that was taken back."""
    bits: int | None
    error: str
    """Why receivers cannot use it; empty when they can."""
    is_revoked: bool
    """p= is empty: the owner took the key back."""
    is_test: bool
    """t=y: receivers treat the mail as if it were not signed."""
    hashes: str
    services: str


def parse(text: str) -> Key:
    """Read the text of a key record."""
    read = tags.parse(text, fold=False)
    values = read.values
    kind = values.get("k", "rsa").lower()[:20]
    flags = [flag.strip().lower() for flag in values.get("t", "").split(":")]
    key = Key(text, kind, None, "", False, "y" in flags, values.get("h", "").lower()[:60], values.get("s", "*")[:60])
    if "v" in values and (values["v"] != "DKIM1" or read.order[0] != "v"):
        return key._replace(error="v= must be DKIM1 and stand first")
    if "p" not in values:
        return key._replace(error="there is no p=")
    if values["p"] == "":
        return key._replace(kind="", is_revoked=True)
    if kind not in ("rsa", "ed25519"):
        return key._replace(error=f"a kind of key that nobody knows: {kind}")
    try:
        data = base64.b64decode(re.sub(r"\s+", "", values["p"]), validate=True)
    except (binascii.Error, ValueError):
        return key._replace(error="p= is not base64")
    if kind == "ed25519":
        return key._replace(bits=256) if len(data) == 32 else key._replace(error="not a key of Ed25519")
    bits = rsa_bits(data)
    return key._replace(bits=bits) if bits else key._replace(error="p= holds no RSA key")


def rsa_bits(data: bytes) -> int | None:
    """The size of an RSA public key in DER, bare or wrapped; None when it is none."""
    if len(data) > 10_000:
        return None
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = load_der_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        return _modulus_bits(data)
    return key.key_size if isinstance(key, rsa.RSAPublicKey) else None


def _modulus_bits(data: bytes) -> int | None:
    """The size of the first integer of SEQUENCE { INTEGER, INTEGER }, bare or within a SubjectPublicKeyInfo.

    Libraries refuse to load very short keys, and just these must be told.
    """
    place = data.find(bytes.fromhex("2a864886f70d010101"))
    if place >= 0:
        place = data.find(b"\x30", place + 9)
    else:
        place = 0 if data[:1] == b"\x30" else -1
    if place < 0:
        return None
    start, _ = _header(data, place)
    if start is None or data[start : start + 1] != b"\x02":
        return None
    first, size = _header(data, start)
    if first is None or size <= 0 or first + size > len(data) or data[first + size : first + size + 1] != b"\x02":
        return None
    return int.from_bytes(data[first : first + size], "big").bit_length() or None


def _header(data: bytes, place: int) -> tuple[int | None, int]:
    """Where the content of a DER element begins, and its size."""
    if place + 2 > len(data):
        return None, 0
    size = data[place + 1]
    if size < 0x80:
        return place + 2, size
    count = size & 0x7F
    if not 1 <= count <= 3 or place + 2 + count > len(data):
        return None, 0
    return place + 2 + count, int.from_bytes(data[place + 2 : place + 2 + count], "big")


class Selector(NamedTuple):
    """What was found under one name."""

    name: str
    is_named: bool
    """The user named it."""
    is_there: bool | None
    """None when the DNS did not answer."""
    number: int
    key: Key | None
    alias: str
    """The name that it is an alias of (CNAME)."""


def look(domain: str, named: tuple[str, ...], ask: Bounded) -> list[Selector]:
    """All named selectors, and of the common ones those that are there."""
    found = [_one(domain, name, True, ask) for name in dict.fromkeys(named[:MAX_SELECTORS])]
    nobody = ask(f"{NOBODY}._domainkey.{domain}", "TXT")
    if not nobody.known:
        return found
    for name in COMMON:
        if name not in named:
            item = _one(domain, name, False, ask)
            if item.is_there and not (nobody.records and item.key and item.key.text in nobody.records):
                found.append(item)
    return found


def _one(domain: str, name: str, is_named: bool, ask: Bounded) -> Selector:
    reply = ask(f"{name}._domainkey.{domain}", "TXT")
    if not reply.known:
        return Selector(name, is_named, None, 0, None, "")
    alias = reply.names[-1] if reply.names else ""
    texts = [text for text in reply.records if "p" in tags.parse(text, fold=False).values or text.startswith("v=DKIM1")]
    key = parse(texts[0]) if texts else None
    return Selector(name, is_named, bool(texts), len(texts), key, alias)
