"""Read ssh_config(5) of the system and of every person into statements."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target
from secaudit.tables.host._passwd import homes
from secaudit.tables.host._ssh_words import BadLine, split_keyword, split_words

MAX_DEPTH = 16
"""READCONF_MAX_DEPTH of readconf.c."""
MAX_FILES = 500
MAX_STATEMENTS = 50_000
FILE_LIMIT_BYTES = 1 << 20
SYSTEM_FILE = "/etc/ssh/ssh_config"
_ALIASES = {
    "dsaauthentication": "pubkeyauthentication",
    "pubkeyacceptedkeytypes": "pubkeyacceptedalgorithms",
    "hostbasedkeytypes": "hostbasedacceptedalgorithms",
    "challengeresponseauthentication": "kbdinteractiveauthentication",
    "skeyauthentication": "kbdinteractiveauthentication",
    "tisauthentication": "kbdinteractiveauthentication",
    "keepalive": "tcpkeepalive",
    "identityfile2": "identityfile",
    "globalknownhostsfile2": "globalknownhostsfile",
    "userknownhostsfile2": "userknownhostsfile",
}
_WHOLE_LINE = ("proxycommand", "localcommand", "remotecommand", "knownhostscommand")
_STRICT = {
    "true": "yes",
    "yes": "yes",
    "false": "no",
    "no": "no",
    "off": "no",
    "ask": "ask",
    "accept-new": "accept-new",
}
_AS_WRITTEN = {"identityfile", "certificatefile", "user", "hostname", "userknownhostsfile", "globalknownhostsfile"}


class Statement(NamedTuple):
    """One setting of one file."""

    username: str
    """'' for the file of the system."""
    host: str
    """The patterns of the Host line, `*` before the first one and for `Match all`; `match ...` for other criteria."""
    keyword: str
    value: str
    path: str
    line: int


class ClientReader:
    """Reads the files of one account, or of the system when `username` is ''."""

    def __init__(self, target: Target, username: str, home: str) -> None:
        self._target = target
        self._username = username
        self._home = home
        self._files = 0
        self._count = 0
        self.unread: list[str] = []
        self.wrong: list[str] = []

    def read(self, path: str) -> Iterator[Statement]:
        """Every statement of a file and its Includes. A file that does not exist has none."""
        yield from self._file(path, "*", 0)

    def _file(self, path: str, host: str, depth: int) -> Iterator[Statement]:
        self._files += 1
        if depth > MAX_DEPTH or self._files > MAX_FILES:
            self.wrong.append(f"{path}: too many files include each other")
            return
        try:
            text = self._target.read_text(path, FILE_LIMIT_BYTES)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError:
            self.unread.append(path)
            return
        for number, line in enumerate(text.split("\n"), 1):
            try:
                parts = split_keyword(line)
                if parts is None:
                    continue
                keyword = _ALIASES.get(parts[0], parts[0])
                words = [parts[1]] if keyword in _WHOLE_LINE else split_words(parts[1])
            except BadLine as problem:
                self.wrong.append(f"{path} line {number}: {problem}")
                continue
            if not words:
                self.wrong.append(f"{path} line {number}: {keyword} has no value")
            elif keyword == "host":
                host = " ".join(words)
            elif keyword == "match":
                host = "*" if [word.lower() for word in words] == ["all"] else f"match {' '.join(words)}"
            elif keyword == "include":
                for word in words:
                    yield from self._include(word, host, depth)
            else:
                self._count += 1
                if self._count > MAX_STATEMENTS:
                    self.wrong.append(f"{path}: more than {MAX_STATEMENTS} settings")
                    return
                yield Statement(self._username, host, keyword, _value(keyword, words), path, number)

    def _include(self, word: str, host: str, depth: int) -> Iterator[Statement]:
        if word.startswith("~/") and self._home:
            pattern = self._home + word[1:]
        elif word.startswith("/"):
            pattern = word
        else:
            pattern = f"{self._home}/.ssh/{word}" if self._home else f"/etc/ssh/{word}"
        try:
            found = self._target.glob(pattern)
        except OSError:
            self.unread.append(pattern)
            return
        for path in found:
            yield from self._file(path, host, depth + 1)


def _value(keyword: str, words: list[str]) -> str:
    if keyword == "stricthostkeychecking":
        return _STRICT.get(words[0].lower(), words[0])
    text = " ".join(words)
    if keyword in _AS_WRITTEN:
        return text
    return {"true": "yes", "yes": "yes", "false": "no", "no": "no"}.get(text.lower(), text)


def client_readers(target: Target) -> Iterator[tuple[ClientReader, str]]:
    """A reader and the file to begin with: the system's first, then every person's and root's."""
    yield ClientReader(target, "", ""), SYSTEM_FILE
    for home in homes(target):
        yield ClientReader(target, home.username, home.directory), f"{home.directory}/.ssh/config"
