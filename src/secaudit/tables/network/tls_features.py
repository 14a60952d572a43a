"""tls_features: how each port behaves in a handshake, beside versions and suites. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.protocols.tls import groups, hello
from secaudit.tableapi import Target, table
from secaudit.tables.network import _tls_places, _tls_surveys
from secaudit.tables.network._tls_surveys import Surveyed

DOWNGRADE = (b"DOWNGRD\x00", b"DOWNGRD\x01")
"""The last bytes of the random value, RFC 8446 section 4.1.3."""


class Features(NamedTuple):
    """One port. What TLS 1.3 has by itself is told for the highest version before it; NULL where that is not known."""

    host: str
    address: str
    port: int
    starttls: str
    version: str | None
    """The highest version before TLS 1.3, which most of the row is about; empty when only TLS 1.3 is spoken."""
    has_tls13: int | None
    versions: int | None
    """How many versions are spoken."""
    secure_renegotiation: int | None
    """The renegotiation_info extension, RFC 5746."""
    extended_master_secret: int | None
    """RFC 7627."""
    compression: int | None
    """1 when it agreed to compress."""
    fallback_scsv: int | None
    """1 when it sends away a client that comes back with a lower version, RFC 7507; NULL with one version only."""
    stapling: int | None
    """1 when it sent the state of its certificate along (OCSP)."""
    session_tickets: int | None
    heartbeat: int | None
    downgrade_mark: int | None
    """1 when its hello of an older version tells that it can do TLS 1.3; NULL without TLS 1.3."""
    alpn: str | None
    """The application protocol that one visitor got: h2, http/1.1; empty for none. NULL: not asked or no handshake."""
    signature: str | None
    """The scheme that signed its key exchange in TLS 1.2; empty when there was none."""
    connections: int
    """How many connections were made to find all this out."""


@table(targets={"site", "network", "domain"}, timeout_s=600.0, plan=_tls_places.plan_survey)
def tls_features(target: Target) -> Iterator[Features]:
    """Yield one row for each port that speaks TLS.

    Source: RFC 5746, RFC 7507, RFC 7627, RFC 6066, RFC 5077, RFC 6520, RFC 7301, RFC 8446.

    Raises:
        NotCovered: this was not asked for (--active).
        Absent: no port speaks TLS.
        Partial: some ports did not answer.
    """
    known = _tls_surveys.surveys(target)
    for one in known.places:
        yield _row(one)
    _tls_surveys.finish(known, [])


def _row(one: Surveyed) -> Features:
    visit, found = one.visit, one.found
    best = found.best_old
    first = None if best is None else best.first
    offered = [one.offered for one in found.versions.values()]
    tls13 = found.versions[hello.TLS13].offered
    unknown = best is None and any(
        found.versions[code].offered is None for code in (hello.TLS12, hello.TLS11, hello.TLS10)
    )
    has: dict[str, int | None] = dict.fromkeys(
        ("renegotiation", "master", "compression", "stapling", "tickets", "heart")
    )
    mark: int | None = None
    if first is not None and best is not None:
        kinds = first.extensions
        has = {
            "renegotiation": int(0xFF01 in kinds),
            "master": int(23 in kinds),
            "compression": int(first.compression != 0),
            "stapling": int(first.stapled) if first.done else None,
            "tickets": int(35 in kinds),
            "heart": int(15 in kinds),
        }
        mark = int(first.random[-8:] in DOWNGRADE) if tls13 else None
    signature = None if first is None or not first.done else groups.SIGNATURE_NAMES.get(first.signature or 0, "")
    return Features(
        host=visit.place.host,
        address=visit.address,
        port=visit.place.port,
        starttls=visit.plain,
        version=hello.VERSIONS[best.code] if best is not None else None if unknown else "",
        has_tls13=None if tls13 is None else int(tls13),
        versions=None if None in offered else sum(map(bool, offered)),
        secure_renegotiation=has["renegotiation"],
        extended_master_secret=has["master"],
        compression=has["compression"],
        fallback_scsv=None if found.fallback_scsv is None else int(found.fallback_scsv),
        stapling=has["stapling"],
        session_tickets=has["tickets"],
        heartbeat=has["heart"],
        downgrade_mark=mark,
        alpn=visit.shake.alpn if visit.place.web else None,
        signature=signature,
        connections=found.connections,
    )
