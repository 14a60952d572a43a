"""Read sshd_config with its Includes and Match blocks into statements, in the order in which sshd meets them."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target
from secaudit.tables.host import _sshd_defaults as facts
from secaudit.tables.host._ssh_words import (
    BadLine,
    next_word,
    split_keyword,
    split_words,
    split_words_before_8_7,
)
from secaudit.tables.host._sshd_values import LAST_WINS, WHOLE_LINE

MAX_DEPTH = 16
"""SERVCONF_MAX_DEPTH of servconf.c."""
MAX_FILES = 2000
MAX_STATEMENTS = 50_000
FILE_LIMIT_BYTES = 1 << 20

ALIASES = {
    "hostdsakey": "hostkey",
    "hostbasedacceptedkeytypes": "hostbasedacceptedalgorithms",
    "pubkeyacceptedkeytypes": "pubkeyacceptedalgorithms",
    "dsaauthentication": "pubkeyauthentication",
    "gssapicleanupcreds": "gssapicleanupcredentials",
    "keepalive": "tcpkeepalive",
}
KEYBOARD_ALIASES = ("challengeresponseauthentication", "skeyauthentication")
"""Since 8.7 other names of kbdinteractiveauthentication; before, the first was a keyword of its own."""
_CRITERIA = {"user", "group", "host", "address", "localaddress", "localport", "rdomain", "version"}


class Statement(NamedTuple):
    """One line that sets something."""

    keyword: str
    """Lower case, without aliases."""
    words: list[str]
    match: tuple[str, ...]
    """The Match lines around it, outermost first; empty for the global section."""
    is_global: bool
    """sshd takes it when it starts. True also below `Match all`."""
    is_sure: bool
    """False when a file that could not be read comes before it and may have set the same."""
    path: str
    line: int


class _Stop(Exception):
    """sshd gives up reading here."""


class Reader:
    """Walks through the configuration once.

    Args:
        target: where to read.
        number: the version of sshd, None when not known.
        is_debian_family: whether the facts about keywords were measured on this kind of build.
    """

    def __init__(self, target: Target, number: tuple[int, int] | None, is_debian_family: bool) -> None:
        self._target = target
        self._number = number
        self.has_new_grammar = number is None or number >= (8, 7)
        """Since 8.7: words split as a shell does, comments only between words, one keyboard-interactive keyword."""
        self._is_strict = is_debian_family and number is not None and number <= facts.MEASURED[-1]
        self._files = 0
        self.statements: list[Statement] = []
        self.refused: list[str] = []
        """Why sshd would not start with this configuration."""
        self.unread: list[str] = []
        """Files that are part of it and could not be read."""

    def last_wins(self, keyword: str) -> bool:
        """Whether this sshd keeps the last value, not the first."""
        return keyword in LAST_WINS and (self._number is None or self._number <= LAST_WINS[keyword])

    def read_option(self, text: str, path: str, line: int) -> None:
        """Take the text of one `-o` of the command line."""
        self._line(text, path, line, (), True, 0)

    def read_file(self, path: str) -> None:
        """Read the main file. Raise FileNotFoundError, PermissionError."""
        data = self._target.read_text(path, FILE_LIMIT_BYTES)
        try:
            self._text(data, path, (), True, 0)
        except _Stop:
            pass

    def _text(self, data: str, path: str, match: tuple[str, ...], is_global: bool, depth: int) -> None:
        if depth > MAX_DEPTH:
            self.refused.append(f"{path}: files include each other without end")
            raise _Stop
        if "\0" in data:
            self.refused.append(f"{path} holds a NUL byte")
            raise _Stop
        outer, inside_global = match, is_global
        for number, line in enumerate(data.split("\n"), 1):
            found = self._line(line, path, number, match, is_global, depth)
            if found is not None:
                # `Match all` in the global section stays active when sshd starts.
                is_global = found == "all" and inside_global
                match = (*outer, found)

    def _line(
        self, line: str, path: str, number: int, match: tuple[str, ...], is_global: bool, depth: int
    ) -> str | None:
        """Take one line; give the criteria of a Match line."""
        if not self.has_new_grammar:
            line = line.partition("#")[0]  # load_server_config cut comments off, quoted or not, up to 8.6
        try:
            parts = split_keyword(line)
            if parts is None:
                return None
            keyword, rest = parts
            self._check_keyword(keyword, bool(match) and not is_global)
            if keyword == "match":
                return self._criteria(rest)
            words = self._words(keyword, rest)
        except BadLine as problem:
            self.refused.append(f"{path} line {number}: {problem}")
            return None
        if keyword == "include":
            self._include(words, path, number, match, is_global, depth)
        elif self._has_effect(keyword):
            if len(self.statements) >= MAX_STATEMENTS:
                self.refused.append(f"more than {MAX_STATEMENTS} settings")
                raise _Stop
            self.statements.append(
                Statement(self._canonical(keyword), words, match, is_global, not self.unread, path, number)
            )
        return None

    def _check_keyword(self, keyword: str, in_match: bool) -> None:
        if not self._is_strict or self._number is None:
            return
        if keyword not in facts.KEYWORDS or self._number <= facts.MISSING_UNTIL.get(keyword, (0, 0)):
            raise BadLine(f"this sshd does not know the keyword {keyword[:60]}")
        if in_match and (
            keyword not in facts.IN_MATCH or self._number <= facts.OUTSIDE_MATCH_UNTIL.get(keyword, (0, 0))
        ):
            raise BadLine(f"{keyword} is not allowed inside a Match block")

    def _has_effect(self, keyword: str) -> bool:
        if keyword == "skeyauthentication":
            return self.has_new_grammar
        return keyword not in facts.IGNORED or keyword == "protocol"  # a trace of version 1 is worth a row

    def _canonical(self, keyword: str) -> str:
        if keyword in KEYBOARD_ALIASES and self.has_new_grammar:
            return "kbdinteractiveauthentication"
        return ALIASES.get(keyword, keyword)

    def _words(self, keyword: str, rest: str) -> list[str]:
        is_new = self.has_new_grammar
        if keyword in WHOLE_LINE:
            if is_new:
                split_words(rest)  # a quote left open is refused here too
            return [rest]
        if is_new:
            return split_words(rest)
        return split_words_before_8_7(rest, split_equals=keyword != "setenv")

    def _criteria(self, rest: str) -> str:
        """The criteria of a Match line in one spelling."""
        parts: list[str] = []
        words = list(self._criteria_words(rest))
        at = 0
        while at < len(words) and not words[at].startswith("#"):
            name = words[at].lower()
            at += 1
            if name in ("all", "invalid-user"):
                parts.append(name)
                continue
            name, equals, value = name.partition("=")
            if equals:
                value = words[at - 1].partition("=")[2]
            else:
                value = words[at] if at < len(words) else ""
                at += 1
            if name not in _CRITERIA or value == "" or value.startswith("#"):
                raise BadLine(f"Match does not know {name[:40]} {value[:40]}".rstrip())
            parts.append(f"{name} {value}")
        if not parts or ("all" in parts and len(parts) > 1):
            raise BadLine("the criteria of Match are wrong")
        return " ".join(parts)

    def _criteria_words(self, rest: str) -> Iterator[str]:
        if self._number is not None and self._number >= (10, 0):
            yield from split_words(rest)
            return
        left: str | None = rest
        while left:
            word, left = next_word(left)
            if word == "":
                return
            yield word

    def _include(
        self, words: list[str], path: str, number: int, match: tuple[str, ...], is_global: bool, depth: int
    ) -> None:
        if not words:
            self.refused.append(f"{path} line {number}: Include names no file")
        for word in words:
            pattern = word if word.startswith(("/", "~")) else f"/etc/ssh/{word}"
            try:
                found = self._target.glob(pattern) if pattern.startswith("/") else []
            except OSError:
                self.unread.append(pattern)
                continue
            for included in found:
                self._files += 1
                if self._files > MAX_FILES:
                    self.refused.append(f"more than {MAX_FILES} files are included")
                    raise _Stop
                try:
                    if self._target.stat(included).kind == "dir":
                        continue
                    data = self._target.read_text(included, FILE_LIMIT_BYTES)
                except FileNotFoundError:
                    self.refused.append(f"{included} is a link that leads nowhere")
                    continue
                except OSError:
                    self.unread.append(included)
                    continue
                self._text(data, included, match, is_global, depth + 1)
