"""Rows about certificates, shared by the tables of what services show and of whom this machine trusts."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target
from secaudit.tables.host import _certplaces, _x509
from secaudit.tables.host._x509 import Certificate

FILE_LIMIT_BYTES = 4 * 1024 * 1024
MAX_IN_FILE = 2000


class CertificateRow(NamedTuple):
    """One certificate in one file."""

    common_name: str
    subject: str
    issuer: str
    ca: int
    """1 when it may sign others."""
    self_signed: int
    not_valid_before: int
    """Seconds since 1970 UTC."""
    not_valid_after: int
    signing_algorithm: str
    """As openssl names it: sha256WithRSAEncryption."""
    key_algorithm: str
    """rsaEncryption, id-ecPublicKey, ED25519 ..."""
    key_strength: int | None
    """Bits; NULL for an algorithm that is not known here."""
    key_usage: str
    subject_key_id: str
    authority_key_id: str
    serial: str
    names: str
    """Alternative names, separated by commas."""
    sha256: str
    """Fingerprint, as `openssl x509 -fingerprint -sha256` without colons and in lower case."""
    path: str
    number: int
    """Its place in the file, from 1."""
    origin: str
    """trust_store, local_trust (added to the trust store on this machine) or service."""
    is_vendor: int | None
    """Of trust_store: 1 when it came with the system; NULL when the system's own list is not there. 0 elsewhere."""
    used_by: str
    """nginx, apache or postfix when its settings name the file; '' otherwise."""
    key_path: str
    """Its private key, as far as the settings or the names of files tell; ''."""
    key_mode: int | None
    """NULL without a key, and when the key cannot be looked at."""
    key_mode_octal: str | None


def data_of(target: Target, path: str, unread: list[str]) -> bytes | None:
    try:
        return target.read_bytes(path, FILE_LIMIT_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        unread.append(path)
        return None


def certificates_of(data: bytes, path: str, unread: list[str]) -> Iterator[tuple[int, Certificate]]:
    for number, der in enumerate(_x509.certificates_in(data, MAX_IN_FILE), 1):
        try:
            yield number, _x509.parse(der)
        except (ValueError, IndexError, OverflowError):
            if path.endswith((".crt", ".cer", ".cert")) or b"CERTIFICATE" in data[:4096]:
                unread.append(f"{path} (damaged)")


def vendor_of(target: Target, unread: list[str]) -> set[str]:
    found: set[str] = set()
    for path in _certplaces.vendor_files(target, unread):
        data = data_of(target, path, unread)
        for der in _x509.certificates_in(data or b"", MAX_IN_FILE):
            found.add(_x509.fingerprint(der))
    return found


def key_of(target: Target, place: _certplaces.Place, data: bytes) -> str:
    """The file with the private key: as the settings say, in the same file, or beside it; '' when there is none."""
    return place.key or (place.path if _x509.PRIVATE.search(data) else _certplaces.key_beside(target, place.path))


def mode_of(target: Target, key: str) -> int | None:
    if not key:
        return None
    try:
        return target.stat(key).mode
    except OSError:
        return None


def row_of(
    found: Certificate,
    path: str,
    number: int,
    origin: str,
    vendor: int | None,
    used_by: str,
    key: str,
    mode: int | None,
) -> CertificateRow:
    return CertificateRow(
        common_name=found.common_name,
        subject=found.subject,
        issuer=found.issuer,
        ca=int(found.ca),
        self_signed=int(found.self_signed),
        not_valid_before=found.not_before_s,
        not_valid_after=found.not_after_s,
        signing_algorithm=found.signature,
        key_algorithm=found.key_kind,
        key_strength=found.key_bits,
        key_usage=found.key_usage,
        subject_key_id=found.subject_key_id,
        authority_key_id=found.authority_key_id,
        serial=found.serial,
        names=found.alternative_names,
        sha256=found.sha256,
        path=path,
        number=number,
        origin=origin,
        is_vendor=vendor,
        used_by=used_by,
        key_path=key,
        key_mode=mode,
        key_mode_octal=None if mode is None else f"{mode:04o}",
    )
