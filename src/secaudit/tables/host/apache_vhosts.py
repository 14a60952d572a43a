"""apache_vhosts: the sites of Apache: where they listen, TLS, and where plain requests are sent. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host import _apacheconf, _apacheservers, _settings
from secaudit.tables.host._apacheconf import Node
from secaudit.tables.host._apacheservers import Server

SETS = ("set", "add", "append", "merge", "setifempty")
EVERYTHING = ("^", "^(.*)", "^(.*)$", "^/(.*)", "^/(.*)$", "^/?(.*)", "^/?(.*)$", ".*", "(.*)")


class ApacheVhost(NamedTuple):
    """One virtual host."""

    vhost: str
    addresses: str
    is_tls: int
    is_local: int
    """1 when it is for loopback addresses only."""
    has_tls_twin: int
    """1 when another virtual host offers one of its names with TLS."""
    redirects: int
    """1 when plain requests are sent to an address that begins with https://."""
    sends: int
    """1 when requests go on to another program, which may add headers of its own."""
    hsts: str
    """The value of Strict-Transport-Security that its answers carry; '' for none."""
    path: str
    line: int


@table(targets={"host", "root"})
def apache_vhosts(target: Target) -> Iterator[ApacheVhost]:
    """Yield one row per virtual host.

    Source: https://httpd.apache.org/docs/2.4/vhosts/

    Raises:
        Absent: Apache is not installed.
        Partial: a file could not be read, or macros are used.
    """
    _settings.require(target, "Apache", _apacheconf.PROGRAMS, _apacheconf.UNITS, _apacheconf.PLACES)
    files = _apacheconf.ApacheFiles(target)
    if not files.main:
        files.unread.append(_apacheconf.MAIN_FILES[0][0])
    found = list(_apacheservers.servers(files.nodes))
    hosts = found[1:]
    secure = {name for one in hosts if _tls(found[0], one) for name in _names(one)}
    for one in hosts:
        assert one.node is not None
        addresses = one.node.args
        tls = _tls(found[0], one)
        yield ApacheVhost(
            vhost=one.name,
            addresses=" ".join(addresses),
            is_tls=int(tls),
            is_local=int(all(word.startswith(("127.", "localhost", "[::1]")) for word in addresses)),
            has_tls_twin=int(not tls and any(name in secure for name in _names(one))),
            redirects=int(_redirects(one)),
            sends=int(_sends(one.children, 0)),
            hsts=_hsts(one.children, _hsts(found[0].children, "")),
            path=one.node.path,
            line=one.node.line,
        )
    _settings.finish(target, files.unread)


def _tls(main: Server, server: Server) -> bool:
    node = server.own.get("sslengine", main.own.get("sslengine"))
    return node is not None and " ".join(node.args).lower() in ("on", "optional")


def _names(server: Server) -> list[str]:
    nodes = [node for node in server.children if node.name in ("servername", "serveralias")]
    return [word.lower().partition(":")[0] for node in nodes for word in node.args]


def _hsts(nodes: list[Node], value: str) -> str:
    """Header lines add up from the main server inwards; the last one about this header decides."""
    for node in nodes:
        words = [word.lower() for word in node.args]
        words = words[1:] if words[:1] in (["always"], ["onsuccess"]) else words
        if node.name == "header" and len(words) > 1 and words[1] == "strict-transport-security":
            if words[0] == "unset":
                value = ""
            elif words[0] in SETS and len(words) > 2:
                value = words[2]
    return value


def _redirects(server: Server) -> bool:
    condition: list[str] = []
    engine = False
    for node in server.children:
        words = node.args
        if node.name in ("redirect", "redirectpermanent") and len(words) > 1:
            if words[-2] == "/" and words[-1].lower().startswith("https://"):
                return True
        elif node.name == "redirectmatch" and len(words) > 1:
            if words[-2] in EVERYTHING and words[-1].lower().startswith("https://"):
                return True
        elif node.name == "rewriteengine":
            engine = words[:1] != () and words[0].lower() == "on"
        elif node.name == "rewritecond":
            condition.append(" ".join(words).lower())
        elif node.name == "rewriterule" and len(words) > 1:
            plain = all("https" in one or "acme-challenge" in one or "server_name" in one for one in condition)
            if engine and plain and words[0] in EVERYTHING and words[1].lower().startswith("https://"):
                return True
            condition = []
    return False


def _sends(nodes: list[Node], depth: int) -> bool:
    for node in nodes:
        if node.name in (
            "proxypass",
            "proxypassmatch",
            "sethandler",
            "fcgiwrapper",
            "wsgiscriptalias",
            "passengerroot",
        ):
            return True
        if node.name == "rewriterule" and any("p" in word.lower().strip("[]").split(",") for word in node.args[2:]):
            return True
        if node.children is not None and depth < 20 and _sends(node.children, depth + 1):
            return True
    return False
