"""caddy_config: the directives of a Caddyfile with the sites that they are for. Not in osquery."""

from __future__ import annotations

import posixpath
import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host import _settings, _sockets
from secaudit.tables.host._systemd import Units

MAIN = "/etc/caddy/Caddyfile"
BUILT_IN_ADMIN = "localhost:2019"
MAX_DEPTH = 10
MAX_LINES = 20_000
_TOKEN = re.compile(r"\"((?:\\.|[^\"\\])*)\"|`([^`]*)`|(\S+)")


class CaddyDirective(NamedTuple):
    """One directive."""

    site: str
    """The addresses of the site; '' for the options of the whole server."""
    block: str
    """The directives around it, from the outside in; '' right below the site."""
    directive: str
    args: str
    is_local: int | None
    """Of `admin`: 1 when only this machine reaches the interface, or when it is off; NULL for other directives, and
    where a name or a variable gives the address."""
    path: str | None
    """NULL for the built-in address of `admin`."""
    line: int | None


class _Line(NamedTuple):
    words: list[str]
    path: str
    line: int


class _Reading:
    def __init__(self, target: Target, unread: list[str]) -> None:
        self.target = target
        self.unread = unread
        self.snippets: dict[str, list[_Line]] = {}
        self.lines = 0


@table(targets={"host", "root"})
def caddy_config(target: Target) -> Iterator[CaddyDirective]:
    """Yield one row per directive of /etc/caddy/Caddyfile, imports put in their place.

    Source: caddyserver.com/docs/caddyfile, Caddy 2.

    Raises:
        Absent: Caddy is not installed.
        Partial: a file could not be read, or Caddy starts with another configuration.
    """
    _settings.require(target, "Caddy", ("caddy",), ("caddy.service", "caddy-api.service"))
    unread: list[str] = []
    reading = _Reading(target, unread)
    found = list(_directives(_expanded(reading, _lines(reading, MAIN), 0)))
    yield from found
    if not unread and not any(one.site == "" and one.directive == "admin" for one in found):
        yield CaddyDirective("", "", "admin", BUILT_IN_ADMIN, 1, None, None)
    units = Units(target)
    for name in ("caddy.service", "caddy-api.service"):
        for one in units.settings(name):
            other = one.key == "ExecStart" and one.value and MAIN not in one.value
            if (other and (name == "caddy.service" or units.at_boot(name))) or "CADDY_ADMIN" in one.value:
                unread.append(f"{one.path}:{one.line} (another configuration)")
    unread.extend(units.unread[:3])
    _settings.finish(target, unread)


def _lines(reading: _Reading, path: str) -> list[_Line]:
    found: list[_Line] = []
    for number, raw in enumerate((_settings.read(reading.target, path, reading.unread) or "").split("\n"), 1):
        words = _words(raw)
        if words:
            found.append(_Line(words, path, number))
    return found


def _words(raw: str) -> list[str]:
    """The words of a line; # begins a comment where a word begins."""
    words: list[str] = []
    for match in _TOKEN.finditer(raw):
        if match.group(3) is not None and match.group(3).startswith("#"):
            break
        words.append(next(part for part in match.groups() if part is not None))
    return words


def _expanded(reading: _Reading, lines: list[_Line], depth: int) -> Iterator[_Line]:
    """Lines without snippets, with what `import` names in its place."""
    name, level = "", 0
    for one in lines:
        reading.lines += 1
        if reading.lines > MAX_LINES:
            reading.unread.append(f"{one.path} (too long)")
            return
        opens, closes = one.words[-1] == "{", one.words[0] == "}"
        if not level and opens and re.fullmatch(r"\([^()]+\)", one.words[0]):
            name, level = one.words[0][1:-1], 1
            reading.snippets[name] = []
            continue
        level += opens - closes if level else 0
        if name and level:
            reading.snippets[name].append(one)
        elif name:
            name = ""
        elif one.words[0] == "import" and len(one.words) > 1:
            yield from _imported(reading, one, depth)
        else:
            yield one


def _imported(reading: _Reading, one: _Line, depth: int) -> Iterator[_Line]:
    wanted = one.words[1]
    if depth >= MAX_DEPTH:
        reading.unread.append(f"{one.path}:{one.line} (imports too deeply)")
    elif wanted in reading.snippets:
        yield from _expanded(reading, reading.snippets[wanted], depth + 1)
    elif "{" in wanted:
        reading.unread.append(f"{one.path}:{one.line} (an import that depends on a variable)")
    else:
        pattern = posixpath.join(posixpath.dirname(one.path), wanted)
        for path in _settings.expand(reading.target, pattern, reading.unread):
            yield from _expanded(reading, _lines(reading, path), depth + 1)


def _directives(lines: Iterator[_Line]) -> Iterator[CaddyDirective]:
    """Tell sites from what stands in them. One site alone needs no braces."""
    site: str | None = None
    bare = False
    around: list[str] = []
    addresses: list[str] = []
    for one in lines:
        words, opens = one.words, one.words[-1] == "{"
        if words[0] == "}":
            if around:
                around.pop()
            elif not bare:
                site = None
            continue
        if site is None:
            addresses += [word for word in words if word != "{"]
            if opens:
                site, addresses = " ".join(addresses), []
            elif not words[-1].endswith(","):
                site, bare, addresses = " ".join(addresses), True, []
            continue
        args = " ".join(words[1:-1] if opens else words[1:])
        is_local = _is_local(args) if words[0] == "admin" and not site and not around else None
        yield CaddyDirective(site, " ".join(around), words[0], args, is_local, one.path, one.line)
        if opens:
            around.append(words[0])


def _is_local(args: str) -> int | None:
    address = args.split(" ", 1)[0]
    if address in ("off", "") or address.startswith("unix/"):
        return 1
    if "{" in address:
        return None
    host = re.sub(r"^tcp[46]?/", "", address).rpartition(":")[0].strip("[]")
    if host in ("", "*"):
        return 0
    if host == "localhost":
        return 1
    scope = _sockets.scope(host)
    return None if scope == "unknown" else int(scope == "loopback")
