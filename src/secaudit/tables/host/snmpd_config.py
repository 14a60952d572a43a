"""snmpd_config: who may ask the SNMP agent of this machine, and where it listens. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host import _settings

FILES = ("/etc/snmp/snmpd.conf", "/etc/snmp/snmpd.local.conf")
KINDS = {
    "rocommunity": (0, 0), "rocommunity6": (0, 0), "rwcommunity": (1, 0), "rwcommunity6": (1, 0),
    "rouser": (0, 1), "rwuser": (1, 1), "com2sec": (0, 0), "com2sec6": (0, 0), "community": (0, 0),
}  # fmt: skip
"""Directive -> may it change settings, is it version 3."""

LEVELS = {
    "noauth": "noauth", "noauthnopriv": "noauth",
    "auth": "auth", "authnopriv": "auth", "priv": "priv", "authpriv": "priv",
}  # fmt: skip
"""Words of a security level -> the short one."""

WELL_KNOWN = ("public", "private", "community", "snmp", "admin", "cisco", "test", "default")
MAX_DEPTH = 5
MAX_ROWS = 20_000


class SnmpAccess(NamedTuple):
    """One line that lets somebody in. The word itself is never shown."""

    directive: str
    is_version3: int
    """1 for users of version 3, who have a password; the communities of older versions are sent in plain text."""
    is_well_known: int
    """1 when the community is public, private or another word that everybody tries first."""
    writable: int
    """1 when settings may be changed."""
    source: str
    """From where; '' for everywhere."""
    security: str
    """Of a version 3 user: noauth, auth or priv."""
    is_local: int
    """1 when the agent listens on loopback addresses only."""
    path: str
    line: int


@table(targets={"host", "root"})
def snmpd_config(target: Target) -> Iterator[SnmpAccess]:
    """Yield one row per line that lets a community or user in.

    Source: snmpd.conf(5), https://www.net-snmp.org/docs/man/snmpd.conf.html

    Raises:
        Absent: the agent is not installed.
        Partial: a file could not be read.
    """
    _settings.require(target, "snmpd", ("snmpd",), ("snmpd.service",))
    unread: list[str] = []
    lines: list[tuple[str, int, list[str]]] = []
    for path in FILES:
        _read(target, path, lines, unread, 0)
    addresses = [word for _, _, words in lines if words[0].lower() == "agentaddress" for word in words[1:]]
    # the agent listens everywhere when nothing is said; several lines add up
    local = int(bool(addresses) and all(_local(one) for text in addresses for one in text.split(",")))
    for path, line, words in lines:
        name = words[0].lower()
        if name not in KINDS or len(words) < 2:
            continue
        writable, three = KINDS[name]
        rest = words[1:]
        if name.startswith("com2sec") and rest[0] == "-Cn":
            rest = rest[2:]
        if name.startswith("com2sec"):
            source, community = (rest[1] if len(rest) > 1 else ""), (rest[2] if len(rest) > 2 else "")
        else:
            community, source = rest[0], (rest[1] if len(rest) > 1 and not rest[1].startswith("-") else "")
        security = ""
        if three:
            levels = [LEVELS[word.lower()] for word in rest[1:] if word.lower() in LEVELS]
            source, security = "", (levels or ["auth"])[0]
        yield SnmpAccess(
            name, three, int(not three and community.lower() in WELL_KNOWN), writable,
            "" if source == "default" else source, security, local, path, line,
        )  # fmt: skip
    _settings.finish(target, unread)


def _local(address: str) -> bool:
    bare = address.split(":", 1)[1] if address.lower().startswith(("udp:", "tcp:", "udp6:", "tcp6:")) else address
    return bare.startswith(("127.", "localhost", "[::1]", "::1")) or address.lower().startswith("unix:")


def _read(target: Target, path: str, lines: list[tuple[str, int, list[str]]], unread: list[str], depth: int) -> None:
    text = _settings.read(target, path, unread) if depth <= MAX_DEPTH else None
    for number, raw in enumerate((text or "").splitlines(), 1):
        words = raw.partition("#")[0].split()
        if not words:
            continue
        if len(lines) > MAX_ROWS:
            unread.append(f"{path} (lines after the first {MAX_ROWS})")
            return
        if words[0].lower() == "includedir" and len(words) > 1:
            for one in _settings.expand(target, words[1].rstrip("/") + "/*.conf", unread):
                _read(target, one, lines, unread, depth + 1)
        elif words[0].lower() in ("include", "includefile") and len(words) > 1:
            _read(target, words[1] if words[1].startswith("/") else f"/etc/snmp/{words[1]}", lines, unread, depth + 1)
        else:
            lines.append((path, number, [word.strip("\"'") for word in words]))
