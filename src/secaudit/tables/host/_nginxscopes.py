"""What each server and location of nginx would really use: values are inherited from the outside to the inside.

Most directives are inherited until an inner block sets them again. Those that may be repeated (`add_header`, `allow`)
are inherited as a whole: one of them in an inner block hides all those outside. Some are not inherited at all.

Source: the descriptions of each directive on https://nginx.org/en/docs/dirindex.html
"""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tables.host._nginxconf import Directive

INHERITED = {
    "server_tokens": "on",
    "autoindex": "off",
    "ssl_protocols": "",
    "ssl_ciphers": "HIGH:!aNULL:!MD5",
    "ssl_session_tickets": "on",
    "ssl_verify_client": "off",
    "disable_symlinks": "off",
    "proxy_ssl_verify": "off",
    "dav_methods": "off",
    "auth_basic": "off",
    "root": "html",
}
"""With their built-in values; that of ssl_protocols depends on the version."""

REPEATED = ("add_header", "allow", "deny", "ssl_certificate", "ssl_certificate_key")
OWN = ("stub_status", "return", "proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass", "alias", "api")
GROUPS = {"allow": ("allow", "deny"), "deny": ("allow", "deny")}
"""Which repeated directives hide which when an inner block has them."""
PASSES = ("proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass")

MAX_SCOPES = 20_000


class Scope(NamedTuple):
    """One server, or one location of it."""

    server: Directive
    location: str
    """'' for the server itself; nested ones are joined with a space."""
    values: dict[str, list[Directive]]
    """Name -> what holds here."""
    is_own: frozenset[str]
    """Names that this block sets itself."""
    is_reached: bool
    """False for a server whose `location /` takes every request."""


def servers(main: tuple[Directive, ...]) -> Iterator[tuple[Directive, dict[str, list[Directive]]]]:
    """Each server block of http, and what it inherits from there."""
    for http in main:
        if http.name != "http" or http.block is None:
            continue
        outer = _apply({}, http.block)
        for one in http.block:
            if one.name == "server" and one.block is not None:
                yield one, outer


def scopes(main: tuple[Directive, ...], unread: list[str]) -> Iterator[Scope]:
    """Every server and location; that there are too many goes to `unread`."""
    count = 0
    for server, outer in servers(main):
        block = server.block or ()
        catch_all = any(one.name == "location" and one.args in (("/",), ("^~", "/")) for one in block)
        waiting: list[tuple[str, tuple[Directive, ...], dict[str, list[Directive]]]] = [("", block, outer)]
        while waiting:
            location, inner, inherited = waiting.pop(0)
            values = _apply(inherited, inner)
            count += 1
            if count > MAX_SCOPES:
                unread.append("the rest of the servers and locations (too many)")
                return
            own = frozenset(one.name for one in inner)
            yield Scope(server, location, values, own, bool(location) or not catch_all)
            for one in inner:
                if one.block is not None and one.name in ("location", "limit_except", "if"):
                    name = one.name + " " + " ".join(one.args) if one.name != "location" else " ".join(one.args)
                    waiting.append((f"{location} {name}".strip(), one.block, values))


def _apply(outer: dict[str, list[Directive]], block: tuple[Directive, ...]) -> dict[str, list[Directive]]:
    values = {name: found for name, found in outer.items() if name not in OWN}
    seen: set[str] = set()
    for one in block:
        if one.name in REPEATED:
            if one.name not in seen:
                for hidden in GROUPS.get(one.name, (one.name,)):
                    values[hidden] = []
                    seen.add(hidden)
            values[one.name] = [*values[one.name], one]
        elif one.name in INHERITED or one.name in OWN:
            values[one.name] = [one]
    return values


def is_tls(server: Directive) -> bool:
    """True when the server takes TLS connections."""
    for one in server.block or ():
        if one.name == "listen" and ("ssl" in one.args or "quic" in one.args):
            return True
        if one.name == "ssl" and one.args == ("on",):  # until nginx 1.25
            return True
    return False


def listens(server: Directive) -> list[str]:
    """The addresses as written; `*:80` when there are none."""
    found = [one.args[0] for one in server.block or () if one.name == "listen" and one.args]
    return found or ["*:80"]


def names(server: Directive) -> list[str]:
    return [name for one in server.block or () if one.name == "server_name" for name in one.args]


def default_protocols(version: tuple[int, ...] | None) -> str | None:
    """ssl_protocols when it is not set, from the change log of nginx; None when the version is not known."""
    if version is None:
        return None
    if version >= (1, 27, 3):
        return "TLSv1.2 TLSv1.3"
    if version >= (1, 23, 4):
        return "TLSv1 TLSv1.1 TLSv1.2 TLSv1.3"
    return "TLSv1 TLSv1.1 TLSv1.2" if version >= (1, 9, 1) else "SSLv3 TLSv1 TLSv1.1 TLSv1.2"
