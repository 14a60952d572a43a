"""tls_protocols: which versions of SSL and TLS each port speaks. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.protocols.tls import hello
from secaudit.tableapi import Target, table
from secaudit.tables.network import _tls_places, _tls_surveys


class Version(NamedTuple):
    """One version at one port."""

    host: str
    address: str
    port: int
    starttls: str
    protocol: str
    """SSLv2, SSLv3, TLSv1.0, TLSv1.1, TLSv1.2, TLSv1.3."""
    number: int
    """To compare: 2 for SSLv2, 768 for SSLv3, 769 to 772 for TLS 1.0 to 1.3."""
    offered: int | None
    """NULL: the server did not answer, so nobody knows. A timeout is never a no."""
    answer: str
    """What it said: hello, the name of an alert, closed, reset, timeout."""
    suites: int | None
    """How many suites it speaks in this version; NULL when the list is not complete."""
    server_order: int | None
    """1 when the server picks by its own order, 0 by the client's; NULL: not known, or there is only one suite."""


@table(targets={"site", "network", "domain"}, timeout_s=600.0, plan=_tls_places.plan_survey)
def tls_protocols(target: Target) -> Iterator[Version]:
    """Yield six rows for each port that speaks TLS. It asks with hellos of its own, whatever this machine can speak.

    Source: RFC 8446, RFC 5246, RFC 4346, RFC 2246, RFC 6101.

    Raises:
        NotCovered: this was not asked for (--active).
        Absent: no port speaks TLS.
        Partial: some ports did not answer.
    """
    known = _tls_surveys.surveys(target)
    for visit, found in known.places:
        for code, one in sorted(found.versions.items()):
            yield Version(
                visit.place.host,
                visit.address,
                visit.place.port,
                visit.plain,
                hello.VERSIONS[code],
                code,
                None if one.offered is None else int(one.offered),
                one.how,
                len(one.suites) if one.complete or one.offered is False else None,
                None if one.server_order is None else int(one.server_order),
            )
    _tls_surveys.finish(known, [])
