"""http_policies: what the security headers of each answer mean to a browser. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.protocols.http import (
    Page,
    Reply,
    is_nosniff,
    parse_frame_options,
    parse_hsts,
    parse_referrer_policy,
)
from secaudit.tableapi import Target, table
from secaudit.tables.network._addresses import class_of_literal
from secaudit.tables.network._answers import Answer, answers_of
from secaudit.tables.network._cookies import cookies_of
from secaudit.tables.network._csp import framing_of, policies_of
from secaudit.tables.network._text import charset_of, cut
from secaudit.tables.network._visit import check_visit, plan_visit, visit

PRODUCT = frozenset(
    "x-powered-by x-aspnet-version x-aspnetmvc-version x-generator x-powered-cms x-mod-pagespeed x-php-version".split()
)
"""Headers whose only use is to tell what runs there."""
_VERSION = re.compile(r"[\w)-][/ ]v?\d+(\.\d+)*")
_TEXT = re.compile(r"text/|application/(xhtml\+xml|xml|javascript|ecmascript)\Z")
_NO_CHARSET = ("text/css", "text/javascript", "text/event-stream", "text/vcard")


class HttpPolicy(NamedTuple):
    """One answer. A header that was not sent is an empty text or 0, never NULL."""

    exchange: int
    """The number in http_exchanges."""
    url: str
    scheme: str
    host: str
    host_is_address: int
    """Browsers ignore HSTS of an address (RFC 6797 section 8.1.1)."""
    status: int
    is_page: int
    """1 for the answer that a visitor of the named URL ends at."""
    is_first: int
    """1 for the first answer over http and the first over https."""
    is_html: int
    is_redirect: int
    hsts: str
    """The first header; browsers ignore others, and all that came over http."""
    hsts_valid: int
    hsts_max_age_s: int
    """0 without a valid header."""
    hsts_include_subdomains: int
    hsts_preload: int
    csp_enforced: int
    """How many policies count."""
    csp_report_only: int
    framing: str
    """Who may show the page in a frame, by frame-ancestors or else X-Frame-Options: none, self, listed, anyone."""
    x_frame_options: str
    nosniff: int
    referrer_policy: str
    """The policy that counts, also from a meta element; empty when the browser's default does."""
    permissions_policy: str
    opener_policy: str
    """Cross-Origin-Opener-Policy, its value in lower case."""
    resource_policy: str
    embedder_policy: str
    is_text: int
    """1 when the content is text whose meaning depends on a charset."""
    charset: str
    """From Content-Type, a byte order mark or a meta element."""
    cache_control: str
    cache_no_store: int
    cache_private: int
    sets_session_cookie: int
    asks_password: int | None
    """NULL when only a part of the page was seen, and none in it."""
    server: str
    server_has_version: int
    products: str
    """Headers that tell which software runs there, as `name: value`."""
    xss_protection: str
    """X-XSS-Protection, which no current browser needs."""
    alt_svc: str
    """Alt-Svc: whether HTTP/2 or HTTP/3 is offered elsewhere."""


@table(targets={"site"}, timeout_s=120.0, plan=plan_visit)
def http_policies(target: Target) -> Iterator[HttpPolicy]:
    """Yield one row per answer of the visit, with its headers as browsers understand them.

    Raises:
        NotCovered: the consent does not reach to the site.
        Partial: requests of the visit are missing.
    """
    for answer in answers_of(target):
        yield _row(answer, target)
    check_visit(visit(target))


def _row(answer: Answer, target: Target) -> HttpPolicy:
    found, reply, page = answer.exchange, answer.exchange.reply, answer.page
    hsts_text = reply.one("strict-transport-security") or ""
    hsts = parse_hsts(hsts_text)
    policies = policies_of(found, page)
    cache = {word.split("=")[0].strip().lower() for value in reply.all("cache-control") for word in value.split(",")}
    content_type = reply.one("content-type") or ""
    kind = content_type.split(";")[0].strip().lower()
    server = ", ".join(reply.all("server"))
    return HttpPolicy(
        exchange=answer.number,
        url=cut(found.url),
        scheme=found.scheme,
        host=found.host,
        host_is_address=int(bool(class_of_literal(found.host)) and "localhost" not in found.host),
        status=reply.status or 0,
        is_page=answer.is_page,
        is_first=answer.is_first,
        is_html=int(page is not None),
        is_redirect=answer.is_redirect,
        hsts=cut(hsts_text, 300),
        hsts_valid=int(hsts.valid),
        hsts_max_age_s=hsts.max_age_s,
        hsts_include_subdomains=int(hsts.include_subdomains),
        hsts_preload=int(hsts.preload),
        csp_enforced=sum(policy.enforced for policy in policies),
        csp_report_only=sum(not policy.enforced for policy in policies),
        framing=_framing(reply, [framing_of(one.get("frame-ancestors")) for one in policies if one.enforced]),
        x_frame_options=cut(", ".join(reply.all("x-frame-options")), 300),
        nosniff=int(is_nosniff(reply.all("x-content-type-options"))),
        referrer_policy=_referrer(reply, page),
        permissions_policy=cut(", ".join(reply.all("permissions-policy"))),
        opener_policy=_token(reply, "cross-origin-opener-policy"),
        resource_policy=_token(reply, "cross-origin-resource-policy"),
        embedder_policy=_token(reply, "cross-origin-embedder-policy"),
        is_text=int(bool(_TEXT.match(kind)) and kind not in _NO_CHARSET and bool(reply.body)),
        charset=charset_of(content_type) or _charset_in(reply, page),
        cache_control=cut(", ".join(reply.all("cache-control")), 300),
        cache_no_store=int("no-store" in cache),
        cache_private=int("private" in cache),
        sets_session_cookie=int(any(cookie.purpose == "session" for cookie in cookies_of(found, target.now_s))),
        asks_password=_asks_password(reply, page),
        server=cut(server, 300),
        server_has_version=int(bool(_VERSION.search(server))),
        products=cut("; ".join(f"{one.lower}: {one.value}" for one in reply.headers if one.lower in PRODUCT), 500),
        xss_protection=cut(reply.one("x-xss-protection") or "", 100),
        alt_svc=cut(reply.one("alt-svc") or "", 300),
    )  # fmt: skip


def _framing(reply: Reply, by_policy: list[str]) -> str:
    told = [word for word in by_policy if word]
    if told:  # then browsers ignore X-Frame-Options
        return next(word for word in ("none", "self", "listed", "anyone") if word in told)
    return {"deny": "none", "sameorigin": "self"}.get(parse_frame_options(reply.all("x-frame-options")), "anyone")


def _referrer(reply: Reply, page: Page | None) -> str:
    named = parse_referrer_policy(reply.all("referrer-policy"))
    for meta in page.metas if page is not None else ():
        if meta.name == "referrer" and not meta.http_equiv:
            named = parse_referrer_policy((meta.content,)) or named
    return named


def _asks_password(reply: Reply, page: Page | None) -> int | None:
    if page is not None and any(field.type == "password" for form in page.forms for field in form.fields):
        return 1
    whole = page is None or (reply.body_state in ("complete", "none") and not page.cut)
    return 0 if whole else None


def _token(reply: Reply, name: str) -> str:
    return cut((reply.one(name) or "").split(";")[0].strip().strip('"').lower(), 60)


def _charset_in(reply: Reply, page: Page | None) -> str:
    if reply.body[:3] == b"\xef\xbb\xbf":
        return "utf-8"
    return page.charset.lower() if page is not None else ""
