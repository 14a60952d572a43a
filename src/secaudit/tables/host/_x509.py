"""Read X.509 certificates with the standard library: the fields that people ask about. No signature is checked.

Source: RFC 5280 (certificates), RFC 4055 and 8410 (algorithms), X.690 (DER), RFC 7468 (PEM).
"""

from __future__ import annotations

import base64
import binascii
import calendar
import hashlib
import re
from typing import Iterator, NamedTuple

_LABEL = rb"(?:X509 |TRUSTED )?CERTIFICATE-----"
PEM = re.compile(rb"-----BEGIN " + _LABEL + rb"\s*([A-Za-z0-9+/=\s]{1,200000})-----END " + _LABEL)
PRIVATE = re.compile(rb"-----BEGIN (?:[A-Z0-9]{1,12} ){0,2}PRIVATE KEY-----")

ALGORITHMS = {
    "1.2.840.113549.1.1.1": "rsaEncryption",
    "1.2.840.113549.1.1.2": "md2WithRSAEncryption",
    "1.2.840.113549.1.1.4": "md5WithRSAEncryption",
    "1.2.840.113549.1.1.5": "sha1WithRSAEncryption",
    "1.2.840.113549.1.1.10": "rsassaPss",
    "1.2.840.113549.1.1.11": "sha256WithRSAEncryption",
    "1.2.840.113549.1.1.12": "sha384WithRSAEncryption",
    "1.2.840.113549.1.1.13": "sha512WithRSAEncryption",
    "1.2.840.113549.1.1.14": "sha224WithRSAEncryption",
    "1.3.14.3.2.29": "sha1WithRSA",
    "1.2.840.10040.4.1": "dsaEncryption",
    "1.2.840.10040.4.3": "dsaWithSHA1",
    "2.16.840.1.101.3.4.3.1": "dsa_with_SHA224",
    "2.16.840.1.101.3.4.3.2": "dsa_with_SHA256",
    "1.2.840.10045.2.1": "id-ecPublicKey",
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

HASHES = {
    "1.2.840.113549.2.5": "md5",
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "2.16.840.1.101.3.4.2.4": "sha224",
}
CURVES = {
    "1.2.840.10045.3.1.1": 192,
    "1.2.840.10045.3.1.7": 256,
    "1.3.132.0.10": 256,
    "1.3.132.0.33": 224,
    "1.3.132.0.34": 384,
    "1.3.132.0.35": 521,
    "1.3.36.3.3.2.8.1.1.7": 256,
    "1.3.36.3.3.2.8.1.1.11": 384,
    "1.3.36.3.3.2.8.1.1.13": 512,
}
FIXED_BITS = {"ED25519": 256, "ED448": 456, "ML-DSA-44": 10496, "ML-DSA-65": 15616, "ML-DSA-87": 20736}
NAME_PARTS = {
    "2.5.4.3": "CN",
    "2.5.4.4": "SN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "street",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "title",
    "2.5.4.42": "GN",
    "2.5.4.97": "organizationIdentifier",
    "1.2.840.113549.1.9.1": "emailAddress",
    "0.9.2342.19200300.100.1.25": "DC",
    "0.9.2342.19200300.100.1.1": "UID",
}
USAGES = (
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
)


class Certificate(NamedTuple):
    """What one certificate says about itself."""

    subject: str
    issuer: str
    common_name: str
    serial: str
    """Hexadecimal, upper case, as openssl prints it."""
    not_before_s: int
    not_after_s: int
    signature: str
    key_kind: str
    key_bits: int | None
    """NULL for a kind or curve that is not known here."""
    ca: bool
    key_usage: str
    subject_key_id: str
    authority_key_id: str
    alternative_names: str
    self_signed: bool
    """Subject and issuer are the same, and the key identifiers do not say otherwise."""
    sha256: str


def certificates_in(data: bytes, limit: int) -> Iterator[bytes]:
    """The certificates of a file in DER, at most `limit`: all of a PEM file, or the one that a DER file is."""
    if data[:1] == b"\x30" and b"-----BEGIN" not in data[:200]:
        yield data
        return
    for count, match in enumerate(PEM.finditer(data)):
        if count >= limit:
            return
        try:
            yield base64.b64decode(match.group(1))
        except (binascii.Error, ValueError):
            yield b""  # damaged: the caller notices that it cannot be parsed


def parse(der: bytes) -> Certificate:
    """Read one certificate.

    Raises:
        ValueError: this is none, or it is damaged.
    """
    whole = _Reader(der, 0, len(der)).enter(0x30)
    end = whole.start_of_all + whole.length_of_all
    body = whole.enter(0x30)
    if body.peek() == 0xA0:
        body.skip()
    serial = body.take(0x02)
    body.skip()  # the signature algorithm, again below
    raw_issuer = body.raw()
    validity = body.enter(0x30)
    not_before, not_after = _time(validity), _time(validity)
    raw_subject = body.raw()
    key_kind, key_bits = _key(body.enter(0x30))
    extensions: dict[str, bytes] = {}
    while body.more():
        if body.peek() == 0xA3:
            extensions = _extensions(body.enter(0xA3).enter(0x30))
        else:
            body.skip()
    subject, common_name = _name(raw_subject)
    issuer, _ = _name(raw_issuer)
    own, parent = _key_id(extensions.get("2.5.29.14")), _authority(extensions.get("2.5.29.35"))
    return Certificate(
        subject=subject,
        issuer=issuer,
        common_name=common_name,
        serial=_serial(serial),
        not_before_s=not_before,
        not_after_s=not_after,
        signature=_signature(whole.enter(0x30)),
        key_kind=key_kind,
        key_bits=key_bits,
        ca=_is_ca(extensions.get("2.5.29.19")),
        key_usage=_usage(extensions.get("2.5.29.15")),
        subject_key_id=own,
        authority_key_id=parent,
        alternative_names=_alternatives(extensions.get("2.5.29.17")),
        self_signed=raw_subject == raw_issuer and (not own or not parent or own == parent),
        sha256=hashlib.sha256(der[:end]).hexdigest(),
    )


class _Reader:
    """One constructed value of DER; every length is checked against what is there."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self.data = data
        self.at = start
        self.end = end
        self.start_of_all = start
        self.length_of_all = 0

    def more(self) -> bool:
        return self.at < self.end

    def peek(self) -> int:
        if self.at >= self.end:
            raise ValueError("cut off")
        return self.data[self.at]

    def _head(self) -> tuple[int, int, int]:
        """Tag, where the value begins, where it ends."""
        at = self.at
        if at + 2 > self.end:
            raise ValueError("cut off")
        tag, length = self.data[at], self.data[at + 1]
        at += 2
        if length & 0x80:
            count = length & 0x7F
            if count == 0 or count > 4 or at + count > self.end:
                raise ValueError("a length that is not DER")
            length = int.from_bytes(self.data[at : at + count], "big")
            at += count
        if at + length > self.end:
            raise ValueError("cut off")
        return tag, at, at + length

    def skip(self) -> None:
        self.at = self._head()[2]

    def raw(self) -> bytes:
        """The next value with its tag and length."""
        start = self.at
        self.skip()
        return self.data[start : self.at]

    def any(self) -> tuple[int, bytes]:
        tag, start, end = self._head()
        self.at = end
        return tag, self.data[start:end]

    def take(self, wanted: int) -> bytes:
        tag, value = self.any()
        if tag != wanted:
            raise ValueError("another kind of value was expected")
        return value

    def enter(self, wanted: int) -> _Reader:
        tag, start, end = self._head()
        if tag != wanted:
            raise ValueError("another kind of value was expected")
        inner = _Reader(self.data, start, end)
        inner.start_of_all, inner.length_of_all = self.at, end - self.at
        self.at = end
        return inner


def _serial(value: bytes) -> str:
    """Whole bytes in hexadecimal, as openssl prints it; some old authorities have a negative one."""
    number = int.from_bytes(value[:64], "big", signed=True)
    text = f"{abs(number):X}"
    return ("-" if number < 0 else "") + ("0" if len(text) % 2 else "") + text


def _oid(value: bytes) -> str:
    if not value or len(value) > 40:
        raise ValueError("not an object identifier")
    first = min(value[0] // 40, 2)
    parts = [first, value[0] - 40 * first]
    number = 0
    for byte in value[1:]:
        number = (number << 7) | (byte & 0x7F)
        if not byte & 0x80:
            parts.append(number)
            number = 0
    return ".".join(map(str, parts))


def _time(reader: _Reader) -> int:
    """Seconds since 1970 of a UTCTime or GeneralizedTime, RFC 5280 4.1.2.5."""
    tag, value = reader.any()
    text = value.decode("ascii", "replace")
    if tag == 0x17:
        match = re.match(r"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?Z$", text)
        year = 0 if match is None else int(match.group(1)) + (1900 if int(match.group(1)) >= 50 else 2000)
    else:
        match = re.match(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:\.\d+)?Z$", text)
        year = 0 if match is None else int(match.group(1))
    if match is None:
        raise ValueError("not a time")
    month, day, hour, minute, second = (int(part or 0) for part in match.groups()[1:])
    if not (1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 61):
        raise ValueError("not a time")
    return calendar.timegm((year, month, day, hour, minute, second))


def _name(raw: bytes) -> tuple[str, str]:
    """A name as `C=PK, O=Example, CN=host`, in the order of the certificate; and its last common name."""
    shown: list[str] = []
    common = ""
    sets = _Reader(raw, 0, len(raw)).enter(0x30)
    while sets.more() and len(shown) < 100:
        pairs = sets.enter(0x31)
        while pairs.more():
            pair = pairs.enter(0x30)
            kind = _oid(pair.take(0x06))
            tag, value = pair.any()
            text = value.decode({0x1E: "utf-16-be", 0x1C: "utf-32-be", 0x14: "latin-1"}.get(tag, "utf-8"), "replace")
            if kind == "2.5.4.3":
                common = text
            shown.append(f"{NAME_PARTS.get(kind, kind)}={text}")
    return ", ".join(shown), common


def _signature(reader: _Reader) -> str:
    kind = _oid(reader.take(0x06))
    name = ALGORITHMS.get(kind, kind)
    if name != "rsassaPss":
        return name
    digest = "sha1"  # the default of RFC 4055
    if reader.more() and reader.peek() == 0x30:
        inner = reader.enter(0x30)
        if inner.more() and inner.peek() == 0xA0:
            found = _oid(inner.enter(0xA0).enter(0x30).take(0x06))
            digest = HASHES.get(found, found)
    return f"{digest}-rsassaPss"


def _key(reader: _Reader) -> tuple[str, int | None]:
    algorithm = reader.enter(0x30)
    kind = _oid(algorithm.take(0x06))
    name = ALGORITHMS.get(kind, kind)
    if name in FIXED_BITS:
        return name, FIXED_BITS[name]
    if name in ("rsaEncryption", "rsassaPss"):
        bits = reader.take(0x03)
        modulus = _Reader(bits, 1, len(bits)).enter(0x30).take(0x02)
        return name, int.from_bytes(modulus, "big").bit_length()
    if name == "id-ecPublicKey":
        tag, value = algorithm.any()
        return name, CURVES.get(_oid(value)) if tag == 0x06 else None
    if name == "dsaEncryption" and algorithm.more() and algorithm.peek() == 0x30:
        return name, int.from_bytes(algorithm.enter(0x30).take(0x02), "big").bit_length()
    return name, None


def _extensions(reader: _Reader) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    while reader.more() and len(found) < 100:
        one = reader.enter(0x30)
        kind = _oid(one.take(0x06))
        if one.peek() == 0x01:
            one.skip()
        found[kind] = one.take(0x04)
    return found


def _is_ca(value: bytes | None) -> bool:
    if value is None:
        return False
    inner = _Reader(value, 0, len(value)).enter(0x30)
    return inner.more() and inner.peek() == 0x01 and inner.take(0x01) != b"\x00"


def _usage(value: bytes | None) -> str:
    if value is None:
        return ""
    bits = _Reader(value, 0, len(value)).take(0x03)[1:]
    names = [
        name
        for number, name in enumerate(USAGES)
        if number // 8 < len(bits) and bits[number // 8] & (0x80 >> number % 8)
    ]
    return ", ".join(names)


def _key_id(value: bytes | None) -> str:
    return "" if value is None else _Reader(value, 0, len(value)).take(0x04).hex()


def _authority(value: bytes | None) -> str:
    if value is None:
        return ""
    inner = _Reader(value, 0, len(value)).enter(0x30)
    return inner.take(0x80).hex() if inner.more() and inner.peek() == 0x80 else ""


def _alternatives(value: bytes | None) -> str:
    if value is None:
        return ""
    names: list[str] = []
    inner = _Reader(value, 0, len(value)).enter(0x30)
    while inner.more() and len(names) < 200:
        tag, text = inner.any()
        if tag in (0x81, 0x82, 0x86):
            names.append(text.decode("ascii", "backslashreplace"))
        elif tag == 0x87 and len(text) == 4:
            names.append(".".join(map(str, text)))
    return ", ".join(names)


def fingerprint(der: bytes) -> str:
    """SHA-256 of the certificate alone, without what may follow it in a TRUSTED block."""
    try:
        whole = _Reader(der, 0, len(der))
        return hashlib.sha256(whole.raw()).hexdigest()
    except ValueError:
        return ""
