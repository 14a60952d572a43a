"""Read the configuration of nginx: tokens, blocks and includes as nginx itself reads them.

Source: ngx_conf_read_token and ngx_conf_include of nginx's src/core/ngx_conf_file.c (behaviour, read at 1.22), and
https://nginx.org/en/docs/ngx_core_module.html#include
"""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from typing import Iterator, NamedTuple, Sequence

from secaudit.tableapi import Target
from secaudit.tables.host import _settings, _unitcommand
from secaudit.tables.host._systemd import Units

MAIN_FILES = ("/etc/nginx/nginx.conf", "/usr/local/nginx/conf/nginx.conf", "/usr/local/openresty/nginx/conf/nginx.conf")
PROGRAMS = ("nginx", "openresty")
PLACES = ("/usr/local/nginx/sbin/nginx", "/usr/local/openresty/nginx/sbin/nginx", "/opt/nginx/sbin/nginx")
UNITS = ("nginx.service", "openresty.service")
MAX_DEPTH = 30
MAX_FILES = 1000
MAX_DIRECTIVES = 200_000

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)|(?P<comment>\#[^\n]*)|(?P<end>[;{}])
    |"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)'|(?P<word>(?:\\.|\$\{|[^\s;{}\\])(?:\\.|\$\{[^\s;{}]*\}|[^\s;{\\])*)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\([\"'\\ trn])")
_ESCAPED = {"t": "\t", "r": "\r", "n": "\n"}


class Directive(NamedTuple):
    """One directive with its arguments, and what its block holds."""

    name: str
    args: tuple[str, ...]
    path: str
    line: int
    block: tuple[Directive, ...] | None
    """None for a simple directive."""


class Token(NamedTuple):
    """A word, or one of ; { }."""

    text: str
    line: int
    is_sign: bool


def note_start(target: Target, unread: list[str]) -> None:
    """Say it when a service gives nginx another file, or a directive on its command line that is judged here."""
    units = Units(target)
    for name in UNITS:
        for one in _unitcommand.commands(target, units, name, unread):
            for option, value in zip(one.words[1:], one.words[2:]):  # noqa: B905  Python 3.9
                if (option == "-c" and value not in MAIN_FILES) or (option == "-g" and re.search(r"\buser\b", value)):
                    unread.append(f"{one.path}:{one.line} (options on the command line)")
    unread.extend(units.unread[:3])


class NginxFiles:
    """The whole configuration.

    Attributes:
        unread: files and patterns that could not be read, and what could not be understood.
        files: every file that was read, in order.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self.unread: list[str] = []
        self.files: list[str] = []
        self._count = 0
        self.main = next((path for path in MAIN_FILES if self._exists(path)), "")

    def _exists(self, path: str) -> bool:
        try:
            return self._target.exists(path)
        except OSError:
            return True

    def directives(self) -> tuple[Directive, ...]:
        """The main context with all includes in their place."""
        return tuple(self._file(self.main, 0)) if self.main else ()

    def _file(self, path: str, depth: int) -> list[Directive]:
        if depth > MAX_DEPTH or len(self.files) >= MAX_FILES:
            self.unread.append(f"{path} (too many includes)")
            return []
        text = _settings.read(self._target, path, self.unread)
        if text is None:
            if path not in self.unread:
                self.unread.append(f"{path} (not there)")  # nginx does not start then
            return []
        self.files.append(path)
        tokens = _read_tokens(text)
        found, at = self._block(tokens, 0, path, depth, 0)
        if at < len(tokens):
            self.unread.append(f"{path} (a closing brace too many)")
        return found

    def _block(
        self, tokens: Sequence[Token], at: int, path: str, depth: int, level: int
    ) -> tuple[list[Directive], int]:
        """Directives up to the closing brace or the end; the place after them."""
        found: list[Directive] = []
        words: list[Token] = []
        while at < len(tokens):
            token = tokens[at]
            at += 1
            if not token.is_sign:
                words.append(token)
                continue
            if token.text == "}":
                if level == 0:
                    return found, at - 1
                return found, at
            if not words:
                continue
            self._count += 1
            if self._count > MAX_DIRECTIVES or level > 60:
                self.unread.append(f"{path} (too large)")
                return found, len(tokens)
            name, args = words[0].text, tuple(word.text for word in words[1:])
            line = words[0].line
            words = []
            if token.text == ";":
                if name == "include" and args:
                    found.extend(self._include(args[0], depth))
                else:
                    found.append(Directive(name, args, path, line, None))
                continue
            inner, at = self._block(tokens, at, path, depth, level + 1)
            found.append(Directive(name, args, path, line, tuple(inner)))
        return found, at

    def _include(self, pattern: str, depth: int) -> Iterator[Directive]:
        whole = posixpath.join(posixpath.dirname(self.main), pattern)
        for path in _settings.expand(self._target, whole, self.unread):
            yield from self._file(path, depth + 1)


@lru_cache(maxsize=1024)
def _read_tokens(text: str) -> tuple[Token, ...]:
    """All tokens of a file; kept, because several tables read the same files."""
    return tuple(_tokens(text))


def _tokens(text: str) -> Iterator[Token]:
    """Words and signs with their lines. The code of a `..._by_lua_block` is passed over."""
    at, line = 0, 1
    first = True
    lua = False
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:  # a quote that is not closed
            return
        kind, piece = match.lastgroup, match.group()
        start = line
        line += piece.count("\n")
        at = match.end()
        if kind in ("space", "comment"):
            continue
        if kind == "end":
            yield Token(piece, start, True)
            if lua and piece == "{":
                at = _after_lua(text, at)
                line = text.count("\n", 0, at) + 1
                yield Token("}", line, True)
            first, lua = True, False
            continue
        word = match.group(kind or "word") or ""
        if first:
            lua = word.endswith("_by_lua_block")
            first = False
        yield Token(_ESCAPE.sub(lambda found: _ESCAPED.get(found.group(1), found.group(1)), word), start, False)


def _after_lua(text: str, at: int) -> int:
    """The place after the brace that closes a block of Lua; braces in its texts and comments do not count."""
    depth = 1
    for match in re.finditer(
        r'--\[\[.*?\]\]|--[^\n]*|"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|[{}]', text[at:], re.DOTALL
    ):
        if match.group() in "{}":
            depth += 1 if match.group() == "{" else -1
            if depth == 0:
                return at + match.end()
    return len(text)
