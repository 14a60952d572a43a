"""certificates: what services show to prove who they are, and what was added to the trust store. As osquery's table."""

from __future__ import annotations

from typing import Iterator

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host import _certplaces, _certrows, _settings
from secaudit.tables.host._certrows import CertificateRow


@table(targets={"host", "root"})
def certificates(target: Target) -> Iterator[CertificateRow]:
    """Yield certificates in the folders of services or named by their settings, and local additions to the trust store.

    The whole trust store is in trusted_certificates. No signature and no revocation is checked.

    Source: RFC 5280.

    Raises:
        Absent: there are none.
        Partial: a folder or file could not be read, or is no certificate though its name says so.
    """
    unread: list[str] = []
    skipped = _certplaces.bundle_names(target)
    seen = 0
    for place in _certplaces.places(target, unread):
        data = None if place.path in skipped else _certrows.data_of(target, place.path, unread)
        if data is None:
            continue
        key = _certrows.key_of(target, place, data)
        mode = _certrows.mode_of(target, key)
        for number, found in _certrows.certificates_of(data, place.path, unread):
            seen += 1
            if number == 1 and place.origin == "service":
                yield _certrows.row_of(found, place.path, number, place.origin, 0, place.used_by, key, mode)
            else:
                yield _certrows.row_of(found, place.path, number, place.origin, 0, "", "", None)
    if not seen and not unread:
        raise Absent("no service has a certificate")
    _settings.finish(target, unread)
