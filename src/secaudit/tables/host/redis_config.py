"""redis_config: what each Redis, Valkey or KeyDB server would use. Not in osquery."""

from __future__ import annotations

import posixpath
import re
from typing import Iterator

from secaudit.tableapi import Target, table
from secaudit.tables.host import _settings
from secaudit.tables.host._settings import Setting

PROGRAMS = ("redis-server", "valkey-server", "keydb-server")
UNITS = ("redis-server.service", "redis.service", "valkey.service", "valkey-server.service", "keydb-server.service")
PATTERNS = ("/etc/redis/*.conf", "/etc/redis.conf", "/etc/valkey/*.conf", "/etc/keydb/*.conf")
DEFAULTS = {
    "bind": "* -::*",
    "protected-mode": "yes",
    "port": "6379",
    "tls-port": "0",
    "unixsocketperm": "0",
    "enable-debug-command": "no",
    "enable-module-command": "no",
}
"""Built-in values of Redis 7 and Valkey, redis.conf of the source."""

SECRETS = ("requirepass", "masterauth", "primaryauth", "tls-key-file-pass", "tls-client-key-file-pass")
REPEATED = ("rename-command", "user", "save", "include", "loadmodule")
MAX_DEPTH = 10
_WORD = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|(\S+)")


class _Server:
    """One configuration file with what it includes."""

    def __init__(self, target: Target, path: str, unread: list[str]) -> None:
        self._target = target
        self._unread = unread
        self.path = path
        self.found: dict[str, Setting] = {}
        self.renamed: list[Setting] = []
        self.default_user = "nopass"
        self._users: list[list[str]] = []
        self._read(path, 0)
        self._log_in()

    def _read(self, path: str, depth: int) -> None:
        text = _settings.read(self._target, path, self._unread)
        if text is None or depth > MAX_DEPTH:
            if path not in self._unread and (depth > MAX_DEPTH or path != self.path):
                self._unread.append(path)
            return
        for number, raw in enumerate(text.splitlines(), 1):
            words = _words(raw)
            if not words:
                continue
            name, values = words[0].lower(), words[1:]
            if name == "include" and values:
                for one in _settings.expand(self._target, posixpath.join("/", values[0]), self._unread):
                    self._read(one, depth + 1)
            elif name == "user":
                self._users.append(values)
            elif name == "rename-command":
                self.renamed.append(Setting(self.path, name, values[0].lower() if values else "", path, number))
            elif name not in REPEATED:
                value = " ".join(values)
                if name in SECRETS:
                    value = "set" if value else ""
                self.found[name] = Setting(self.path, name, value, path, number)

    def _log_in(self) -> None:
        """How the user named default logs in, whom every client is until it says otherwise. ACL lines win."""
        given = self.found.get("requirepass")
        self.default_user = "password" if given is not None and given.value else "nopass"
        users = list(self._users)
        aclfile = self.found.get("aclfile")
        if aclfile is not None and aclfile.value:
            text = _settings.read(self._target, aclfile.value, self._unread)
            users.extend(words[1:] for words in map(_words, (text or "").splitlines()) if words[:1] == ["user"])
        for words in users:
            if words[:1] != ["default"]:
                continue
            state, on = "password", False  # `user` starts from a user that is off and has no password
            for word in words[1:]:
                if word in ("on", "off"):
                    on = word == "on"
                elif word == "nopass":
                    state = "nopass"
                elif word[:1] in (">", "#") or word in ("resetpass", "reset"):
                    state = "password"
            self.default_user = state if on else "off"


OPTIONS = r"--(?:bind|protected-mode|requirepass|port|tls-port|aclfile|user)\b"
"""On the command line of a unit these would win."""


@table(targets={"host", "root"})
def redis_config(target: Target) -> Iterator[Setting]:
    """Yield the settings of each server; `instance` is its file.

    `listens_network` is 1 when it listens on addresses that other machines
    reach. `default_user` tells how a client that does not log in is treated: nopass, password or off.
    `rename-command` gives one row for each renamed command. Options on its command line are told as missing.

    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/config/ and .../security/acl/

    Raises:
        Absent: none of them is installed.
        Partial: a file could not be read.
    """
    _settings.require(target, "Redis", PROGRAMS, UNITS)
    unread: list[str] = []
    for pattern in PATTERNS:
        for path in _settings.expand(target, pattern, unread):
            if "sentinel" in posixpath.basename(path):
                continue
            try:
                if target.stat(path).kind == "dir":
                    continue
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError:
                unread.append(path)
                continue
            server = _Server(target, path, unread)
            rows = {row.name: row for row in _settings.effective(path, server.found, DEFAULTS)}
            yield from rows.values()
            ports = (rows["port"].value, rows["tls-port"].value)
            reached = "0" if ports == ("0", "0") else _settings.beyond((rows["bind"].value or "*").split())
            yield rows["bind"]._replace(name="listens_network", value=reached)
            yield from server.renamed
            aclfile = server.found.get("aclfile", server.found.get("requirepass"))
            yield Setting(
                path,
                "default_user",
                server.default_user,
                aclfile.path if aclfile else None,
                aclfile.line if aclfile else None,
            )
    _settings.command_line(target, UNITS, OPTIONS, unread)
    _settings.finish(target, unread)


def _words(raw: str) -> list[str]:
    """The words of a line; empty for a comment, which is a line that begins with #."""
    line = raw.strip()
    if line.startswith("#"):
        return []
    found: list[str] = []
    for match in _WORD.finditer(line):
        double, single, bare = match.groups()
        quoted = double if double is not None else single
        found.append(bare if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
    return found
