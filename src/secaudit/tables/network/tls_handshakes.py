"""tls_handshakes: what one visitor of each TLS port gets. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.network import _tls_places


class Handshake(NamedTuple):
    """One handshake with one port."""

    host: str
    address: str
    port: int
    starttls: str
    """The protocol that was spoken before TLS: smtp, imap, ftp ...; empty for TLS from the first byte."""
    version: str | None
    """SSLv3, TLSv1.0 to TLSv1.3; NULL when there was no handshake."""
    suite: str | None
    """As the TLS library of this machine names it."""
    suite_bits: int | None
    alpn: str | None
    """The application protocol that was agreed: h2, http/1.1; empty for none."""
    is_web: int
    """1 where the application protocols of the web were asked for: a site, or a usual port of one."""
    problem: str
    """Why something is missing; empty for a handshake that went well."""


@table(targets={"site", "network", "domain"}, timeout_s=300.0, plan=_tls_places.plan)
def tls_handshakes(target: Target) -> Iterator[Handshake]:
    """Yield one row for each port that speaks TLS, also after STARTTLS.

    Source: RFC 8446, RFC 5246.

    Raises:
        Absent: no port speaks TLS.
        Partial: some ports did not answer.
    """
    looked = _tls_places.speaking(target)
    for one in looked.visits:
        if one.speaks_tls:
            shake = one.shake
            yield Handshake(
                one.place.host,
                one.address,
                one.place.port,
                one.plain,
                "TLSv1.0" if shake.version == "TLSv1" else shake.version,
                shake.suite,
                shake.suite_bits,
                shake.alpn,
                int(one.place.web),
                one.problem,
            )
    _tls_places.finish(looked)
