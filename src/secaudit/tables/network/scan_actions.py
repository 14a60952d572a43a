"""scan_actions: everything that this audit sent, to whom, and what came of it: the other side can look it up."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table


class Row(NamedTuple):
    """One thing that was sent."""

    number: int
    """In the order in which things ended."""
    started_ms: int
    """Milliseconds since the audit began to look."""
    kind: str
    """http, tls, ssh, port, service or dns."""
    host: str
    """As the user named it, or the name that was asked for."""
    address: str
    """Where it was sent."""
    port: int
    what: str
    """`GET /`, `a TLS hello`, `TXT shop.example`."""
    level: str
    """passive: what every visitor does. active: more than that. intrusive: asked for by the id of its check."""
    outcome: str
    """ok, refused, timeout, reset, tls, unreachable, stopped; for DNS the reply code."""
    sent_bytes: int
    received_bytes: int


@table(targets={"site", "network", "domain"}, last=True)
def scan_actions(target: Target) -> Iterator[Row]:
    """Things sent by this audit."""
    for one in target.net.sent():
        yield Row(*one)
