"""Cipher suites of SSL and TLS by code point: what each is made of. Facts only, nothing is judged.

Source: the registry "TLS Cipher Suites" of IANA; RFC 5246 appendix C, RFC 8446 appendix B.4.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from secaudit.protocols.tls import _registry

FALLBACK_SCSV = 0x5600
RENEGOTIATION_SCSV = 0x00FF


class Suite(NamedTuple):
    """One cipher suite."""

    code: int
    name: str
    """As IANA writes it; `0xABCD` for a code point that is not assigned."""
    key_exchange: str
    """RSA, DH, DHE, ECDH, ECDHE, PSK, DHE_PSK, ECDHE_PSK, RSA_PSK, SRP, KRB5, ECCPWD, GOST; `any` in TLS 1.3."""
    authentication: str
    """RSA, ECDSA, DSS, PSK, SRP, KRB5, PWD, GOST, anon; `any` in TLS 1.3."""
    cipher: str
    """AES, CHACHA20, CAMELLIA, ARIA, SEED, SM4, IDEA, RC2, RC4, DES, 3DES, AEGIS, KUZNYECHIK, MAGMA, 28147, NULL."""
    mode: str
    """GCM, CCM, CCM_8, POLY1305, CBC, CTR, CNT, MGM, stream or none."""
    bits: int
    """The strength of the key of the cipher: 0 for NULL, 112 for 3DES."""
    mac: str
    """The hash at the end of the name: SHA, SHA256, MD5 ..."""
    forward_secrecy: bool
    aead: bool
    export: bool

    @property
    def known(self) -> bool:
        return not self.name.startswith("0x")


_CIPHER = re.compile(
    r"(NULL|RC4_\d+|RC2_CBC_40|IDEA_CBC|DES_CBC_40|DES40_CBC|DES_CBC|3DES_EDE_CBC|CHACHA20_POLY1305|AEGIS_\d+L?"
    r"|(?:AES|CAMELLIA|ARIA)_\d+_(?:CBC|GCM|CCM_8|CCM)|SEED_CBC|SM4_[GC]CM|(?:KUZNYECHIK|MAGMA)_(?:CTR|MGM)|28147_CNT)"
    r"(?:_(\w+))?$"
)
_FIXED_BITS = {
    "NULL": 0,
    "RC2": 40,
    "IDEA": 128,
    "DES40": 40,
    "DES": 56,
    "3DES": 112,
    "CHACHA20": 256,
    "SEED": 128,
    "SM4": 128,
    "KUZNYECHIK": 256,
    "MAGMA": 256,
    "28147": 256,
}
_MODES = ("GCM", "CCM_8", "CCM", "CBC", "CTR", "CNT", "MGM", "POLY1305")


@functools.lru_cache(maxsize=1)
def all_suites() -> dict[int, Suite]:
    """Every suite of SSL 3.0 to TLS 1.3 by its code point, without the signalling values."""
    return {code: _read(code, name) for code, name in sorted(_registry.names().items())}


def suite(code: int) -> Suite:
    """The facts of a code point; for one that is not assigned its number as name and nothing else."""
    if code in _registry.SSL2:
        name, cipher, bits = _registry.SSL2[code]
        mode = "stream" if cipher == "RC4" else "CBC"
        return Suite(code, name, "RSA", "RSA", cipher, mode, bits, "MD5", False, False, bits <= 40)
    found = all_suites().get(code)
    return found or Suite(code, f"0x{code:04X}", "", "", "", "", 0, "", False, False, False)


def old_codes() -> tuple[int, ...]:
    """What a hello of SSL 3.0 to TLS 1.2 can offer: the strong ones first, as a browser would put them."""
    ordered = [one for one in all_suites().values() if not is_tls13(one.code)]
    ordered.sort(key=lambda one: (not one.aead, not one.forward_secrecy, one.bits < 128, one.code))
    return tuple(one.code for one in ordered)


def tls13_codes() -> tuple[int, ...]:
    return tuple(code for code in all_suites() if is_tls13(code))


def is_tls13(code: int) -> bool:
    return code >> 8 == 0x13 or code in (0x00C6, 0x00C7, 0xC0B4, 0xC0B5) or 0xC103 <= code <= 0xC106


def uses_curves(code: int) -> bool:
    return suite(code).key_exchange.startswith(("ECDH", "ECCPWD"))


def _read(code: int, name: str) -> Suite:
    keys, found, rest = name[4:].partition("_WITH_")
    if not found:
        keys, rest = "any", name[4:]
    if keys.startswith("GOST"):
        keys = "GOST"
    if code in (0xC0B4, 0xC0B5):  # RFC 9150: integrity without encryption
        return Suite(code, name, "any", "any", "NULL", "none", 0, rest.partition("_")[2], True, False, False)
    match = _CIPHER.match(rest)
    if match is None:  # cannot be for the registry above; a test reads it all
        raise ValueError(name)
    export = "EXPORT" in keys or "_40" in match.group(1) or "DES40" in match.group(1)
    cipher, mode, bits = _cipher(match.group(1))
    exchange, authentication = _keys(re.sub(r"_EXPORT(1024)?$", "", keys))
    return Suite(
        code=code,
        name=name,
        key_exchange=exchange,
        authentication=authentication,
        cipher=cipher,
        mode=mode,
        bits=bits,
        mac=match.group(2) or "SHA256",
        forward_secrecy=exchange in ("DHE", "ECDHE", "DHE_PSK", "ECDHE_PSK", "ECCPWD", "SRP") or exchange == "any",
        aead=mode in ("GCM", "CCM", "CCM_8", "POLY1305", "MGM") or cipher == "AEGIS",
        export=export,
    )


def _cipher(text: str) -> tuple[str, str, int]:
    cipher, _, rest = text.partition("_")
    if cipher == "RC4":
        return cipher, "stream", int(rest)
    if cipher == "AEGIS":
        return cipher, "none", int(rest.rstrip("L"))
    if cipher == "NULL":
        return cipher, "none", 0
    mode = next(name for name in _MODES if name in rest)
    if cipher in ("DES", "DES40") and "40" in text:
        return "DES", mode, 40
    number = re.match(r"(\d+)_", rest)
    return cipher, mode, _FIXED_BITS[cipher] if number is None else int(number.group(1))


def _keys(text: str) -> tuple[str, str]:
    if text in ("any", "GOST", "KRB5"):
        return text, text
    if text == "ECCPWD":
        return text, "PWD"
    if text.startswith("SRP_SHA"):
        return "SRP", text[8:] or "SRP"
    if text == "PSK_DHE":  # the odd order of two names of RFC 6655
        return "DHE_PSK", "PSK"
    if text.endswith("PSK"):
        return text, "RSA" if text.startswith("RSA") else "PSK"
    if text == "RSA":
        return "RSA", "RSA"
    exchange, _, authentication = text.partition("_")
    if authentication == "anon":  # a fresh key each time, but anybody may be the other side
        return exchange + "E", "anon"
    return exchange, authentication
