"""trusted_certificates: the authorities that this machine trusts. Rows as in `certificates`, in osquery one table."""

from __future__ import annotations

from typing import Iterator

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host import _certplaces, _certrows, _settings
from secaudit.tables.host._certrows import CertificateRow


@table(targets={"host", "root"})
def trusted_certificates(target: Target) -> Iterator[CertificateRow]:
    """Yield what was added to the trust store on this machine, then all that the trust store holds.

    A table of its own, because every user can read it, and the folders of services only root.

    Source: update-ca-certificates(8), update-ca-trust(8).

    Raises:
        Absent: there is no trust store.
        Partial: a folder or file could not be read, or holds something else.
    """
    unread: list[str] = []
    for place in _certplaces.local_trust(target, unread):
        data = _certrows.data_of(target, place.path, unread)
        for number, found in _certrows.certificates_of(data or b"", place.path, unread):
            yield _certrows.row_of(found, place.path, number, place.origin, 0, "", "", None)
    bundle = _certplaces.bundle(target)
    if not bundle and not unread:
        raise Absent("there is no trust store")
    if bundle:
        data = _certrows.data_of(target, bundle, unread)
        vendor = _certrows.vendor_of(target, unread)
        for number, found in _certrows.certificates_of(data or b"", bundle, unread):
            known = None if not vendor else int(found.sha256 in vendor)
            yield _certrows.row_of(found, bundle, number, "trust_store", known, "", "", None)
    _settings.finish(target, unread)
