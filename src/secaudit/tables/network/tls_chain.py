"""tls_chain: how the certificates that a TLS port shows follow one another. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.protocols.tls import certificate
from secaudit.tableapi import Target, table
from secaudit.tables.network import _tls_places


class Link(NamedTuple):
    """One certificate of a chain."""

    host: str
    address: str
    port: int
    starttls: str
    position: int
    """0 is the server's own."""
    length: int
    """How many certificates the server sends."""
    subject: str | None
    issuer: str | None
    sha256: str
    issued_by_next: int | None
    """1 when the next one is its issuer by name and key identifier; 1 for the last one, too."""
    repeated: int
    """1 when the same certificate came before."""
    is_root: int | None
    """1 when it is self-signed."""
    is_ca: int | None
    valid_from: int | None
    """Seconds since 1970 UTC."""
    valid_to: int | None


@table(targets={"site", "network", "domain"}, timeout_s=300.0, plan=_tls_places.plan)
def tls_chain(target: Target) -> Iterator[Link]:
    """Yield the certificates in the order in which each server sends them.

    Source: RFC 5246 section 7.4.2 (each certifies the one before), RFC 8446 section 4.4.2.

    Raises:
        Absent: no port speaks TLS.
        Partial: some ports did not answer.
    """
    looked = _tls_places.speaking(target)
    for one in looked.visits:
        chain = [certificate.read(data) for data in one.chain]
        seen: set[str] = set()
        for position, found in enumerate(chain):
            last = position + 1 == len(chain)
            follows = True if last else found.issued_by(chain[position + 1])
            yield Link(
                one.place.host,
                one.address,
                one.place.port,
                one.plain,
                position,
                len(chain),
                None if found.subject is None else found.subject[:2000],
                None if found.issuer is None else found.issuer[:2000],
                found.sha256,
                None if follows is None else int(follows),
                int(found.sha256 in seen),
                None if found.self_issued is None else int(found.self_issued),
                None if found.is_ca is None else int(found.is_ca),
                found.not_before_s,
                found.not_after_s,
            )
            seen.add(found.sha256)
    _tls_places.finish(looked)
