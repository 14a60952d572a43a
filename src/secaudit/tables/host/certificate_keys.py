"""certificate_keys: the private keys of the certificates that services use. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host import _certplaces, _certrows, _settings


class CertificateKey(NamedTuple):
    """One file with a private key."""

    path: str
    certificate: str
    """The file with its certificate."""
    mode: int
    mode_octal: str


@table(targets={"host", "root"})
def certificate_keys(target: Target) -> Iterator[CertificateKey]:
    """Yield one row per key file that settings of services name, that lies beside a certificate, or is in its file.

    Source: stat(2).

    Raises:
        Absent: there is none.
        Partial: a folder or file could not be looked at.
    """
    unread: list[str] = []
    skipped = _certplaces.bundle_names(target)
    seen: set[str] = set()
    for place in _certplaces.places(target, unread):
        data = None if place.path in skipped else _certrows.data_of(target, place.path, unread)
        if data is None:
            continue
        key = _certrows.key_of(target, place, data)
        if not key or key in seen or place.origin != "service":
            continue
        seen.add(key)
        try:
            mode = target.stat(key).mode
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            unread.append(key)
            continue
        yield CertificateKey(key, place.path, mode, f"{mode:04o}")
    if not seen and not unread:
        raise Absent("no certificate of a service has its key here")
    _settings.finish(target, unread)
