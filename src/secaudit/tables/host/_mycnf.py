"""Read the option files of MySQL and MariaDB: groups, includes and their order.

Source: https://dev.mysql.com/doc/refman/8.4/en/option-files.html and
https://mariadb.com/docs/server/server-management/install-and-upgrade-mariadb/configuring-mariadb/configuring-mariadb-with-option-files
"""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target
from secaudit.tables.host import _settings

MAIN_FILES = ("/etc/my.cnf", "/etc/mysql/my.cnf", "/usr/etc/my.cnf")
MAX_DEPTH = 10
MAX_FILES = 500
_GROUP = re.compile(r"\[\s*([^\]]*?)\s*\]")
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "r": "\r", "\\": "\\", "s": " "}


class Option(NamedTuple):
    """One option of a group, in the order in which the server reads them."""

    name: str
    """Lower case, with `-` for `_`."""
    value: str | None
    """None when the option stands without a value."""
    path: str
    line: int


class Reader:
    """The options of the server's groups.

    Attributes:
        unread: files and folders that could not be read.
        files: every file that was read, in order.
    """

    def __init__(self, target: Target, groups: re.Pattern[str]) -> None:
        self._target = target
        self._groups = groups
        self.unread: list[str] = []
        self.files: list[str] = []

    def options(self) -> Iterator[Option]:
        for path in MAIN_FILES:
            yield from self.read(path, 0, False)

    def read(self, path: str, depth: int, named: bool) -> Iterator[Option]:
        if depth > MAX_DEPTH or len(self.files) >= MAX_FILES:
            self.unread.append(f"{path} (too many includes)")
            return
        text = _settings.read(self._target, path, self.unread)
        if text is None:
            if named and path not in self.unread:
                self.unread.append(f"{path} (not there)")
            return
        self.files.append(path)
        wanted = False
        for number, raw in enumerate(text.splitlines(), 1):
            line = raw.strip()
            if not line or line[0] in "#;":
                continue
            if line.startswith("!"):
                yield from self._include(line, depth)
                continue
            group = _GROUP.match(line)
            if group is not None:
                wanted = self._groups.fullmatch(group.group(1)) is not None
            elif wanted:
                name, sign, value = _without_comment(line).partition("=")
                yield Option(name.strip().lower().replace("_", "-"), _value(value) if sign else None, path, number)

    def _include(self, line: str, depth: int) -> Iterator[Option]:
        word, _, place = line.partition(" ") if " " in line else line.partition("\t")
        place = place.strip()
        if word == "!include":
            yield from self.read(place, depth + 1, True)
        elif word == "!includedir":
            for path in _settings.expand(self._target, place.rstrip("/") + "/*.cnf", self.unread):
                yield from self.read(path, depth + 1, True)


def _without_comment(line: str) -> str:
    """A # ends the line, unless it is inside quotes."""
    quote, escaped = "", False
    for position, sign in enumerate(line):
        if escaped:
            escaped = False
        elif sign == "\\" and quote:
            escaped = True
        elif quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "#":
            return line[:position]
    return line


def _value(text: str) -> str:
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    return re.sub(r"\\([btnr\\s])", lambda one: _ESCAPES[one.group(1)], text)
