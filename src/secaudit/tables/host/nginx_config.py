"""nginx_config: what each server and location of nginx would really use. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host import _nginxconf, _nginxscopes, _settings
from secaudit.tables.host._nginxconf import Directive
from secaudit.tables.host._nginxscopes import INHERITED, Scope

MAX_ROWS = 50_000
EVERYWHERE = ("server_tokens", "autoindex", "dav_methods", "auth_basic", "add_header", "allow", "deny")
"""What is told for locations too when it comes from outside; the rest is that of the server."""

VERSION = rb"nginx/(\d{1,3}\.\d{1,3}\.\d{1,3})\b"


class NginxSetting(NamedTuple):
    """One effective value in one place."""

    scope: str
    """main, server or location (with the blocks `if` and `limit_except`)."""
    server: str
    """Its names, or its addresses when it has none; '' in main."""
    location: str
    is_tls: int
    """1 when the server takes TLS connections."""
    is_reached: int
    """0 for the values of a server whose `location /` takes every request."""
    name: str
    value: str | None
    """The arguments, separated by spaces; a repeated directive has several rows. NULL: built in, but unknown."""
    is_inherited: int
    """1 when an outer block set it."""
    path: str | None
    """NULL for a built-in value."""
    line: int | None


@table(targets={"host", "root"})
def nginx_config(target: Target) -> Iterator[NginxSetting]:
    """Yield the security settings of the main block and of each server and location, inherited ones included.

    Built-in values are told for each server and for its `location /`. Settings of TLS that a location only inherits are
    told for the server alone.

    Source: https://nginx.org/en/docs/dirindex.html

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
    user = next((one for one in main if one.name == "user"), None)
    if user is None:
        yield NginxSetting("main", "", "", 0, 1, "user", None, 0, None, None)
    else:
        yield NginxSetting("main", "", "", 0, 1, "user", " ".join(user.args), 0, user.path, user.line)
    version: tuple[int, ...] | None = None
    asked = False
    count = 0
    for scope in _nginxscopes.scopes(main, files.unread):
        tls = _nginxscopes.is_tls(scope.server)
        if tls and not asked and "ssl_protocols" not in scope.values:
            asked = True
            version = _settings.version_in(target, (*_nginxconf.PROGRAMS, *_nginxconf.PLACES), VERSION)
        for row in _rows(scope, tls, version):
            count += 1
            yield row
        if count > MAX_ROWS:
            files.unread.append("the rest of the servers (too many)")
            break
    _settings.finish(target, files.unread)


def _rows(scope: Scope, tls: bool, version: tuple[int, ...] | None) -> Iterator[NginxSetting]:
    kind = "location" if scope.location else "server"
    server = " ".join(_nginxscopes.names(scope.server)) or " ".join(_nginxscopes.listens(scope.server))

    def row(name: str, value: str | None, inherited: bool, one: Directive | None) -> NginxSetting:
        path, line = (one.path, one.line) if one is not None else (None, None)
        return NginxSetting(
            kind, server, scope.location, int(tls), int(scope.is_reached), name, value, int(inherited), path, line
        )

    for name, found in scope.values.items():
        inherited = name not in scope.is_own
        if scope.location and inherited and name not in EVERYWHERE:
            continue
        for one in found:
            yield row(name, " ".join(one.args) if one.args else "on", inherited, one)
    if scope.location not in ("", "/", "^~ /"):
        return
    for name, default in INHERITED.items():
        if scope.location and name not in EVERYWHERE:
            continue
        if name not in scope.values and (name != "ssl_protocols" or tls):
            value = _nginxscopes.default_protocols(version) if name == "ssl_protocols" else default
            yield row(name, value, True, None)
