"""http_exchanges: the requests of one visit, and what came of each. Not in osquery (its `curl` follows redirects)."""

from __future__ import annotations

from typing import Iterator, NamedTuple
from urllib.parse import urlsplit

from secaudit.tableapi import Target, table
from secaudit.tables.network._addresses import class_of_literal
from secaudit.tables.network._text import charset_of, cut
from secaudit.tables.network._visit import Hop, check_visit, is_html, plan_visit, visit


class HttpExchange(NamedTuple):
    """One request."""

    number: int
    """In the order of the visit, from 1; 0 for one that was not sent, since its port is not known."""
    chain: str
    """http or https: how the visit began that this request belongs to."""
    hop: int
    """0 for the first of the chain."""
    url: str
    """Empty for one that was not sent."""
    scheme: str
    host: str
    address: str
    """Empty when no connection came about."""
    port: int
    method: str
    path: str
    outcome: str
    """`ok` when the head of an answer came; else refused, timeout, reset, unreachable, tls, empty, garbage, closed,
    endless, not_tried."""
    why: str
    status: int | None
    """NULL when no answer came."""
    reason: str | None
    version: str | None
    """1.0 or 1.1, as the answer says."""
    interim: str | None
    """Statuses of early answers such as 103, with commas."""
    content_type: str | None
    """Without its parameters, in lower case; empty when it was not sent."""
    charset: str | None
    is_html: int | None
    body_bytes: int | None
    """Of what was read, unpacked."""
    body_state: str | None
    """none, complete, cut, closed, timeout, reset, bad_chunk, undecodable, unknown_encoding."""
    location: str
    """Empty without a redirect, and when no answer came."""
    location_url: str
    location_scheme: str
    location_host: str
    location_address: str
    """loopback, private, link_local, metadata or public, when the redirect names an address; else empty."""
    location_kind: str
    """Empty: no redirect. same_host, other_host, other_scheme, other_port, invalid."""
    stopped_by: str
    """loop or limit, when a redirect to the same host was not followed."""
    next_number: int | None
    """The request that this one led to; NULL for none."""
    is_page: int
    """1 for the answer that a visitor of the named URL ends at."""
    tls_version: str
    tls_cipher: str
    alpn: str
    vantage: str
    """loopback, private or public: from where it was seen."""


@table(targets={"site"}, timeout_s=120.0, plan=plan_visit)
def http_exchanges(target: Target) -> Iterator[HttpExchange]:
    """Yield one row per request of the visit: the named URL over https and http, and the redirects on the same host.

    Raises:
        NotCovered: the consent does not reach to the site.
        Partial: requests are missing, since the host asked for a rest or a limit was reached.
    """
    seen = visit(target)
    for hop in seen.hops:
        yield _row(hop, seen.page, target.net.vantage)
    check_visit(seen)


def _row(hop: Hop, page: Hop | None, vantage: str) -> HttpExchange:
    found, reply = hop.exchange, hop.exchange.reply
    known = found.outcome == "ok"
    content_type = reply.one("content-type") or ""
    try:
        location = urlsplit(hop.location_url)
        scheme, host = location.scheme, location.hostname or ""
    except ValueError:
        scheme = host = ""
    return HttpExchange(
        number=hop.number,
        chain=hop.chain,
        hop=hop.hop,
        url=cut(found.url) if hop.number else "",
        scheme=found.scheme,
        host=found.host,
        address=found.address,
        port=found.port,
        method=found.method,
        path=cut(found.path),
        outcome=found.outcome,
        why=found.why,
        status=reply.status if known else None,
        reason=reply.reason if known else None,
        version=reply.version if known else None,
        interim=",".join(str(one.status) for one in reply.interims) if known else None,
        content_type=cut(content_type.split(";")[0].strip().lower(), 100) if known else None,
        charset=charset_of(content_type) if known else None,
        is_html=int(is_html(found)) if known else None,
        body_bytes=len(reply.body) if known else None,
        body_state=reply.body_state if known else None,
        location=hop.location,
        location_url=hop.location_url,
        location_scheme=cut(scheme, 40),
        location_host=cut(host, 300),
        location_address=class_of_literal(host),
        location_kind=hop.location_kind,
        stopped_by=hop.stopped_by,
        next_number=hop.next_number,
        is_page=int(page is not None and hop.number == page.number),
        tls_version=found.tls_version,
        tls_cipher=found.tls_cipher,
        alpn=found.alpn,
        vantage=vantage,
    )
