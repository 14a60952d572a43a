"""One statement of sudoers(5): Defaults, an alias, or who may run what.

Source: plugins/sudoers/gram.y of sudo 1.9.13; compared with `cvtsudoers -f json`.
"""

from __future__ import annotations

import re
from typing import Iterator

from secaudit.tables.host._sudomodel import Default, Grant, Item, Sudoers, Wrong
from secaudit.tables.host._sudotokens import COMMAND, DIGEST, END, OPTION, WORD, Tokens, unquoted

_DEFAULTS = re.compile(r"Defaults(?:([:@>!])[ \t]*|(?=[ \t]|$))")
_ALIAS = re.compile(r"(Host|Cmnd|Cmd|User|Runas)_Alias(?=[ \t])")
_SCOPES = {":": "user", "@": "host", ">": "runas", "!": "command"}


def parse_statement(text: str, path: str, line: int, sudoers: Sudoers) -> None:
    defaults = _DEFAULTS.match(text)
    if defaults:
        sudoers.defaults += _defaults(defaults.group(1) or "", text[defaults.end() :], path, line)
        return
    alias = _ALIAS.match(text)
    tokens = Tokens(text, alias.end() if alias else 0)
    if alias:
        _aliases("Cmnd" if alias.group(1) == "Cmd" else alias.group(1), tokens, sudoers)
    else:
        sudoers.grants += _grants(tokens, path, line)


_SCOPE_WORD = re.compile(r'!*(?:"(?:[^"\\]|\\.)*"|(?:[^ \t,"\\]|\\.)+)')
_COMMA = re.compile(r"[ \t]*,[ \t]*")
_SETTING = re.compile(
    r"""[ \t]* (!*) [ \t]* ([a-z_]+) [ \t]*
        (?: (\+=|-=|=) [ \t]* ( "(?:[^"\\]|\\.)*" | (?:[^#=,\ \t\\"]|\\.) (?:[^#,\ \t\\"]|\\.)* ) )? [ \t]*""",
    re.VERBOSE,
)


def _defaults(sign: str, text: str, path: str, line: int) -> list[Default]:
    position = 0
    scope: list[str] = []
    while sign:
        match = _SCOPE_WORD.match(text, position)
        if not match:
            raise Wrong("has a Defaults line without a name")
        scope.append(unquoted(match.group()))
        position = match.end()
        comma = _COMMA.match(text, position)
        if not comma:
            break
        position = comma.end()
    found: list[Default] = []
    while True:
        match = _SETTING.match(text, position)
        if not match:
            raise Wrong("has a setting that is not understood")
        signs, name, operator, value = match.groups()
        negated = len(signs) % 2 == 1
        if operator is None:
            value = "off" if negated else "on"
        elif negated:
            raise Wrong("negates a setting and gives it a value")
        else:
            value = unquoted(value)
        found.append(Default(_SCOPES.get(sign, "global"), ", ".join(scope), name, operator or "=", value, path, line))
        position = match.end()
        if position >= len(text):
            return found
        if text[position] != ",":
            raise Wrong("has a setting that is not understood")
        position += 1


def _list(tokens: Tokens, kinds: tuple[str, ...]) -> tuple[Item, ...]:
    """Items with commas between them, each with any number of exclamation marks before it."""
    found: list[Item] = []
    while True:
        negated = False
        while tokens.take_sign("!"):
            negated = not negated
        while tokens.kind == DIGEST:  # the command must have one of these contents
            tokens.next()
            tokens.take_sign(",")
        if tokens.kind not in kinds:
            raise Wrong("is not understood")
        found.append(Item(tokens.text, negated))
        tokens.next()
        if not tokens.take_sign(","):
            return tuple(found)


def _aliases(kind: str, tokens: Tokens, sudoers: Sudoers) -> None:
    while True:
        name = tokens.text
        if tokens.kind != WORD or not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
            raise Wrong("has an alias without a proper name")
        tokens.next()
        tokens.need_sign("=")
        members = _list(tokens, (WORD, COMMAND) if kind == "Cmnd" else (WORD,))
        sudoers.aliases.setdefault((kind, name), list(members))  # sudo refuses a second one of the same name
        if not tokens.take_sign(":"):
            break
    if tokens.kind != END:
        raise Wrong("goes on after the alias")


_TAGS = frozenset(
    f"{prefix}{tag}"
    for prefix in ("", "NO")
    for tag in ("PASSWD", "EXEC", "INTERCEPT", "SETENV", "LOG_INPUT", "LOG_OUTPUT", "MAIL", "FOLLOW")
)


def _grants(tokens: Tokens, path: str, line: int) -> list[Grant]:
    found: list[Grant] = []
    users = _list(tokens, (WORD,))
    while True:
        hosts = _list(tokens, (WORD,))
        tokens.need_sign("=")
        found += _commands(tokens, users, hosts, path, line)
        if not tokens.take_sign(":"):
            break
    if tokens.kind != END:
        raise Wrong("goes on after the command")
    return found


def _commands(
    tokens: Tokens, users: tuple[Item, ...], hosts: tuple[Item, ...], path: str, line: int
) -> Iterator[Grant]:
    """Commands of one privilege; runas, options and tags hold for the following commands too, until they change."""
    runas_users: tuple[Item, ...] | None = None
    runas_groups: tuple[Item, ...] = ()
    options: dict[str, str] = {}
    tags: dict[str, str] = {}
    while True:
        if tokens.take_sign("("):
            runas_users, runas_groups = (), ()
            if not tokens.is_sign(":") and not tokens.is_sign(")"):
                runas_users = _list(tokens, (WORD,))
            if tokens.take_sign(":") and not tokens.is_sign(")"):
                runas_groups = _list(tokens, (WORD,))
            tokens.need_sign(")")
        while tokens.kind == OPTION:
            name, _, value = tokens.text.partition("=")
            options[name.strip()] = value.strip()
            tokens.next()
        while tokens.kind == WORD and tokens.text in _TAGS:
            tag = tokens.text
            tokens.next()
            tokens.need_sign(":")
            tags[tag[2:] if tag.startswith("NO") else tag] = tag
        while tokens.kind == DIGEST:
            tokens.next()
            tokens.take_sign(",")
        negated = False
        while tokens.take_sign("!"):
            negated = not negated
        if tokens.kind not in (WORD, COMMAND):
            raise Wrong("lacks a command")
        command = Item(tokens.text, negated)
        tokens.next()
        shown = tuple(f"{name}={value}" for name, value in options.items())
        yield Grant(users, hosts, runas_users, runas_groups, shown, tuple(tags.values()), command, path, line)
        if not tokens.take_sign(","):
            return
