"""postgresql_hba: from where, and with what proof, each PostgreSQL cluster lets users in. Not in osquery."""

from __future__ import annotations

import ipaddress
import posixpath
import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host import _pgconf, _settings

TYPES = ("local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc")
MAX_DEPTH = 10
MAX_RULES = 20_000
_WORD = re.compile(r'((?:"(?:[^"]|"")*"|[^\s,#"])+|,)|(#.*)')


class HbaRule(NamedTuple):
    """One line; the first one that fits a connection decides."""

    instance: str
    """`15/main` on Debian, else the data folder."""
    number: int
    """Its place, from 1."""
    type: str
    """local is the socket file of this machine, host any TCP connection, hostssl only with TLS."""
    databases: str
    users: str
    address: str
    """'' for local."""
    scope: str
    """socket, loopback, private, network (one that is not only private), everywhere, samehost, samenet, or name."""
    method: str
    """Lower case: trust, scram-sha-256, md5, password, peer, ident, reject, cert ..."""
    options: str
    path: str
    line: int


@table(targets={"host", "root"})
def postgresql_hba(target: Target) -> Iterator[HbaRule]:
    """Yield the rules of pg_hba.conf of each cluster in their order.

    Source: https://www.postgresql.org/docs/current/auth-pg-hba-conf.html

    Raises:
        Absent: no server is installed.
        Partial: a file could not be read, or a rule could not be understood.
    """
    _settings.require(target, "PostgreSQL", _pgconf.PROGRAMS, _pgconf.UNITS, _pgconf.PLACES)
    unread: list[str] = []
    for cluster in _pgconf.clusters(target, unread):
        given = cluster.settings.get("hba_file")
        path = posixpath.join(cluster.data, given.value or "") if given is not None else f"{cluster.data}/pg_hba.conf"
        rules = _read(target, path, unread, 0, True)
        for number, (place, line, words) in enumerate(rules, 1):
            if number > MAX_RULES:
                unread.append(f"{path} (too many rules)")
                break
            row = _rule(cluster.name, number, words, place, line)
            if row is None:
                unread.append(f"{place}:{line} (not understood)")
            else:
                yield row
    _settings.finish(target, unread)


def _read(
    target: Target, path: str, unread: list[str], depth: int, needed: bool
) -> Iterator[tuple[str, int, list[str]]]:
    text = _settings.read(target, path, unread) if depth <= MAX_DEPTH else None
    if text is None:
        if path not in unread and needed:
            unread.append(f"{path} (not there)")
        return
    held, start = "", 0
    for number, raw in enumerate(text.splitlines(), 1):
        start = start or number
        if raw.endswith("\\"):
            held += raw[:-1]
            continue
        words = _words(held + raw)
        first, held, start = start, "", 0
        if not words:
            continue
        if words[0] in ("include", "include_if_exists", "include_dir") and len(words) > 1:
            place = posixpath.join(posixpath.dirname(path), words[1].strip('"'))
            places = _settings.expand(target, f"{place}/*.conf", unread) if words[0] == "include_dir" else [place]
            for one in places:
                yield from _read(target, one, unread, depth + 1, words[0] == "include")
        else:
            yield path, first, words


def _words(line: str) -> list[str]:
    """Words; those with commas between them are one list."""
    found: list[str] = []
    joined = False
    for match in _WORD.finditer(line):
        word = match.group(1)
        if word is None:
            break
        if word == ",":
            joined = True
            continue
        if joined or (found and line[match.start() - 1 : match.start()] == ","):
            found[-1] += "," + word
        else:
            found.append(word)
        joined = False
    return found


def _rule(instance: str, number: int, words: list[str], path: str, line: int) -> HbaRule | None:
    kind = words[0].lower()
    if kind not in TYPES or len(words) < (4 if kind == "local" else 5):
        return None
    databases, users, rest = words[1], words[2], words[3:]
    address = "" if kind == "local" else rest.pop(0).strip('"')
    if kind != "local" and len(rest) > 1 and re.fullmatch(r"[\d.]+|[0-9a-fA-F:]*:[0-9a-fA-F:.]*", rest[0]):
        address = f"{address}/{rest.pop(0)}"
    scope = "socket" if kind == "local" else _scope(address)
    return HbaRule(
        instance, number, kind, databases, users, address, scope, rest[0].strip('"').lower(),
        " ".join("set" if "passwd" in word or "secret" in word else word for word in rest[1:]), path, line,
    )  # fmt: skip


def _scope(address: str) -> str:
    word = address.lower()
    if word in ("samehost", "samenet"):
        return word
    if word == "all":
        return "everywhere"
    try:
        base, _, mask = word.partition("/")
        network = ipaddress.ip_network(f"{base}/{_bits(mask)}" if ":" in mask else word, strict=False)
    except ValueError:
        return "name"
    if network.prefixlen == 0:
        return "everywhere"
    if network.is_loopback:
        return "loopback"
    return "private" if network.is_private else "network"


def _bits(mask: str) -> int:
    return bin(int(ipaddress.IPv6Address(mask))).count("1")
