"""memcached_config: the options with which memcached starts. Not in osquery."""

from __future__ import annotations

import re
import shlex
from typing import Iterator

from secaudit.tableapi import Target, table
from secaudit.tables.host import _settings
from secaudit.tables.host._settings import Setting

NAMES = {
    "-l": "listen", "--listen": "listen", "-p": "port", "--port": "port", "-U": "udp_port", "--udp-port": "udp_port",
    "-u": "user", "--user": "user", "-s": "unix_socket", "--unix-socket": "unix_socket",
}  # fmt: skip
SWITCHES = {"-S": "sasl", "--enable-sasl": "sasl", "-Z": "tls", "--enable-ssl": "tls"}
DEFAULTS = {"listen": "", "port": "11211", "udp_port": "0", "sasl": "0", "tls": "0", "unix_socket": "", "user": ""}
"""Built-in values of memcached(1) since 1.5.6. No address to listen on means all."""


OPTIONS = r"\s(?:-l|-U|--listen|--udp-port)[ =]?[\w.:]"
"""On the command line of a unit these would win."""


@table(targets={"host", "root"})
def memcached_config(target: Target) -> Iterator[Setting]:
    """Yield the options of /etc/memcached*.conf (Debian) or /etc/sysconfig/memcached (Fedora, SUSE).

    Several `-l` are one value, separated by spaces. Switches are 1 and 0; `listens_network` is 1 when
    other machines reach it.

    Source: memcached(1), /usr/share/memcached/scripts/systemd-memcached-wrapper

    Raises:
        Absent: memcached is not installed.
        Partial: a file could not be read.
    """
    _settings.require(target, "memcached", ("memcached",), ("memcached.service",))
    unread: list[str] = []
    seen = False
    for path in _settings.expand(target, "/etc/memcached*.conf", unread):
        text = _settings.read(target, path, unread)
        if text is not None:
            seen = True
            lines = (
                (number, raw) for number, raw in enumerate(text.splitlines(), 1) if not raw.lstrip().startswith("#")
            )
            yield from _rows(path, ((number, word) for number, raw in lines for word in _words(raw)), path)
    for path in ("/etc/sysconfig/memcached", "/etc/conf.d/memcached"):
        text = _settings.read(target, path, unread)
        if text is not None:
            seen = True
            yield from _sysconfig(path, text)
    if not seen and not unread:
        yield from _finished("", {})
    _settings.command_line(target, ("memcached.service",), OPTIONS, unread)
    _settings.finish(target, unread)


def _words(raw: str) -> list[str]:
    try:
        return shlex.split(raw, comments=True)
    except ValueError:
        return raw.split()


def _sysconfig(path: str, text: str) -> Iterator[Setting]:
    words: list[tuple[int, str]] = []
    for number, raw in enumerate(text.splitlines(), 1):
        match = re.match(r"\s*(PORT|USER|LISTENON|OPTIONS|MEMCACHED_PARAMS|MISC_OPTS|MEMCACHED_USER)=(.*)", raw)
        if match is None:
            continue
        value = (_words(match.group(2)) or [""])[0]
        sign = {"PORT": "-p", "USER": "-u", "LISTENON": "-l", "MEMCACHED_USER": "-u"}.get(match.group(1))
        words.extend((number, word) for word in ([sign, value] if sign and value else value.split()))
    yield from _rows(path, iter(words), path)


def _rows(instance: str, words: Iterator[tuple[int, str]], path: str) -> Iterator[Setting]:
    found: dict[str, Setting] = {}
    for number, word in words:
        name, sign, value = word.partition("=")
        if name not in NAMES and name not in SWITCHES and word[:2] in (*NAMES, *SWITCHES) and not word.startswith("--"):
            name, sign, value = word[:2], "=", word[2:]  # -l127.0.0.1
        if name in SWITCHES:
            found[SWITCHES[name]] = Setting(instance, SWITCHES[name], "1", path, number)
        elif name in NAMES:
            key = NAMES[name]
            if not sign:
                value = next(words, (0, ""))[1]
            before = found.get(key)
            if key == "listen" and before is not None:
                value = f"{before.value} {value}"
            found[key] = Setting(instance, key, value.replace(",", " ") if key == "listen" else value, path, number)
    yield from _finished(instance, found)


def _finished(instance: str, found: dict[str, Setting]) -> Iterator[Setting]:
    rows = {row.name: row for row in _settings.effective(instance, found, DEFAULTS)}
    yield from rows.values()
    reached = "0" if rows["unix_socket"].value else _settings.beyond((rows["listen"].value or "*").split())
    yield rows["listen"]._replace(name="listens_network", value=reached)
