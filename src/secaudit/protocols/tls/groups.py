"""Groups for the exchange of keys and signature schemes, by code point. Facts only.

Source: the registries "TLS Supported Groups" and "TLS SignatureScheme" of IANA; RFC 7919, RFC 8422, RFC 8446.
"""

from __future__ import annotations

from typing import NamedTuple


class Group(NamedTuple):
    """A curve, a finite field, or a pair of a curve and a post-quantum algorithm."""

    code: int
    name: str
    kind: str
    """curve, field, hybrid (a curve and ML-KEM together) or kem (ML-KEM alone)."""
    bits: int
    """Of the curve or of the prime; of a hybrid those of its curve; of ML-KEM the number in its name."""


_CURVES = {
    1: ("sect163k1", 163),
    2: ("sect163r1", 163),
    3: ("sect163r2", 163),
    4: ("sect193r1", 193),
    5: ("sect193r2", 193),
    6: ("sect233k1", 233),
    7: ("sect233r1", 233),
    8: ("sect239k1", 239),
    9: ("sect283k1", 283),
    10: ("sect283r1", 283),
    11: ("sect409k1", 409),
    12: ("sect409r1", 409),
    13: ("sect571k1", 571),
    14: ("sect571r1", 571),
    15: ("secp160k1", 160),
    16: ("secp160r1", 160),
    17: ("secp160r2", 160),
    18: ("secp192k1", 192),
    19: ("secp192r1", 192),
    20: ("secp224k1", 224),
    21: ("secp224r1", 224),
    22: ("secp256k1", 256),
    23: ("secp256r1", 256),
    24: ("secp384r1", 384),
    25: ("secp521r1", 521),
    26: ("brainpoolP256r1", 256),
    27: ("brainpoolP384r1", 384),
    28: ("brainpoolP512r1", 512),
    29: ("x25519", 253),
    30: ("x448", 448),
    31: ("brainpoolP256r1tls13", 256),
    32: ("brainpoolP384r1tls13", 384),
    33: ("brainpoolP512r1tls13", 512),
    34: ("GC256A", 256),
    35: ("GC256B", 256),
    36: ("GC256C", 256),
    37: ("GC256D", 256),
    38: ("GC512A", 512),
    39: ("GC512B", 512),
    40: ("GC512C", 512),
    41: ("curveSM2", 256),
}
_FIELDS = {256: ("ffdhe2048", 2048), 257: ("ffdhe3072", 3072), 258: ("ffdhe4096", 4096), 259: ("ffdhe6144", 6144)}
_FIELDS[260] = ("ffdhe8192", 8192)
_KEMS = {512: ("MLKEM512", 512), 513: ("MLKEM768", 768), 514: ("MLKEM1024", 1024)}
_HYBRIDS = {
    4587: ("SecP256r1MLKEM768", 256),
    4588: ("X25519MLKEM768", 253),
    4589: ("SecP384r1MLKEM1024", 384),
    4590: ("curveSM2MLKEM768", 256),
    25497: ("X25519Kyber768Draft00", 253),
}

GROUPS = {
    code: Group(code, name, kind, bits)
    for kind, named in (("curve", _CURVES), ("field", _FIELDS), ("kem", _KEMS), ("hybrid", _HYBRIDS))
    for code, (name, bits) in named.items()
}

_FIRST = (4588, 4587, 4589, 25497, 512, 513, 514, 29, 23, 30, 25, 24)
"""What servers choose most often stands first, as browsers put it."""

OLD = (29, 23, 30, 25, 24, *(code for code in _CURVES if code not in _FIRST and not 31 <= code <= 33 and code != 41))
"""Curves for TLS 1.2 and older."""
TLS13 = (*_FIRST, *_FIELDS, 4590, 31, 32, 33, 41, 34, 35, 36, 37, 38, 39, 40)

SIGNATURES = (
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B, 0x0401, 0x0501, 0x0601,
    0x081A, 0x081B, 0x081C, 0x0904, 0x0905, 0x0906, 0x0402, 0x0303, 0x0301, 0x0302, 0x0203, 0x0201, 0x0202, 0x0101,
    0x0708,
)  # fmt: skip
"""ECDSA, EdDSA, RSA-PSS, RSA PKCS #1, brainpool, ML-DSA, DSA, then SHA-224, SHA-1, MD5, and SM2."""
SHORT_SIGNATURES = (0x0401, 0x0501, 0x0601, 0x0301, 0x0201)
"""RSA PKCS #1 only, for servers that hang up on the longer list."""
SIGNATURE_NAMES = {
    0x0101: "rsa_pkcs1_md5",
    0x0201: "rsa_pkcs1_sha1",
    0x0203: "ecdsa_sha1",
    0x0301: "rsa_pkcs1_sha224",
    0x0303: "ecdsa_sha224",
    0x0401: "rsa_pkcs1_sha256",
    0x0403: "ecdsa_secp256r1_sha256",
    0x0501: "rsa_pkcs1_sha384",
    0x0503: "ecdsa_secp384r1_sha384",
    0x0601: "rsa_pkcs1_sha512",
    0x0603: "ecdsa_secp521r1_sha512",
    0x0804: "rsa_pss_rsae_sha256",
    0x0805: "rsa_pss_rsae_sha384",
    0x0806: "rsa_pss_rsae_sha512",
    0x0807: "ed25519",
    0x0808: "ed448",
    0x0202: "dsa_sha1",
    0x0302: "dsa_sha224",
    0x0402: "dsa_sha256",
}


def group(code: int) -> Group:
    """The facts of a code point; for one that is not known its number as name and 0 bits."""
    return GROUPS.get(code) or Group(code, f"0x{code:04X}", "", 0)
