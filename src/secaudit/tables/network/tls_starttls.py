"""tls_starttls: plain protocols, and whether they go over to TLS. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.network import _tls_places


class Offer(NamedTuple):
    """One port that begins without encryption."""

    host: str
    address: str
    port: int
    protocol: str
    """smtp, imap, pop3, ftp, sieve, ldap, postgresql, mysql, xmpp-client, xmpp-server."""
    offered: int | None
    """1 when the server agreed to go over to TLS, 0 when it refused or does not offer it; NULL: it did not say."""
    greeting: str
    """What the server says first, cut."""
    detail: str
    """What it answered to the demand, cut."""


@table(targets={"site", "network", "domain"}, timeout_s=300.0, plan=_tls_places.plan)
def tls_starttls(target: Target) -> Iterator[Offer]:
    """Yield one row for each port whose protocol begins without TLS, as far as it is known by its port or greeting.

    Source: RFC 3207 (SMTP), RFC 2595 (IMAP, POP3), RFC 4217 (FTP), RFC 4511 (LDAP), RFC 6120 (XMPP).

    Raises:
        Absent: no port speaks TLS or such a protocol.
        Partial: some ports did not answer.
    """
    looked = _tls_places.visits(target)
    for one in looked.visits:
        if one.plain:
            offered = None if one.offered is None else int(one.offered)
            yield Offer(
                one.place.host, one.address, one.place.port, one.plain, offered, one.greeting[:300], one.detail[:300]
            )
    _tls_places.finish(looked)
