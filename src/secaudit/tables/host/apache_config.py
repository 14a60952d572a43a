"""apache_config: what the main server and the virtual hosts of Apache would really use. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host import _apacheconf, _apacheservers, _settings
from secaudit.tables.host._apacheservers import INHERITED, STATUS_HANDLERS, Server

MAX_ROWS = 50_000


class ApacheSetting(NamedTuple):
    """One effective value in one place."""

    scope: str
    """main, vhost, or folder (a section for a folder or an address)."""
    vhost: str
    """ServerName, or the addresses; '' in the main server."""
    section: str
    """The folder or address of a section; '' otherwise."""
    is_tls: int
    """1 where SSLEngine is on."""
    name: str
    """Lower case. `module` gives one row for each loaded module; `status_access` says who may see a status page."""
    value: str
    """The arguments, separated by spaces. `sslprotocol` and `options` (lower case) come worked out: what is on."""
    is_inherited: int
    path: str | None
    """NULL for a built-in value."""
    line: int | None


@table(targets={"host", "root"})
def apache_config(target: Target) -> Iterator[ApacheSetting]:
    """Yield the security settings of each server, the options of each folder, status pages, and modules.

    Conditions are worked out; `.htaccess` files are not read.

    Source: https://httpd.apache.org/docs/2.4/mod/directives.html

    Raises:
        Absent: Apache is not installed.
        Partial: a file could not be read, or macros are used.
    """
    _settings.require(target, "Apache", _apacheconf.PROGRAMS, _apacheconf.UNITS, _apacheconf.PLACES)
    files = _apacheconf.ApacheFiles(target)
    if not files.main:
        files.unread.append(_apacheconf.MAIN_FILES[0][0])
    for module in sorted(files.modules):
        yield ApacheSetting("main", "", "", 0, "module", module, 0, None, None)
    found = list(_apacheservers.servers(files.nodes))
    count = 0
    for server in found:
        for row in _rows(found[0], server):
            count += 1
            yield row
        if count > MAX_ROWS:
            files.unread.append("the rest of the virtual hosts (too many)")
            break
    _settings.finish(target, files.unread)


def _rows(main: Server, server: Server) -> Iterator[ApacheSetting]:
    scope = "main" if server.node is None else "vhost"
    engine = server.own.get("sslengine", main.own.get("sslengine"))
    tls = int(engine is not None and " ".join(engine.args).lower() in ("on", "optional"))
    for name, default in INHERITED.items():
        node = server.own.get(name, main.own.get(name))
        words = tuple(default.split()) if node is None else node.args
        value = " ".join(_apacheservers.versions(words)) if name == "sslprotocol" else " ".join(words)
        path, line = (None, None) if node is None else (node.path, node.line)
        yield ApacheSetting(scope, server.name, "", tls, name, value, int(name not in server.own), path, line)
    for name in ("user", "group", "sslcertificatefile", "sslcertificatekeyfile", "documentroot"):
        node = server.own.get(name)
        if node is not None:
            yield ApacheSetting(scope, server.name, "", tls, name, " ".join(node.args), 0, node.path, node.line)
    for folder in _apacheservers.folders(main, server):
        value = " ".join(sorted(folder.options))
        inherited = int(folder.decider not in (folder.node.children or ()))
        yield ApacheSetting(
            "folder", server.name, folder.section, tls, "options", value, inherited,
            folder.decider.path, folder.decider.line,
        )  # fmt: skip
    for node in _apacheservers.sections(server.children):
        for child in node.children or ():
            if child.name == "sethandler" and child.args and child.args[0].lower() in STATUS_HANDLERS:
                section = " ".join(node.args)
                yield ApacheSetting(
                    "folder", server.name, section, tls, "status_access", _apacheservers.access(node), 0,
                    node.path, node.line,
                )  # fmt: skip
