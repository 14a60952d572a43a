"""Rows about certificates that a server shows, shared by the tables of the first and of the others."""

from __future__ import annotations

from typing import NamedTuple

from secaudit.protocols.tls import certificate
from secaudit.tables.network import _tls_places

CUT = 2000


class CertificateRow(NamedTuple):
    """One certificate. NULL: this field cannot be read; empty: it is not there."""

    hostname: str
    address: str
    port: int
    starttls: str
    position: int
    """0 is the server's own, the others are those that it sends along."""
    common_name: str | None
    organization: str | None
    organization_unit: str | None
    subject: str | None
    issuer: str | None
    issuer_common_name: str | None
    issuer_organization: str | None
    serial_number: str | None
    """Hexadecimal, as the openssl program prints it; with a minus where it is negative."""
    valid_from: int | None
    """Seconds since 1970 UTC."""
    valid_to: int | None
    sha256_fingerprint: str
    sha1_fingerprint: str
    version: int | None
    signature_algorithm: str | None
    """As openssl names it: sha256WithRSAEncryption; the number where it has no name here."""
    key_algorithm: str | None
    """RSA, RSA-PSS, EC, ED25519, ED448, DSA, ML-DSA-65; the number where it has no name here."""
    key_bits: int | None
    key_exponent: int | None
    """Of RSA."""
    curve: str | None
    """Of EC: secp256r1; `written out` where the parameters stand in the certificate."""
    key_sha256: str | None
    subject_alternative_names: str | None
    """DNS names and addresses, separated by spaces."""
    wildcards: int | None
    """How many of the names begin with a star."""
    basic_constraint: str | None
    """`CA:TRUE` or `CA:FALSE`, as openssl writes it."""
    is_ca: int | None
    key_usage: str | None
    extended_key_usage: str | None
    subject_key_identifier: str | None
    authority_key_identifier: str | None
    policies: str | None
    is_public: int | None
    """1 when its policy says that it was made under the rules for public authorities."""
    ocsp_urls: str | None
    issuer_urls: str | None
    crl_urls: str | None
    must_staple: int | None
    sct_count: int | None
    """Timestamps of transparency logs inside the certificate."""
    self_signed: int | None
    unreadable: str
    """The names of fields that cannot be read, separated by commas."""


def row_of(one: _tls_places.Visit, position: int, found: certificate.Certificate) -> CertificateRow:
    subject, issuer = found.subject_parts, found.issuer_parts
    names = None if found.dns_names is None else (*found.dns_names, *(found.ip_names or ()))
    return CertificateRow(
        hostname=one.place.host,
        address=one.address,
        port=one.place.port,
        starttls=one.plain,
        position=position,
        common_name=_part(subject, "CN"),
        organization=_part(subject, "O"),
        organization_unit=_part(subject, "OU"),
        subject=_cut(found.subject),
        issuer=_cut(found.issuer),
        issuer_common_name=_part(issuer, "CN"),
        issuer_organization=_part(issuer, "O"),
        serial_number=found.serial,
        valid_from=found.not_before_s,
        valid_to=found.not_after_s,
        sha256_fingerprint=found.sha256,
        sha1_fingerprint=found.sha1,
        version=found.version,
        signature_algorithm=found.signature,
        key_algorithm=found.key_kind,
        key_bits=found.key_bits,
        key_exponent=found.key_exponent,
        curve=found.curve,
        key_sha256=found.key_sha256,
        subject_alternative_names=None if names is None else " ".join(names)[:CUT],
        wildcards=None if names is None else sum(name.startswith("*") for name in names),
        basic_constraint=None if found.is_ca is None else "CA:TRUE" if found.is_ca else "CA:FALSE",
        is_ca=_flag(found.is_ca),
        key_usage=found.key_usage,
        extended_key_usage=found.purposes,
        subject_key_identifier=found.subject_key_id,
        authority_key_identifier=found.authority_key_id,
        policies=_words(found.policies),
        is_public=None
        if found.policies is None
        else int(any(name in certificate.PUBLIC_POLICIES for name in found.policies)),
        ocsp_urls=_words(found.ocsp_urls),
        issuer_urls=_words(found.issuer_urls),
        crl_urls=_words(found.crl_urls),
        must_staple=_flag(found.must_staple),
        sct_count=found.sct_count,
        self_signed=_flag(found.self_issued),
        unreadable=", ".join(found.problems),
    )


def _part(parts: dict[str, str] | None, kind: str) -> str | None:
    return None if parts is None else parts.get(kind, "")[:CUT]


def _cut(text: str | None) -> str | None:
    return None if text is None else text[:CUT]


def _words(words: tuple[str, ...] | None) -> str | None:
    return None if words is None else " ".join(words)[:CUT]


def _flag(value: bool | None) -> int | None:
    return None if value is None else int(value)
