"""The main server and the virtual hosts of Apache: what holds in each, and which folders list their files.

Source: https://httpd.apache.org/docs/2.4/sections.html (order and merging), core.html#options, mod_ssl.html#sslprotocol
"""

from __future__ import annotations

import posixpath
from typing import Iterator, NamedTuple

from secaudit.tables.host._apacheconf import Node

INHERITED = {
    "servertokens": "Full",
    "serversignature": "Off",
    "traceenable": "on",
    "sslengine": "off",
    "sslprotocol": "all -SSLv3",
    "sslciphersuite": "DEFAULT",
    "sslinsecurerenegotiation": "off",
    "sslcompression": "off",
    "fileetag": "MTime Size",
}
"""With their built-in values. A virtual host inherits them from the main server until it sets its own."""

FIRST_VERSIONS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
DEFAULT_OPTIONS = frozenset({"followsymlinks"})
ALL_OPTIONS = frozenset({"indexes", "includes", "followsymlinks", "symlinksifownermatch", "execcgi"})
"""What `Options All` switches on; MultiViews must be named."""
STATUS_HANDLERS = ("server-status", "server-info", "balancer-manager", "ldap-status")
_FOLDERS = ("directory", "directorymatch", "location", "locationmatch", "files", "filesmatch")


class Server(NamedTuple):
    """The main server, or one virtual host."""

    name: str
    """ServerName, or the addresses; '' for the main server."""
    node: Node | None
    children: list[Node]
    own: dict[str, Node]
    """What it sets itself; the last one decides."""


class Folder(NamedTuple):
    """One Directory or Location section and the options that hold there."""

    server: Server
    section: str
    options: frozenset[str]
    node: Node
    decider: Node


def servers(nodes: list[Node]) -> Iterator[Server]:
    """The main server first."""
    yield Server("", None, nodes, _own(nodes))
    for node in nodes:
        if node.name == "virtualhost" and node.children is not None:
            own = _own(node.children)
            named = own.get("servername")
            yield Server(named.args[0] if named and named.args else " ".join(node.args), node, node.children, own)


def _own(nodes: list[Node]) -> dict[str, Node]:
    """`SSLCipherSuite TLSv1.3 ...` is about that version alone and leaves the others as they are."""
    found = (node for node in nodes if node.children is None)
    return {node.name: node for node in found if (node.name, node.args[:1]) != ("sslciphersuite", ("TLSv1.3",))}


def versions(words: tuple[str, ...]) -> list[str]:
    """The protocol versions that SSLProtocol leaves on, oldest first."""
    on: set[str] = set()
    known = {one.lower(): one for one in ("SSLv3", *FIRST_VERSIONS)}
    for word in words:
        sign = word[0] if word[:1] in "+-" else ""
        bare = word[len(sign) :].lower()
        chosen = set(FIRST_VERSIONS) if bare == "all" else {known[bare]} if bare in known else set()
        on = on - chosen if sign == "-" else on | chosen if sign == "+" else chosen
    return [one for one in ("SSLv3", *FIRST_VERSIONS) if one in on]


def folders(main: Server, server: Server) -> Iterator[Folder]:
    """The sections of one server with the options that hold there, those of the folders above merged in."""
    plain = [
        (server_of, node) for server_of in {id(main): main, id(server): server}.values() for node in server_of.children
    ]
    sections = [(owner, node) for owner, node in plain if node.name == "directory" and len(node.args) == 1]
    sections.sort(key=lambda pair: (pair[1].args[0].rstrip("/").count("/"),))
    start = DEFAULT_OPTIONS
    for one in {id(main): main, id(server): server}.values():
        if "options" in one.own:
            start = merged(start, one.own["options"].args)
    for _, node in sections:
        if not any(child is node for child in server.children):
            continue
        options, decider = start, node
        for _, other in sections:
            if not _is_above(other.args[0], node.args[0]):
                continue
            for child in other.children or ():
                if child.name == "options":
                    options, decider = merged(options, child.args), child
            if other is node:
                break
        yield Folder(server, node.args[0], options, node, decider)
    for node in server.children:
        if node.name in ("directory", "directorymatch", "location", "locationmatch") and (
            node.name,
            len(node.args),
        ) != ("directory", 1):
            for child in node.children or ():
                if child.name == "options":
                    yield Folder(server, " ".join((node.name, *node.args)), merged(start, child.args), node, child)


def merged(base: frozenset[str], words: tuple[str, ...]) -> frozenset[str]:
    """`+` and `-` change what is inherited; words without a sign replace it."""
    options = base
    if words and words[0][:1] not in ("+", "-"):
        options = frozenset()
    for word in words:
        sign = word[0] if word[:1] in "+-" else ""
        bare = word[len(sign) :].lower()
        chosen = ALL_OPTIONS if bare == "all" else frozenset() if bare == "none" else frozenset({bare})
        options = options - chosen if sign == "-" else options | chosen
    return options


def _is_above(upper: str, lower: str) -> bool:
    if any(sign in upper for sign in "*?["):
        return upper == lower
    upper, lower = posixpath.normpath(upper), posixpath.normpath(lower)
    return upper == "/" or lower == upper or lower.startswith(upper + "/")


def sections(nodes: list[Node], depth: int = 0) -> Iterator[Node]:
    """Every section for folders, addresses and files, nested ones too."""
    for node in nodes:
        if node.children is None or depth > 20:
            continue
        if node.name in _FOLDERS:
            yield node
        if node.name != "virtualhost":
            yield from sections(node.children, depth + 1)


def access(node: Node) -> str:
    """Who may use a section: its Require, Allow and Deny lines, separated by commas; '' when it says nothing."""
    found: list[str] = []
    waiting = list(node.children or ())
    while waiting and len(found) < 50:
        one = waiting.pop(0)
        if one.name.startswith("require") and one.children is not None:
            waiting.extend(one.children)
        elif one.name == "require":
            found.append(" ".join(one.args).lower())
        elif one.name in ("allow", "deny"):
            found.append(f"{one.name} {' '.join(one.args)}".lower())
    return ", ".join(found)
