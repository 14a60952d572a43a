"""nginx_servers: the sites of nginx: where they listen, TLS, and where plain requests are sent. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host import _nginxconf, _nginxscopes, _settings
from secaudit.tables.host._nginxconf import Directive
from secaudit.tables.host._nginxscopes import PASSES, Scope

_REDIRECT = re.compile(r"^30[1278] https://", re.IGNORECASE)


class NginxServer(NamedTuple):
    """One server block."""

    server: str
    """Its names, or its addresses when it has none."""
    listens: str
    is_tls: int
    is_local: int
    """1 when it listens on loopback addresses and sockets only."""
    has_tls_twin: int
    """1 when another block offers one of its names with TLS."""
    redirects: int
    """1 when every plain request is answered with another address that begins with https://."""
    sends: int
    """1 when requests go on to another program (proxy_pass, fastcgi_pass ...), which may add headers of its own."""
    hsts: str
    """The value of Strict-Transport-Security that its answers carry; '' for none."""
    hsts_lost_in: str
    """Locations whose own add_header hides it, separated by spaces."""
    path: str
    line: int


@table(targets={"host", "root"})
def nginx_servers(target: Target) -> Iterator[NginxServer]:
    """Yield one row per server block.

    Source: https://nginx.org/en/docs/http/ngx_http_core_module.html#server

    Raises:
        Absent: nginx is not installed.
        Partial: an included file could not be read, or the service gives nginx other settings.
    """
    _settings.require(target, "nginx", _nginxconf.PROGRAMS, _nginxconf.UNITS, _nginxconf.PLACES)
    files = _nginxconf.NginxFiles(target)
    main = files.directives()
    _nginxconf.note_start(target, files.unread)
    if not files.main:
        files.unread.append(_nginxconf.MAIN_FILES[0])
    by_server: dict[int, list[Scope]] = {}
    for scope in _nginxscopes.scopes(main, files.unread):
        by_server.setdefault(id(scope.server), []).append(scope)
    found = [scopes[0].server for scopes in by_server.values()]
    secure = {name for one in found if _nginxscopes.is_tls(one) for name in _nginxscopes.names(one)}
    for scopes in by_server.values():
        yield _row(scopes, secure)
    _settings.finish(target, files.unread)


def _row(scopes: list[Scope], secure: set[str]) -> NginxServer:
    server = scopes[0].server
    names, listens = _nginxscopes.names(server), _nginxscopes.listens(server)
    tls = _nginxscopes.is_tls(server)
    top = _hsts(scopes[0])
    lost = [scope.location for scope in scopes[1:] if not scope.location.startswith("if ") and _answers(scope)]
    lost = [scope.location for scope in scopes[1:] if scope.location in lost and top and not _hsts(scope)]
    return NginxServer(
        server=" ".join(names or listens),
        listens=" ".join(listens),
        is_tls=int(tls),
        is_local=int(all(_local(one) for one in listens)),
        has_tls_twin=int(not tls and any(name in secure for name in names)),
        redirects=int(_redirects(server)),
        sends=int(any(name in scope.values for scope in scopes for name in PASSES)),
        hsts=top or next((text for text in map(_hsts, scopes) if text), ""),
        hsts_lost_in=" ".join(lost),
        path=server.path,
        line=server.line,
    )


def _hsts(scope: Scope) -> str:
    for one in scope.values.get("add_header", ()):
        if one.args and one.args[0].lower() == "strict-transport-security":
            return one.args[1] if len(one.args) > 1 else ""
    return ""


def _answers(scope: Scope) -> bool:
    """False for a location that only sends the visitor elsewhere."""
    return "return" not in scope.values


def _local(listen: str) -> bool:
    return listen.startswith(("unix:", "127.", "localhost", "[::1]"))


def _redirects(server: Directive) -> bool:
    """A `return` in the server itself decides before any location; else every location must have one."""
    block = server.block or ()
    for one in block:
        if one.name == "return":
            return bool(_REDIRECT.match(" ".join(one.args)))
    if any(_always_https(one) for one in block):
        return True
    locations = [one for one in block if one.name == "location"]
    if not any(one.args == ("/",) for one in locations):
        return False
    return all(_leads_away(one) or any(".well-known" in word for word in one.args) for one in locations)


def _leads_away(location: Directive) -> bool:
    for one in location.block or ():
        if one.name == "return":
            return bool(_REDIRECT.match(" ".join(one.args)))
    return False


def _always_https(one: Directive) -> bool:
    """`rewrite ^ https://... permanent`, and `if ($scheme = http) {return 301 https://...}`."""
    if one.name == "rewrite":
        return (
            len(one.args) > 1
            and one.args[0] in ("^", "^(.*)", "^(.*)$", "^/(.*)", "^/(.*)$")
            and one.args[1].startswith("https://")
        )
    if one.name == "if":
        condition = " ".join(one.args).replace('"', "").replace(" ", "")
        return condition in ("($scheme=http)", "($scheme!=https)", "($https=)", "($https!=on)") and _leads_away(one)
    return False
