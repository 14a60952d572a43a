"""certificates: whom this machine trusts, and what its services show to prove who they are. As osquery's table."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, NotRegular, Target, TooLarge, table
from secaudit.tables.host import _certplaces, _settings, _x509
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


@table(targets={"host", "root"})
def certificates(target: Target) -> Iterator[CertificateRow]:
    """Yield the trust store, local additions to it, and certificates in the folders of services or named by them.

    No signature and no revocation is checked.

    Source: RFC 5280; update-ca-certificates(8), update-ca-trust(8).

    Raises:
        Absent: there are none.
        Partial: a folder or file could not be read, or is no certificate though its name says so.
    """
    unread: list[str] = []
    bundle = _certplaces.bundle(target)
    skipped = {bundle}
    if bundle:
        try:
            skipped.add(target.realpath(bundle))
        except OSError:
            pass
    rows: list[CertificateRow] = []
    for place in _certplaces.places(target, unread):
        if place.path in skipped:
            continue
        data = _data(target, place.path, unread)
        if data is None:
            continue
        key = place.key or (place.path if _x509.PRIVATE.search(data) else _certplaces.key_beside(target, place.path))
        mode = _mode(target, key)
        for number, found in _certificates(data, place.path, unread):
            first = number == 1 and place.origin == "service"
            shown = (key, mode) if first else ("", None)
            rows.append(_row(found, place.path, number, place.origin, 0, place.used_by if first else "", *shown))
    yield from rows
    if not rows and not bundle and not unread:
        raise Absent("there is no trust store and no certificate")
    if bundle:
        data = _data(target, bundle, unread)
        vendor = _vendor(target, unread)
        for number, found in _certificates(data or b"", bundle, unread):
            known = None if not vendor else int(found.sha256 in vendor)
            yield _row(found, bundle, number, "trust_store", known, "", "", None)
    _settings.finish(target, unread)


def _data(target: Target, path: str, unread: list[str]) -> bytes | None:
    try:
        return target.read_bytes(path, FILE_LIMIT_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (NotRegular, TooLarge, OSError):
        unread.append(path)
        return None


def _certificates(data: bytes, path: str, unread: list[str]) -> Iterator[tuple[int, Certificate]]:
    for number, der in enumerate(_x509.certificates_in(data, MAX_IN_FILE), 1):
        try:
            yield number, _x509.parse(der)
        except (ValueError, IndexError, OverflowError):
            if path.endswith((".crt", ".cer", ".cert")) or b"CERTIFICATE" in data[:4096]:
                unread.append(f"{path} (damaged)")


def _vendor(target: Target, unread: list[str]) -> set[str]:
    found: set[str] = set()
    for path in _certplaces.vendor_files(target, unread):
        data = _data(target, path, unread)
        for der in _x509.certificates_in(data or b"", MAX_IN_FILE):
            found.add(_x509.fingerprint(der))
    return found


def _mode(target: Target, key: str) -> int | None:
    if not key:
        return None
    try:
        return target.stat(key).mode
    except OSError:
        return None


def _row(
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
