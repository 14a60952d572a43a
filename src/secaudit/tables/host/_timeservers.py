"""Where time services get their time from, by their configuration files."""

from __future__ import annotations

import re
from typing import NamedTuple

from secaudit.tableapi import Target
from secaudit.tables.host._dropins import read_config

CHRONY_FILES = ("/etc/chrony/chrony.conf", "/etc/chrony.conf")
MAX_FILES = 100
BUILT_IN = "(built in)"


class TimeSource(NamedTuple):
    """One configured server."""

    service: str
    kind: str
    """server, pool, peer, refclock or fallback."""
    address: str
    nts: int
    path: str | None
    line: int | None


def read_sources(target: Target, service: str, unread: list[str]) -> list[TimeSource]:
    """The servers of one service, by the name that time_sync gives it."""
    if service == "systemd-timesyncd":
        return _timesyncd(target, unread)
    if service == "chrony":
        path = next((path for path in CHRONY_FILES if target.exists(path)), "")
        found: list[TimeSource] = []
        _chrony(target, path, found, set(), unread)
        return found
    files = {
        "ntpsec": ("/etc/ntpsec/ntp.conf", "/etc/ntp.conf"),
        "ntp": ("/etc/ntp.conf",),
        "openntpd": ("/etc/openntpd/ntpd.conf", "/etc/ntpd.conf"),
    }.get(service, ())
    return [source for path in files for source in _ntp(target, service, path, unread)]


def _timesyncd(target: Target, unread: list[str]) -> list[TimeSource]:
    config = read_config(target, "systemd/timesyncd.conf")
    unread.extend(config.unread)
    found: list[TimeSource] = []
    for key, kind in (("NTP", "server"), ("FallbackNTP", "fallback")):
        for word, setting in config.words("Time", key):
            found.append(TimeSource("systemd-timesyncd", kind, word, 0, setting.path, setting.line))
    if not any(setting.key == "FallbackNTP" for setting in config.settings):
        # compiled in: the distribution's pool, used when neither the network nor the files name a server
        found.append(TimeSource("systemd-timesyncd", "fallback", BUILT_IN, 0, None, None))
    return found


def _lines(target: Target, path: str, unread: list[str]) -> list[tuple[int, list[str]]]:
    try:
        text = target.read_text(path) if path else ""
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError:
        unread.append(path)
        return []
    return [
        (number, words)
        for number, line in enumerate(text.splitlines(), 1)
        if (words := line.split()) and words[0][0] not in "#!;%"
    ]


def _chrony(target: Target, path: str, found: list[TimeSource], seen: set[str], unread: list[str]) -> None:
    """chrony.conf(5): names in any case; include, confdir and sourcedir add files."""
    if path in seen:
        return
    if len(seen) >= MAX_FILES:
        unread.append(f"{path} (too many files)")
        return
    seen.add(path)
    for number, words in _lines(target, path, unread):
        name = words[0].lower()
        if name in ("server", "pool", "peer", "refclock") and len(words) > 1:
            nts = int("nts" in (word.lower() for word in words[2:]))
            found.append(
                TimeSource("chrony", name, " ".join(words[1:3]) if name == "refclock" else words[1], nts, path, number)
            )
        elif name == "include" and len(words) > 1:
            _follow(target, [words[1]], found, seen, unread)
        elif name in ("confdir", "sourcedir"):
            ending = "conf" if name == "confdir" else "sources"
            _follow(target, [f"{folder.rstrip('/')}/*.{ending}" for folder in words[1:]], found, seen, unread)


def _follow(target: Target, patterns: list[str], found: list[TimeSource], seen: set[str], unread: list[str]) -> None:
    for pattern in patterns:
        try:
            paths = target.glob(pattern)
        except OSError:
            unread.append(pattern)
            continue
        for path in paths:
            _chrony(target, path, found, seen, unread)


def _ntp(target: Target, service: str, path: str, unread: list[str]) -> list[TimeSource]:
    """ntp.conf(5) and OpenNTPD's ntpd.conf(5), in which `servers` names a pool."""
    found: list[TimeSource] = []
    for number, words in _lines(target, path, unread):
        name = "pool" if words[0] == "servers" else words[0]
        if name in ("server", "pool", "peer") and len(words) > 1 and not re.match(r"127\.127\.1\.", words[1]):
            found.append(TimeSource(service, name, words[1], int("nts" in words[2:]), path, number))
        elif words[0] == "sensor" and service == "openntpd" and len(words) > 1:
            found.append(TimeSource(service, "refclock", words[1], 0, path, number))
    return found
