"""What the active tables of a site share: where it lies, its first page, requests that change nothing, controls.

Every request has a random query or path where an answer could be kept by a cache: an auditor must not change what the
next visitor sees. Nothing but GET, HEAD, OPTIONS, TRACE and PROPFIND is sent, and one GraphQL question by POST.
"""

from __future__ import annotations

import secrets
from typing import Any, Iterable, Iterator, NamedTuple
from urllib.parse import urljoin, urlsplit

from secaudit.protocols.http.exchange import DEFAULT_PORTS, Exchange, exchange, path_of, url_of
from secaudit.protocols.http.page import Page, read_page
from secaudit.tableapi import Net, NotCovered, Partial, Planned, Stopped, Target
from secaudit.tables.network._signatures import View
from secaudit.tables.network._text import text_of
from secaudit.tables.network._visit import Hop, Visit, plan_visit, visit

LIMIT_BYTES = 256 * 1024
CONTROL = "GET a path that does not exist"
SAFE = frozenset(("GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "POST"))


class Site(NamedTuple):
    """Where requests go."""

    scheme: str
    host: str
    port: int
    path: str
    """Of the first page, with its query."""

    @property
    def folder(self) -> str:
        """The folder of the first page; ends with a slash."""
        return self.path.partition("?")[0].rpartition("/")[0] + "/"

    @property
    def url(self) -> str:
        return url_of(self.scheme, self.host, self.port, self.path)


class Ask(NamedTuple):
    """One request."""

    what: str
    """The words of the plan."""
    path: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Answer(NamedTuple):
    """What came of one request."""

    ask: Ask
    exchange: Exchange | None
    problem: str
    """Why there is nothing to look at; empty when there is an answer."""

    @property
    def status(self) -> int | None:
        return self.exchange.reply.status if self.exchange is not None and not self.problem else None

    @property
    def is_whole(self) -> bool:
        """Whether all of the body was read."""
        return self.exchange is not None and self.exchange.reply.body_state in ("none", "complete")

    @property
    def is_refused(self) -> bool:
        """Whether the server closed the connection without a word: how some refuse what they do not like."""
        return self.exchange is not None and self.exchange.outcome == "empty"

    @property
    def is_broken(self) -> bool:
        """Whether the body ended before its end, and not at our limit."""
        return self.exchange is not None and self.exchange.reply.body_state not in ("none", "complete", "cut")

    def view(self) -> View:
        """The reply for signatures."""
        if self.exchange is None or self.problem:
            return View(b"")
        reply = self.exchange.reply
        return View(reply.body, [(header.name, header.value) for header in reply.headers], self.is_whole)

    def header(self, name: str) -> str | None:
        """The first value of a header; None when it was not sent."""
        return self.exchange.reply.one(name) if self.exchange is not None else None


class Front(NamedTuple):
    """The first page of a site."""

    site: Site
    """After the redirects that stay on the host."""
    answer: Answer
    page: Page
    away: str
    """Where the site sends its visitors, when that is another host; else empty."""
    is_first: bool
    """It was asked for directly, not by a redirect."""

    @property
    def is_html(self) -> bool:
        return self.answer.view().is_html


class Controls(NamedTuple):
    """Answers to paths that do not exist."""

    plain: Answer
    file: Answer
    dot: Answer


def plan_front(net: Net) -> Iterator[Planned]:
    """What `front` may send: the visit that other tables look at as well."""
    yield from plan_visit(net)


def plan_controls(net: Net) -> Iterator[Planned]:
    """What `controls` may send, beside the first page."""
    site = site_of(net)
    yield Planned("http", site.host, site.port, CONTROL, 3, "active")


def site_of(net: Net) -> Site:
    """The site that the user named."""
    parts = urlsplit(net.url)
    return Site(parts.scheme, net.hosts[0], parts.port or DEFAULT_PORTS[parts.scheme], path_of(net.url))


def front(target: Target) -> Front:
    """The answer that a visitor ends at, out of the one visit of the audit.

    Raises:
        Partial: there is no answer, the host asked for a rest, or the budget is spent.
    """
    seen = visit(target)
    hop = _last_of(seen, site_of(target.net).scheme)
    if hop is None:
        raise Partial(f"the first page could not be read: {seen.problem or seen.no_page}")
    found = hop.exchange
    answer = Answer(Ask(f"GET {found.path}", found.path), found, problem_of(found))
    if answer.problem:
        raise Partial(f"the first page could not be read: {answer.problem}")
    site = Site(found.scheme, found.host, found.port, found.path)
    page = read_page(text_of(found) if answer.view().is_html else "", site.url)
    return Front(site, answer, page, hop.location_url if hop.location_kind == "other_host" else "", not hop.hop)


def check_stays(found: Front) -> None:
    """Raise Partial where visitors are sent on to another host: what this one says tells little about the site."""
    if found.away:
        raise Partial(f"visitors are sent on to {found.away[:200]}: audit that one")


def _last_of(seen: Visit, scheme: str) -> Hop | None:
    """The last answer on the way from the URL that the user named."""
    by_number = {hop.number: hop for hop in seen.hops if hop.number}
    hop = next((one for one in seen.hops if one.chain == scheme and one.hop == 0 and one.number), None)
    for _ in seen.hops:
        if hop is None or hop.next_number not in by_number or hop.stopped_by:
            break
        hop = by_number[hop.next_number]
    return hop


def joined(base: str, url: str) -> str:
    """A whole URL, without its fragment; empty for what is none."""
    try:
        return urljoin(base, "".join(char for char in url if char not in "\t\r\n")).partition("#")[0][:2000]
    except ValueError:
        return ""


def controls(target: Target) -> Controls:
    """Answers to random paths: what a site says about things that it does not have."""
    return target.shared("http-controls", _controls)


def _controls(target: Target) -> Controls:
    net = target.net
    folder, word = site_of(net).folder, random_word()
    paths = (word, f"{word}.php", f".{word}")
    return Controls(*send_all(net, front(target).site, [Ask(CONTROL, folder + path) for path in paths]))


def random_word() -> str:
    """A word that nobody else uses."""
    return "x" + secrets.token_hex(8)


def with_query(path: str, query: str) -> str:
    """The path with one more parameter."""
    return f"{path}{'&' if '?' in path else '?'}{query}"


def send_all(net: Net, site: Site, asks: Iterable[Ask], level: str = "active") -> list[Answer]:
    """Send requests, several at the same time; no answer is lost because another one failed."""
    return net.each(asks, lambda ask: send(net, site, ask, level))


def send(net: Net, site: Site, ask: Ask, level: str = "active") -> Answer:
    """Send one request; never raises for what the other side does."""
    if ask.method not in SAFE or (ask.method == "POST" and ask.body.decode() != content().GRAPHQL):
        raise ValueError(f"{ask.method} {ask.path} could change something")
    try:
        done = exchange(
            net, site.host, site.port, site.scheme, ask.method, ask.path,
            headers=ask.headers, body=ask.body, level=level, what=ask.what, limit_bytes=LIMIT_BYTES,
        )  # fmt: skip
    except (Stopped, NotCovered) as problem:
        return Answer(ask, None, problem.reason)
    return Answer(ask, done, problem_of(done))


def problem_of(done: Exchange) -> str:
    """Why there is nothing to look at in an answer; empty when there is."""
    if done.outcome != "ok":
        return _OUTCOMES.get(done.outcome, done.outcome) + (f" ({done.why})" if done.why else "")
    if done.reply.status in (429, 503):
        return f"it answered {done.reply.status}: it asks for a rest"
    return ""


_OUTCOMES = {
    "refused": "the connection was refused",
    "timeout": "no answer came in time",
    "reset": "the connection was reset",
    "unreachable": "the host cannot be reached",
    "tls": "no TLS connection came about",
    "empty": "the connection was closed without an answer",
    "garbage": "the answer is no HTTP",
    "closed": "the connection was closed inside the answer",
    "endless": "the answer has no end",
}


def first_problem(answers: Iterable[Answer]) -> str:
    """Why one of them could not be looked at; empty when all could."""
    return next((answer.problem for answer in answers if answer.problem), "")


def own_paths(found: Front, urls: Iterable[str]) -> list[str]:
    """Paths with queries of the URLs that lie on this very site, each once, in their order."""
    paths: dict[str, None] = {}
    for url in urls:
        try:
            parts = urlsplit(url)
            port = parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
        except ValueError:
            continue
        here = (parts.scheme, (parts.hostname or "").lower(), port)
        if here == (found.site.scheme, found.site.host.strip("[]").lower(), found.site.port):
            paths[path_of(url)] = None
    return list(paths)


def content() -> Any:
    """The reader of probes and signatures. Imported when a table runs, so that starts stay quick."""
    from secaudit.content import probes

    return probes
