"""One visit to a site, made once in a run for all tables that tell about it: the URL over http and over https, and
where its redirects lead.
"""

from __future__ import annotations

from typing import Iterator, NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit

from secaudit.protocols.http import Exchange, Page, exchange, parse_set_cookie, path_of, read_page
from secaudit.protocols.http.exchange import DEFAULT_PORTS, url_of
from secaudit.tableapi import Absent, Failed, Net, Partial, Planned, Stopped, Target
from secaudit.tables.network._text import text_of

REDIRECTS = 5
"""Hops that are followed from each start."""
CONNECT_S = 10.0
"""For one request and its whole answer."""
PAGE_BYTES = 2 * 1024 * 1024
"""Of a page that are read; larger ones make the tables about it partial."""
FOLLOWED = "GET where a redirect leads"
"""Under which words such a request is written down: its path is known only then."""
_REDIRECTS = (301, 302, 303, 307, 308)


class Hop(NamedTuple):
    """One request of the visit."""

    number: int
    """From 1; 0 for one that was not sent."""
    chain: str
    """http or https: by which of the two the visit began."""
    hop: int
    """0 for the first of the chain."""
    exchange: Exchange
    location: str
    """The header as it was sent; empty without one."""
    location_url: str
    """As a whole URL."""
    location_kind: str
    """Empty: no redirect. same_host, other_host, other_scheme (neither http nor https), other_port (one that no web
    server uses), invalid."""
    stopped_by: str
    """Why a redirect was not followed although it leads to the same host: loop, limit or stopped; else empty."""
    next_number: int | None
    """The request that it led to."""


class Visit(NamedTuple):
    """What one visit showed."""

    hops: tuple[Hop, ...]
    page: Hop | None
    """The answer that a visitor of the named URL ends at."""
    no_page: str
    """Why there is none."""
    problem: str
    """Why requests are missing; empty when none is."""


def named_site(net: Net) -> tuple[SplitResult, str, int, str]:
    """The URL that the user named: its parts, scheme, port and path."""
    parts = urlsplit(net.url)
    return parts, parts.scheme, parts.port or DEFAULT_PORTS[parts.scheme], path_of(net.url)


def starts(net: Net) -> list[tuple[str, int | None]]:
    """The scheme and port of each of the two beginnings, https first; None where its port is not known.

    The other one of a URL with a port of its own is known only when the user named it.
    """
    _, scheme, port, _ = named_site(net)
    other = "http" if scheme == "https" else "https"
    named = [one for one in net.ports if one != port]
    other_port = DEFAULT_PORTS[other] if port == DEFAULT_PORTS[scheme] else (named[0] if named else None)
    ports = {scheme: port, other: other_port}
    return [(name, ports[name]) for name in ("https", "http")]


def plan_visit(net: Net) -> Iterator[Planned]:
    """What the visit may send."""
    _, _, _, path = named_site(net)
    for _, port in starts(net):
        if port is not None:
            yield Planned("http", net.hosts[0], port, f"GET {path}", 1, "passive")
            yield Planned("http", net.hosts[0], port, FOLLOWED, REDIRECTS, "passive")


def visit(target: Target) -> Visit:
    """The visit, made once in a run.

    Raises:
        NotCovered: the consent does not reach to the site.
        Unsupported: the target is not reached over a network.
    """
    return target.shared("http-visit", _make)


def page_of(target: Target) -> tuple[Hop, Page]:
    """The page that a visitor of the named URL sees, read once in a run.

    Raises:
        Failed: there is no page to look at.
        Absent: what came is no HTML.
    """
    return target.shared("http-page", _read)


def needs_page(seen: Visit) -> Hop:
    """The answer that a visitor ends at.

    Raises:
        Failed: there is none.
    """
    if seen.page is None:
        raise Failed(seen.no_page)
    return seen.page


def is_html(found: Exchange) -> bool:
    """Whether a browser would show it as a page."""
    kind = (found.reply.one("content-type") or "").split(";")[0].strip().lower()
    if kind:
        return kind in ("text/html", "application/xhtml+xml")
    return found.reply.body[:1000].lstrip()[:1] == b"<"


def check_complete(found: Exchange, page: Page | None = None) -> None:
    """Raise Partial when a part of the page was not seen: what is missing may hold anything."""
    state = found.reply.body_state
    if state == "cut" or (page is not None and page.cut):
        raise Partial("the page is larger than what is read of it")
    if state not in ("complete", "none"):
        raise Partial(f"the page could not be read to its end ({state.replace('_', ' ')})")


def check_visit(seen: Visit) -> None:
    """Raise Partial when requests of the visit are missing."""
    if seen.problem:
        raise Partial(seen.problem)


def _read(target: Target) -> tuple[Hop, Page]:
    hop = needs_page(visit(target))
    if not is_html(hop.exchange):
        raise Absent(f"{hop.exchange.url[:200]} is no HTML page")
    return hop, read_page(text_of(hop.exchange), hop.exchange.url)


def _make(target: Target) -> Visit:
    net = target.net
    _, scheme, _, path = named_site(net)
    traveller = _Traveller(net)
    for start, port in starts(net):
        if port is None:
            traveller.leave_out(start, path)
        else:
            traveller.travel(start, port, path)
    page, why = _page_of(traveller.hops, scheme)
    return Visit(tuple(traveller.hops), page, traveller.problem or why, traveller.problem)


class _Traveller:
    """Follows redirects on one host, and none to a URL that was asked for already."""

    def __init__(self, net: Net) -> None:
        self._net = net
        self._host = net.hosts[0]
        self._ports = {port for _, port in starts(net) if port is not None} | {80, 443}
        self.hops: list[Hop] = []
        self.problem = ""

    def leave_out(self, scheme: str, path: str) -> None:
        why = f"the {scheme} port of this site is not known, since the other one is not the usual; name it with --ports"
        missing = Exchange(scheme, self._host, "", 0, "GET", path, "not_tried", why)
        self.hops.append(Hop(0, scheme, 0, missing, "", "", "", "", None))

    def travel(self, chain: str, port: int, path: str) -> None:
        scheme, what, cookies = chain, f"GET {path}", {}  # type: tuple[str, str, dict[str, tuple[str, bool]]]
        for count in range(REDIRECTS + 1):
            headers = _cookie_header(cookies, scheme)
            try:
                found = exchange(
                    self._net,
                    self._host,
                    port,
                    scheme,
                    "GET",
                    path,
                    headers=headers,
                    what=what,
                    timeout_s=CONNECT_S,
                    limit_bytes=PAGE_BYTES,
                )
            except Stopped as stop:
                self.problem = self.problem or stop.reason
                return
            hop = self._hop(chain, count, found)
            self.hops.append(hop)
            if hop.location_kind != "same_host":
                return
            known = self._known(hop.location_url)
            if known is not None:
                loop = known.chain == chain
                self.hops[-1] = hop._replace(next_number=known.number, stopped_by="loop" if loop else "")
                return
            if count == REDIRECTS:
                self.hops[-1] = hop._replace(stopped_by="limit")
                return
            for text in found.reply.all("set-cookie")[:20]:
                cookie = parse_set_cookie(text)
                if cookie is not None and len(cookie.value) < 4096:
                    cookies[cookie.name] = (cookie.value, "secure" in cookie.attributes)
            parts = urlsplit(hop.location_url)
            scheme, path, what = parts.scheme, path_of(hop.location_url), FOLLOWED
            port = parts.port or DEFAULT_PORTS[scheme]
            self.hops[-1] = hop._replace(next_number=len([one for one in self.hops if one.number]) + 1)

    def _known(self, url: str) -> Hop | None:
        wanted = _plain(url)
        return next((hop for hop in self.hops if hop.number and _plain(hop.exchange.url) == wanted), None)

    def _hop(self, chain: str, count: int, found: Exchange) -> Hop:
        number = len([hop for hop in self.hops if hop.number]) + 1
        location = found.reply.one("location") or ""
        if found.outcome != "ok" or found.reply.status not in _REDIRECTS or not location:
            return Hop(number, chain, count, found, location[:2000], "", "", "", None)
        try:
            url = urljoin(found.url, location.strip())
            parts = urlsplit(url)
            kind = self._kind(parts)
        except ValueError:
            url, kind = location, "invalid"
        return Hop(number, chain, count, found, location[:2000], url[:2000], kind, "", None)

    def _kind(self, parts: SplitResult) -> str:
        if parts.scheme not in DEFAULT_PORTS:
            return "other_scheme"
        if not parts.hostname:
            return "invalid"
        if parts.hostname.rstrip(".") != self._host.lower().rstrip("."):
            return "other_host"
        port = parts.port or DEFAULT_PORTS[parts.scheme]
        return "same_host" if port in self._ports or port >= 1024 else "other_port"


def _plain(url: str) -> str:
    parts = urlsplit(url)
    return url_of(
        parts.scheme, (parts.hostname or "").rstrip("."), parts.port or DEFAULT_PORTS.get(parts.scheme, 0), path_of(url)
    )


def _cookie_header(cookies: dict[str, tuple[str, bool]], scheme: str) -> list[tuple[str, str]]:
    """What a browser would send back; some sites redirect for ever without."""
    pairs = [f"{name}={value}" for name, (value, secure) in cookies.items() if scheme == "https" or not secure]
    text = "; ".join(pairs)
    return [("Cookie", text)] if text and not any(char in text for char in "\r\n\0") else []


def _page_of(hops: list[Hop], scheme: str) -> tuple[Hop | None, str]:
    by_number = {hop.number: hop for hop in hops if hop.number}
    hop = next((one for one in hops if one.chain == scheme and one.hop == 0 and one.number), None)
    seen = set()
    while hop is not None and hop.next_number in by_number and hop.number not in seen:
        seen.add(hop.number)
        hop = by_number[hop.next_number or 0]
    if hop is None:
        return None, "the site was not asked"
    found, status = hop.exchange, hop.exchange.reply.status
    if found.outcome != "ok":
        why = ": ".join(filter(None, (found.outcome, found.why)))
        return None, f"{found.url[:200]} gave no answer that can be read ({why})"
    if hop.stopped_by == "loop" or hop.number in seen:
        return None, f"the redirects of {found.url[:200]} go round in a circle"
    if hop.stopped_by == "limit":
        return None, f"there are more than {REDIRECTS} redirects"
    if hop.location_kind == "other_host":
        return None, f"{found.url[:200]} leads to {hop.location_url[:200]}, another host: audit that one instead"
    if hop.location_kind:
        return None, f"{found.url[:200]} leads to {hop.location_url[:200]}, which is not followed"
    if status is not None and (status >= 500 or status == 429):
        return None, f"{found.url[:200]} answers with the error {status}, so its page was not seen"
    return hop, ""
