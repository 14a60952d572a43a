"""Read a certificate field by field: what cannot be read is None, and the rest is kept. No signature is checked.

Source: RFC 5280 (certificates), RFC 4055, 5480, 8410, 9881 (algorithms), RFC 6962 (transparency), RFC 7633 (stapling).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Callable, TypeVar

from secaudit.protocols.tls import der

T = TypeVar("T")

SIGNATURES = {
    "1.2.840.113549.1.1.2": "md2WithRSAEncryption",
    "1.2.840.113549.1.1.3": "md4WithRSAEncryption",
    "1.2.840.113549.1.1.4": "md5WithRSAEncryption",
    "1.2.840.113549.1.1.5": "sha1WithRSAEncryption",
    "1.3.14.3.2.29": "sha1WithRSA",
    "1.2.840.113549.1.1.11": "sha256WithRSAEncryption",
    "1.2.840.113549.1.1.12": "sha384WithRSAEncryption",
    "1.2.840.113549.1.1.13": "sha512WithRSAEncryption",
    "1.2.840.113549.1.1.14": "sha224WithRSAEncryption",
    "1.2.840.10040.4.3": "dsaWithSHA1",
    "2.16.840.1.101.3.4.3.1": "dsa_with_SHA224",
    "2.16.840.1.101.3.4.3.2": "dsa_with_SHA256",
    "1.2.840.10045.4.1": "ecdsa-with-SHA1",
    "1.2.840.10045.4.3.1": "ecdsa-with-SHA224",
    "1.2.840.10045.4.3.2": "ecdsa-with-SHA256",
    "1.2.840.10045.4.3.3": "ecdsa-with-SHA384",
    "1.2.840.10045.4.3.4": "ecdsa-with-SHA512",
    "1.3.101.112": "ED25519",
    "1.3.101.113": "ED448",
    "2.16.840.1.101.3.4.3.17": "ML-DSA-44",
    "2.16.840.1.101.3.4.3.18": "ML-DSA-65",
    "2.16.840.1.101.3.4.3.19": "ML-DSA-87",
}
"""The names that openssl prints."""
_PSS = "1.2.840.113549.1.1.10"
_DIGESTS = {
    "1.2.840.113549.2.5": "md5",
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "2.16.840.1.101.3.4.2.4": "sha224",
}
KEYS = {
    "1.2.840.113549.1.1.1": "RSA",
    _PSS: "RSA-PSS",
    "1.2.840.10040.4.1": "DSA",
    "1.2.840.10045.2.1": "EC",
    "1.3.101.112": "ED25519",
    "1.3.101.113": "ED448",
    "2.16.840.1.101.3.4.3.17": "ML-DSA-44",
    "2.16.840.1.101.3.4.3.18": "ML-DSA-65",
    "2.16.840.1.101.3.4.3.19": "ML-DSA-87",
}
_FIXED_BITS = {"ED25519": 256, "ED448": 456}
_CURVES = {
    "1.2.840.10045.3.1.1": ("secp192r1", 192, 19),
    "1.2.840.10045.3.1.7": ("secp256r1", 256, 23),
    "1.3.132.0.8": ("secp160r1", 160, 16),
    "1.3.132.0.9": ("secp160k1", 160, 15),
    "1.3.132.0.10": ("secp256k1", 256, 22),
    "1.3.132.0.26": ("sect233k1", 233, 6),
    "1.3.132.0.27": ("sect233r1", 233, 7),
    "1.3.132.0.30": ("secp160r2", 160, 17),
    "1.3.132.0.31": ("secp192k1", 192, 18),
    "1.3.132.0.32": ("secp224k1", 224, 20),
    "1.3.132.0.33": ("secp224r1", 224, 21),
    "1.3.132.0.34": ("secp384r1", 384, 24),
    "1.3.132.0.35": ("secp521r1", 521, 25),
    "1.3.132.0.1": ("sect163k1", 163, 1),
    "1.3.132.0.15": ("sect163r2", 163, 3),
    "1.3.132.0.16": ("sect283k1", 283, 9),
    "1.3.132.0.17": ("sect283r1", 283, 10),
    "1.3.36.3.3.2.8.1.1.7": ("brainpoolP256r1", 256, 26),
    "1.3.36.3.3.2.8.1.1.11": ("brainpoolP384r1", 384, 27),
    "1.3.36.3.3.2.8.1.1.13": ("brainpoolP512r1", 512, 28),
}
"""Object identifier -> name, bits, and its code point as a group."""
_NAME_PARTS = {
    "2.5.4.3": "CN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "street",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "1.2.840.113549.1.9.1": "emailAddress",
    "0.9.2342.19200300.100.1.25": "DC",
}
_USAGES = (
    "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement", "keyCertSign",
    "cRLSign", "encipherOnly", "decipherOnly",
)  # fmt: skip
_PURPOSES = {
    "1.3.6.1.5.5.7.3.1": "serverAuth",
    "1.3.6.1.5.5.7.3.2": "clientAuth",
    "1.3.6.1.5.5.7.3.3": "codeSigning",
    "1.3.6.1.5.5.7.3.4": "emailProtection",
    "1.3.6.1.5.5.7.3.8": "timeStamping",
    "1.3.6.1.5.5.7.3.9": "OCSPSigning",
    "2.5.29.37.0": "anyExtendedKeyUsage",
}
PUBLIC_POLICIES = ("2.23.140.1.1", "2.23.140.1.2.1", "2.23.140.1.2.2", "2.23.140.1.2.3")
"""Every certificate that a public authority makes for a server names one of these (CA/Browser Forum, BR 7.1.6.1)."""
MAX_NAMES = 500


@dataclass(slots=True)
class Certificate:
    """What one certificate says about itself. None: this field cannot be read. Empty: it is not there."""

    sha256: str
    sha1: str
    size_bytes: int
    version: int | None = None
    serial: str | None = None
    """Hexadecimal, upper case; with a minus where it is negative."""
    subject: str | None = None
    issuer: str | None = None
    subject_parts: dict[str, str] | None = None
    issuer_parts: dict[str, str] | None = None
    raw_subject: bytes | None = None
    raw_issuer: bytes | None = None
    not_before_s: int | None = None
    not_after_s: int | None = None
    signature_oid: str | None = None
    signature: str | None = None
    key_kind: str | None = None
    key_bits: int | None = None
    key_exponent: int | None = None
    """Of RSA; -1 for one that does not fit 63 bits."""
    curve: str | None = None
    """Of EC; `written out` for explicit parameters."""
    key_sha256: str | None = None
    """Of the whole SubjectPublicKeyInfo."""
    dns_names: tuple[str, ...] | None = None
    ip_names: tuple[str, ...] | None = None
    other_names: tuple[str, ...] | None = None
    is_ca: bool | None = None
    path_length: int | None = None
    key_usage: str | None = None
    purposes: str | None = None
    subject_key_id: str | None = None
    authority_key_id: str | None = None
    policies: tuple[str, ...] | None = None
    ocsp_urls: tuple[str, ...] | None = None
    issuer_urls: tuple[str, ...] | None = None
    crl_urls: tuple[str, ...] | None = None
    must_staple: bool | None = None
    sct_count: int | None = None
    """Signed timestamps of transparency logs in the certificate itself."""
    problems: tuple[str, ...] = ()
    """The names of fields that could not be read."""

    @property
    def self_issued(self) -> bool | None:
        """Subject and issuer are the same, and the key identifiers do not say otherwise."""
        if self.raw_subject is None or self.raw_issuer is None:
            return None
        if self.raw_subject != self.raw_issuer:
            return False
        return not self.subject_key_id or not self.authority_key_id or self.subject_key_id == self.authority_key_id

    def issued_by(self, other: Certificate) -> bool | None:
        """Whether the other one is its issuer by name and key identifier."""
        if self.raw_issuer is None or other.raw_subject is None:
            return None
        if self.raw_issuer != other.raw_subject:
            return False
        return not self.authority_key_id or not other.subject_key_id or self.authority_key_id == other.subject_key_id


def read(data: bytes) -> Certificate:
    """Read what can be read. Never raises."""
    found = Certificate(hashlib.sha256(data).hexdigest(), hashlib.sha1(data).hexdigest(), len(data))  # noqa: S324  # a fingerprint
    problems: list[str] = []

    def attempt(name: str, make: Callable[[], T]) -> T | None:
        try:
            return make()
        except (ValueError, IndexError, OverflowError, UnicodeError):
            problems.append(name)
            return None

    fields = attempt("structure", lambda: _fields(data))
    if fields is not None:
        _plain(found, fields, attempt)
        extensions = attempt("extensions", lambda: _extensions(fields.get("extensions")))
        if extensions is not None:
            _extended(found, extensions, attempt)
    found.problems = tuple(problems)
    return found


def curve_of(data: bytes) -> int | None:
    """The group of the key of an EC certificate."""
    found = read(data)
    return next((code for name, _, code in _CURVES.values() if name == found.curve), None)


Attempt = Callable[[str, Callable[[], T]], "T | None"]


def _fields(data: bytes) -> dict[str, bytes]:
    whole = der.Reader(data).enter()
    body = whole.enter()
    found = {"signature": whole.raw()}
    if body.peek() == 0xA0:
        found["version"] = body.take(0xA0)
    found["serial"] = body.take(0x02)
    body.raw()
    for name in ("issuer", "validity", "subject", "key"):
        found[name] = body.raw()
    while body.more():
        tag, value = body.any()
        if tag == 0xA3:
            found["extensions"] = value
    return found


def _plain(found: Certificate, fields: dict[str, bytes], attempt: Attempt[Any]) -> None:
    version = fields.get("version")
    found.version = attempt("version", lambda: 1 if version is None else 1 + _int(der.Reader(version).take(0x02)))
    found.serial = attempt("serial", lambda: _serial(fields["serial"]))
    found.raw_subject, found.raw_issuer = fields["subject"], fields["issuer"]
    subject = attempt("subject", lambda: _name(fields["subject"]))
    issuer = attempt("issuer", lambda: _name(fields["issuer"]))
    if subject is not None:
        found.subject, found.subject_parts = subject
    if issuer is not None:
        found.issuer, found.issuer_parts = issuer
    dates = attempt("dates", lambda: list(der.parts(fields["validity"])))
    if dates is not None:
        found.not_before_s = attempt("valid_from", lambda: der.time_s(*dates[0]))
        found.not_after_s = attempt("valid_to", lambda: der.time_s(*dates[1]))
    found.signature_oid = attempt("signature", lambda: der.oid(der.Reader(fields["signature"]).enter().take(0x06)))
    found.signature = attempt("signature", lambda: _signature(fields["signature"]))
    found.key_sha256 = hashlib.sha256(fields["key"]).hexdigest()
    _key(found, fields["key"], attempt)


def _key(found: Certificate, raw: bytes, attempt: Attempt[Any]) -> None:
    def algorithm() -> der.Reader:
        return der.Reader(raw).enter().enter()

    oid = attempt("key", lambda: der.oid(algorithm().take(0x06)))
    if oid is None:
        return
    found.key_kind = KEYS.get(oid, oid)
    found.key_bits = _FIXED_BITS.get(found.key_kind)
    if found.key_kind in ("RSA", "RSA-PSS"):
        numbers = attempt("key_bits", lambda: _rsa(raw))
        if numbers is not None:
            found.key_bits, found.key_exponent = numbers
    elif found.key_kind == "EC":
        curve = attempt("curve", lambda: _curve(algorithm()))
        if curve is not None:
            found.curve, found.key_bits = curve
    elif found.key_kind == "DSA":
        found.key_bits = attempt("key_bits", lambda: _dsa_bits(algorithm()))


def _rsa(raw: bytes) -> tuple[int, int]:
    key = der.Reader(raw).enter()
    key.raw()
    numbers = der.Reader(key.take(0x03)[1:]).enter()
    modulus, exponent = _int(numbers.take(0x02)), _int(numbers.take(0x02))
    if modulus <= 0:
        raise ValueError("no modulus")
    return modulus.bit_length(), exponent if 0 <= exponent < 1 << 63 else -1


def _curve(algorithm: der.Reader) -> tuple[str, int | None]:
    algorithm.raw()
    tag, value = algorithm.any()
    if tag == 0x06:
        name, bits, _ = _CURVES.get(der.oid(value), (der.oid(value), None, 0))
        return name, bits
    if tag != 0x30:
        raise ValueError("no curve")
    written = der.Reader(value)
    written.take(0x02)
    kind, number = [part for _, part in der.parts(written.raw())][:2]
    if der.oid(kind) != "1.2.840.10045.1.1":
        return "written out", None
    return "written out", _int(number).bit_length()


def _dsa_bits(algorithm: der.Reader) -> int:
    algorithm.raw()
    return _int(algorithm.enter().take(0x02)).bit_length()


def _int(value: bytes) -> int:
    if not value or len(value) > 4096:
        raise ValueError("no number")
    return int.from_bytes(value, "big", signed=True)


def _serial(value: bytes) -> str:
    number = int.from_bytes(value[:64], "big", signed=True)
    digits = f"{abs(number):X}"
    return ("-" if number < 0 else "") + ("0" if len(digits) % 2 else "") + digits


def _name(raw: bytes) -> tuple[str, dict[str, str]]:
    """A name as `C=PK, O=Example, CN=host`, and its parts by kind; the last one of a kind counts."""
    shown: list[str] = []
    found: dict[str, str] = {}
    for _, group in der.parts(raw, limit=100):
        pairs = der.Reader(group)
        while pairs.more() and len(shown) < 100:
            pair = pairs.enter()
            oid = der.oid(pair.take(0x06))
            value = der.text(*pair.any())
            kind = _NAME_PARTS.get(oid, oid)
            found[kind] = value
            shown.append(f"{kind}={value}")
    return ", ".join(shown), found


def _signature(raw: bytes) -> str:
    reader = der.Reader(raw).enter()
    oid = der.oid(reader.take(0x06))
    if oid != _PSS:
        return SIGNATURES.get(oid, oid)
    digest = "sha1"  # the default of RFC 4055
    if reader.peek() == 0x30:
        inner = reader.enter()
        if inner.peek() == 0xA0:
            found = der.oid(inner.enter(0xA0).enter().take(0x06))
            digest = _DIGESTS.get(found, found)
    return f"{digest}-rsassaPss"


# ---------------------------------------------------------------- extensions


def _extensions(value: bytes | None) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for _, one in der.parts(value or b"\x30\x00", limit=200):
        reader = der.Reader(one)
        oid = der.oid(reader.take(0x06))
        reader.optional(0x01)
        found.setdefault(oid, reader.take(0x04))
    return found


def _extended(found: Certificate, extensions: dict[str, bytes], attempt: Attempt[Any]) -> None:
    def of(name: str, oid: str, make: Callable[[bytes], Any], missing: Any) -> Any:
        value = extensions.get(oid)
        return missing if value is None else attempt(name, lambda: make(value))

    names = of("names", "2.5.29.17", _names, ((), (), ()))
    if names is not None:
        found.dns_names, found.ip_names, found.other_names = names
    basic = of("basic_constraint", "2.5.29.19", _basic, (False, None))
    if basic is not None:
        found.is_ca, found.path_length = basic
    found.key_usage = of("key_usage", "2.5.29.15", _usage, "")
    found.purposes = of("extended_key_usage", "2.5.29.37", _purposes, "")
    found.subject_key_id = of("subject_key_identifier", "2.5.29.14", lambda value: der.Reader(value).take(4).hex(), "")
    found.authority_key_id = of("authority_key_identifier", "2.5.29.35", _authority, "")
    found.policies = of("policies", "2.5.29.32", _policies, ())
    access = of("info_access", "1.3.6.1.5.5.7.1.1", _access, ((), ()))
    if access is not None:
        found.ocsp_urls, found.issuer_urls = access
    found.crl_urls = of("crl_distribution", "2.5.29.31", _crls, ())
    found.must_staple = of("must_staple", "1.3.6.1.5.5.7.1.24", lambda value: b"\x02\x01\x05" in value, missing=False)
    found.sct_count = of("scts", "1.3.6.1.4.1.11129.2.4.2", _scts, 0)


def _names(value: bytes) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    dns: list[str] = []
    addresses: list[str] = []
    others: list[str] = []
    for tag, one in der.parts(value, limit=MAX_NAMES):
        if tag == 0x82:
            dns.append(one.decode("ascii", "backslashreplace"))
        elif tag == 0x87:
            addresses.append(_address(one))
        elif tag in (0x81, 0x86):
            others.append(one.decode("ascii", "backslashreplace"))
        else:
            others.append(f"[{tag & 0x1F}]")
    return tuple(dns), tuple(addresses), tuple(others)


def _address(value: bytes) -> str:
    import ipaddress

    return str(ipaddress.ip_address(value)) if len(value) in (4, 16) else value.hex()


def _basic(value: bytes) -> tuple[bool, int | None]:
    inner = der.Reader(value).enter()
    ca = inner.optional(0x01)
    length = inner.optional(0x02)
    return ca is not None and ca != b"\x00", None if length is None else _int(length)


def _usage(value: bytes) -> str:
    bits = der.Reader(value).take(0x03)[1:]
    return ", ".join(
        name for at, name in enumerate(_USAGES) if at // 8 < len(bits) and bits[at // 8] & (0x80 >> at % 8)
    )


def _purposes(value: bytes) -> str:
    oids = [der.oid(one) for _, one in der.parts(value, limit=50)]
    return ", ".join(_PURPOSES.get(oid, oid) for oid in oids)


def _authority(value: bytes) -> str:
    inner = der.Reader(value).enter()
    return (inner.optional(0x80) or b"").hex()


def _policies(value: bytes) -> tuple[str, ...]:
    return tuple(der.oid(der.Reader(one).take(0x06)) for _, one in der.parts(value, limit=50))


def _access(value: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    ocsp: list[str] = []
    issuers: list[str] = []
    for _, one in der.parts(value, limit=50):
        reader = der.Reader(one)
        oid = der.oid(reader.take(0x06))
        tag, place = reader.any()
        if tag == 0x86:
            kind = {"1.3.6.1.5.5.7.48.1": ocsp, "1.3.6.1.5.5.7.48.2": issuers}.get(oid)
            if kind is not None:
                kind.append(place.decode("ascii", "backslashreplace"))
    return tuple(ocsp), tuple(issuers)


def _crls(value: bytes) -> tuple[str, ...]:
    found: list[str] = []
    for _, point in der.parts(value, limit=50):
        reader = der.Reader(point)
        name = reader.optional(0xA0)
        full = None if name is None else der.Reader(name).optional(0xA0)
        inner = der.Reader(full or b"")
        while inner.more():
            tag, place = inner.any()
            if tag == 0x86:
                found.append(place.decode("ascii", "backslashreplace"))
    return tuple(found)


def _scts(value: bytes) -> int:
    """How many there are in the list, RFC 6962 section 3.3."""
    data = der.Reader(value).take(0x04)
    if len(data) < 2 or int.from_bytes(data[:2], "big") != len(data) - 2:
        raise ValueError("not a list of timestamps")
    at, count = 2, 0
    while at < len(data):
        at += 2 + int.from_bytes(data[at : at + 2], "big")
        count += 1
    if at != len(data):
        raise ValueError("cut off")
    return count
