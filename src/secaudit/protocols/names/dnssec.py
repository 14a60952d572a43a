"""DNSSEC as far as an ordinary question shows it: DS, DNSKEY and RRSIG, and what the resolver says that it checked.

Only a resolver that validates can tell whether signatures are right. Whether ours does is seen at the root of the DNS,
which is signed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import NamedTuple

from secaudit.protocols.names.asking import Bounded, is_name

ALGORITHMS = {
    1: "RSA/MD5", 3: "DSA/SHA-1", 5: "RSA/SHA-1", 6: "DSA-NSEC3-SHA1", 7: "RSASHA1-NSEC3-SHA1", 8: "RSA/SHA-256",
    10: "RSA/SHA-512", 12: "GOST R 34.10-2001", 13: "ECDSA P-256/SHA-256", 14: "ECDSA P-384/SHA-384", 15: "Ed25519",
    16: "Ed448",
}  # fmt: skip
WEAK_ALGORITHMS = frozenset({1, 3, 5, 6, 7, 12})
"""RFC 9904 and RFC 9905: not to be used for signing any more."""

DIGESTS = {1: "SHA-1", 2: "SHA-256", 3: "GOST", 4: "SHA-384"}
_NUMBER = re.compile(r"\d{1,5}")


class Ds(NamedTuple):
    """A digest of a key, published above the domain."""

    tag: int
    algorithm: int
    digest_type: int
    digest: str


class Key(NamedTuple):
    """A key of the domain."""

    flags: int
    algorithm: int
    tag: int
    data: bytes
    """The record as it goes over the wire."""
    bits: int | None
    """Of an RSA key."""


def read_ds(text: str) -> Ds | None:
    """A DS record as zone files write it."""
    words = text.split()
    if len(words) < 4 or not all(_NUMBER.fullmatch(word) for word in words[:3]):
        return None
    return Ds(int(words[0]), int(words[1]), int(words[2]), "".join(words[3:]).lower())


def read_key(text: str) -> Key | None:
    """A DNSKEY record as zone files write it."""
    words = text.split()
    if len(words) < 4 or not all(_NUMBER.fullmatch(word) for word in words[:3]):
        return None
    flags, protocol, algorithm = (int(word) for word in words[:3])
    try:
        public = base64.b64decode("".join(words[3:]), validate=True)
    except (binascii.Error, ValueError):
        return None
    if flags > 65535 or protocol > 255 or algorithm > 255:
        return None
    data = flags.to_bytes(2, "big") + bytes((protocol, algorithm)) + public
    return Key(flags, algorithm, key_tag(data), data, _rsa_bits(public) if algorithm in (1, 5, 7, 8, 10) else None)


def key_tag(data: bytes) -> int:
    """RFC 4034, appendix B."""
    total = sum(byte << 8 if index % 2 == 0 else byte for index, byte in enumerate(data))
    return (total + (total >> 16)) & 0xFFFF


def _rsa_bits(public: bytes) -> int | None:
    """RFC 3110: the length of the exponent, the exponent, the modulus."""
    if len(public) < 3:
        return None
    start = 1 + public[0] if public[0] else 3 + int.from_bytes(public[1:3], "big")
    return int.from_bytes(public[start:], "big").bit_length() or None


def matches(domain: str, ds: Ds, key: Key) -> bool | None:
    """Whether the digest is that of the key; None for a kind of digest that we cannot compute."""
    name = {1: "sha1", 2: "sha256", 4: "sha384"}.get(ds.digest_type)
    if name is None:
        return None
    if (ds.tag, ds.algorithm) != (key.tag, key.algorithm):
        return False
    wire = b"".join(bytes((len(label),)) + label.lower().encode("ascii", "replace") for label in domain.split("."))
    return hashlib.new(name, wire + b"\0" + key.data, usedforsecurity=False).hexdigest() == ds.digest


class State(NamedTuple):
    """What can be seen. None means that the DNS did not answer."""

    ds: tuple[Ds, ...] | None
    keys: tuple[Key, ...] | None
    signatures: int | None
    """Signatures that the resolver gave for the SOA record; None when it gives none to anybody."""
    ds_matches: bool | None
    """Whether a key fits one of the digests."""
    validates: bool | None
    """Whether the resolver checks signatures."""
    is_checked: bool | None
    """Whether it says so of this domain; None when it does not validate."""
    nsec3: str
    """The parameters of NSEC3, empty without; `unknown` when the DNS did not answer."""
    soa_code: str


def look(domain: str, ask: Bounded) -> State:
    """Ask for everything; six questions."""
    root, soa = ask(".", "SOA"), ask(domain, "SOA")
    ds_reply, key_reply, nsec3 = ask(domain, "DS"), ask(domain, "DNSKEY"), ask(domain, "NSEC3PARAM")
    signed = ask(domain, "RRSIG")
    ds = tuple(item for item in map(read_ds, ds_reply.records[:30]) if item) if ds_reply.known else None
    keys = tuple(item for item in map(read_key, key_reply.records[:30]) if item) if key_reply.known else None
    validates = root.authenticated if root.known else None
    return State(
        ds,
        keys,
        len(signed.records) if signed.known and (signed.records or not keys) else None,
        _any_match(domain, ds, keys),
        validates,
        soa.authenticated if validates and soa.known else None,
        (nsec3.records[0][:100] if nsec3.records else "") if nsec3.known else "unknown",
        soa.code,
    )


def _any_match(domain: str, ds: tuple[Ds, ...] | None, keys: tuple[Key, ...] | None) -> bool | None:
    if not ds or keys is None or not is_name(domain):
        return None
    found = [matches(domain, item, key) for item in ds for key in keys]
    if any(found):
        return True
    return None if None in found else False
