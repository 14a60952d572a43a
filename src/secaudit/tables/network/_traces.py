"""Things in a page that were not meant for visitors. Only what a pattern says with little doubt."""

from __future__ import annotations

import re
from typing import Iterable, Iterator, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from secaudit.protocols.http import Exchange, Page
from secaudit.tables.network._addresses import INTERNAL_NAME, PRIVATE_IPV4

MOST = 50
"""Of each kind that are told."""


class Trace(NamedTuple):
    """One thing that was seen."""

    kind: str
    line: int
    """0 when it stands in no line, such as in a header."""
    place: str
    """comment, page, link, script or header."""
    rule: str
    """Which pattern or product."""
    text: str
    """What stands there, without values of secrets."""


_LOGIN = re.compile(
    r"\b(password|passwd|passwort|pwd|api[_-]?key|secret|access[_-]?token)\b['\"]?\s{0,3}(?:[:=]|is)\s{0,3}"
    r"['\"]?([^\s'\"<>,;]{4,100})",
    re.IGNORECASE,
)
_NO_VALUE = re.compile(
    r"(.)\1*\Z|[<\[{$%(*].*|.*[({\[]\Z|\W+\Z|(your|my|the|a|an|example|changeme|change-me|placeholder|required|field|"
    r"input|must|should|not|null|none|true|false|undefined|string|hidden|test|reset|forgotten)\b.*",
    re.IGNORECASE,
)
_SESSION_NAMES = frozenset(
    "jsessionid phpsessid sid sessionid session_id session sessid aspsessionid access_token id_token auth_token "
    "authtoken refresh_token api_key apikey".split()
)
_PATH_SESSION = re.compile(r";(jsessionid|phpsessid|sid)=([A-Za-z0-9._!-]{16,})", re.IGNORECASE)
_DEFAULT_PAGES = (
    ("nginx", r"Welcome to nginx( on [\w .]+)?!|Test Page for the Nginx HTTP Server on .*", ""),
    ("OpenResty", r"Welcome to OpenResty!", ""),
    ("Apache", r"Apache2 (Debian|Ubuntu) Default Page: It works", ""),
    ("Apache", r"(Apache HTTP Server )?Test Page (for the (Apache )?HTTP Server|powered by).*", ""),
    ("Apache", r"HTTP Server Test Page powered by.*", ""),
    ("lighttpd", r"Welcome page|Placeholder page", "lighttpd"),
    ("IIS", r"IIS Windows( Server)?|IIS\d*|Microsoft Internet Information Services.*", ""),
    ("Tomcat", r"Apache Tomcat/[\d.]+", ""),
    ("Tomcat", r"Apache Tomcat", "If you're seeing this"),
    ("Jetty", r"Welcome to Jetty.*", ""),
    ("Caddy", r"Caddy works!", ""),
    ("XAMPP", r"Welcome to XAMPP", ""),
    ("Django", r"The install worked successfully! Congratulations!", ""),
    ("Express", r"Express", "Welcome to Express"),
    ("Laravel", r"Laravel", "laravel.com/docs"),
    ("Rails", r"Ruby on Rails.*", "Rails version:"),
    ("Plesk", r"Domain Default page|Default Parallels Plesk Page|Web Server's Default Page", ""),
    ("cPanel", r".*", "/cgi-sys/defaultwebpage.cgi"),
)
"""Product, its title, and what must stand in the page as well. Read from the pages themselves, November 2026."""
_IT_WORKS = re.compile(r"\s*<html><body><h1>It works!</h1>(\s*<p>[^<]{0,200}</p>){0,5}\s*</body></html>\s*")
"""The page of Apache as it is released."""


def traces_of(found: Exchange, page: Page, text: str, own: Iterable[str]) -> Iterator[Trace]:
    """All traces of a page. `own` are names and addresses of the site itself."""
    counts: dict[str, int] = {}
    mine = frozenset(own)
    for trace in _all(found, page, text, mine):
        counts[trace.kind] = counts.get(trace.kind, 0) + 1
        if counts[trace.kind] <= MOST:
            yield trace


def _all(found: Exchange, page: Page, text: str, own: frozenset[str]) -> Iterator[Trace]:
    for comment in page.comments:
        yield from _inside(comment.text, comment.line, "comment", own)
        login = _LOGIN.search(comment.text)
        if login is not None and not _NO_VALUE.match(login.group(2)):
            yield Trace("credential", comment.line, "comment", login.group(1).lower(), f"{login.group(1)} ****")
    for header in found.reply.headers:
        if header.lower not in ("content-security-policy", "content-security-policy-report-only", "set-cookie", "date"):
            yield from _inside(header.value[:2000], 0, f"header {header.lower[:60]}", own)
    for url, line, kind in _addresses(page):
        if not _is_inside_site(own):
            yield from _inside(_host_of(url), line, kind, own)
    for code in page.codes:
        yield Trace("source_code", code.line, "page", code.mark, code.mark)
    body = text[:200].lstrip()
    if not page.codes and body[:5] == "<?php":
        yield Trace("source_code", 1, "page", "<?php", "<?php")
    product = _default_page(page, text)
    if product:
        yield Trace("default_page", 0, "page", product, page.title[:200])
    for url, line, kind in _addresses(page):
        name = _session_in(url)
        if name:
            yield Trace("session_in_url", line, kind, name, f"{name}=****")


def _default_page(page: Page, text: str) -> str:
    for product, title, needed in _DEFAULT_PAGES:
        if re.fullmatch(title, page.title, re.DOTALL) and needed in text:
            return product
    return "Apache" if len(text) < 2000 and _IT_WORKS.fullmatch(text) else ""


def _addresses(page: Page) -> Iterator[tuple[str, int, str]]:
    for link in page.links:
        yield link.url, link.line, "link"
    for form in page.forms:
        yield form.action, form.line, "form"
    for resource in page.resources:
        yield resource.url, resource.line, resource.kind


def _inside(text: str, line: int, place: str, own: frozenset[str]) -> Iterator[Trace]:
    for match in PRIVATE_IPV4.finditer(text):
        if match.group() not in own and all(int(part) < 256 for part in match.group().split(".")):
            yield Trace("private_address", line, place, "RFC 1918", match.group())
    for match in INTERNAL_NAME.finditer(text):
        if match.group().lower() not in own:
            yield Trace("internal_name", line, place, "internal name", match.group()[:200])


def _is_inside_site(own: frozenset[str]) -> bool:
    """Whether the site itself is reached at an inside address: then its links may name others of that network."""
    return any(PRIVATE_IPV4.match(one) or INTERNAL_NAME.match(one) for one in own)


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _session_in(url: str) -> str:
    match = _PATH_SESSION.search(url)
    if match is not None:
        return match.group(1).lower()
    try:
        pairs = parse_qsl(urlsplit(url).query, max_num_fields=50)
    except ValueError:
        return ""
    for name, value in pairs:
        if name.lower() in _SESSION_NAMES and len(value) >= 16 and any(char.isdigit() for char in value):
            return name.lower()
    return ""
