"""Parse sudoers(5) once for the tables about sudo: files, includes, Defaults, aliases and user specifications.

Source: sudoers(5) and plugins/sudoers/toke.l, gram.y of sudo 1.9.13; compared with `cvtsudoers -f json`.
"""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target

PATHS = ("/etc/sudoers", "/usr/etc/sudoers")
"""The first that exists counts; the second is where sudo 1.9.14 and later of openSUSE looks."""
MAX_DEPTH = 128
"""MAX_SUDOERS_DEPTH of toke.l."""
MAX_FILES = 2_000
MAX_CHARACTERS = 4 << 20
"""Of all files together: a file that includes itself on each line would be read thousands of times."""
MAX_ITEMS = 50_000
"""Members of all aliases that are expanded: aliases of aliases could double with each level."""


class Item(NamedTuple):
    """One user, host, runas user or command."""

    text: str
    is_negated: bool


class Default(NamedTuple):
    """One setting of a Defaults line."""

    scope_kind: str
    """global, user, host, runas or command."""
    scope: str
    name: str
    operator: str
    """`=`, `+=` or `-=`."""
    value: str
    """`on` and `off` for flags; a setting that was negated is off."""
    path: str
    line: int


class Grant(NamedTuple):
    """One command of one privilege."""

    users: tuple[Item, ...]
    hosts: tuple[Item, ...]
    runas_users: tuple[Item, ...] | None
    """None: the default, which is root."""
    runas_groups: tuple[Item, ...]
    options: tuple[str, ...]
    tags: tuple[str, ...]
    command: Item
    path: str
    line: int


class Sudoers:
    """What all files say together. `problems` names lines and files that were not understood or not read."""

    def __init__(self) -> None:
        self.defaults: list[Default] = []
        self.grants: list[Grant] = []
        self.aliases: dict[tuple[str, str], list[Item]] = {}
        self.problems: list[str] = []
        self._told: set[str] = set()
        self._items_left = MAX_ITEMS

    def expand(self, kind: str, items: tuple[Item, ...]) -> list[Item]:
        """Replace aliases by their members; a negated alias negates each. A loop ends where it began."""
        found: list[Item] = []
        self._expand(kind, items, False, frozenset(), found)
        return found

    def _expand(
        self, kind: str, items: tuple[Item, ...] | list[Item], negate: bool, inside: frozenset[str], found: list[Item]
    ) -> None:
        for item in items:
            members = self.aliases.get((kind, item.text))
            negated = item.is_negated != negate
            if members is None or item.text == "ALL" or item.text in inside:
                found.append(Item(item.text, negated))
            elif self._items_left <= 0 or len(inside) > MAX_DEPTH:
                found.append(Item(item.text, negated))
                self.problem("the aliases expand to too many members")
            else:
                self._items_left -= len(members)
                self._expand(kind, members, negated, inside | {item.text}, found)

    def problem(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self.problems.append(text)


def read_sudoers(target: Target) -> Sudoers | None:
    """Read sudoers and all it includes; None when there is no sudoers file.

    Raises:
        PermissionError: the main file cannot be read (root may).
    """
    path = next((path for path in PATHS if target.exists(path)), None)
    if path is None:
        return None
    sudoers = Sudoers()
    text = target.read_text(path)
    _Reader(target, sudoers, target.stat(path).uid == 0).read(path, 0, text)
    return sudoers


class _Reader:
    """Follows includes and hands each statement to its parser."""

    def __init__(self, target: Target, sudoers: Sudoers, owners_are_real: bool) -> None:
        self._owners_are_real = owners_are_real
        self._target = target
        self._sudoers = sudoers
        self._files = 0
        self._characters = 0

    def read(self, path: str, depth: int, text: str) -> None:
        self._files += 1
        self._characters += len(text)
        for line, statement in statements(text):
            include = _INCLUDE.match(statement)
            try:
                if include:
                    self._include(include.group(1), include.group(2), path, depth)
                else:
                    _parse_statement(statement, path, line, self._sudoers)
            except _Wrong as error:
                self._sudoers.problem(f"{path}:{line} {error}")

    def _include(self, directive: str, argument: str, path: str, depth: int) -> None:
        name = argument.strip()
        if len(name) > 1 and name[0] == name[-1] == '"':
            name = name[1:-1]
        name = re.sub(r"\\([ \t])", r"\1", name)
        if "%h" in name:
            name = name.replace("%h", self._short_host_name())
        if not name:
            raise _Wrong("names nothing to include")
        if not name.startswith("/"):
            name = path.rsplit("/", 1)[0] + "/" + name
        if depth >= MAX_DEPTH or self._files >= MAX_FILES or self._characters >= MAX_CHARACTERS:
            raise _Wrong("includes too deeply")
        for one in self._names(name) if directive == "includedir" else [name]:
            try:
                if self._is_refused(one):
                    if directive == "include":  # sudo before 1.9.9 then refuses to work at all
                        self._sudoers.problem(f"{one} (others than root may change it, so sudo refuses it)")
                    continue
                text = self._target.read_text(one)
            except OSError as error:
                if directive == "includedir" and isinstance(error, FileNotFoundError):
                    continue
                self._sudoers.problem(f"{one} ({error.strerror or error})")
            else:
                self.read(one, depth + 1, text)

    def _names(self, folder: str) -> list[str]:
        """Files of an included folder: names with a dot or with ~ at the end do not count."""
        try:
            names = self._target.listdir(folder)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self._sudoers.problem(f"{folder} ({error.strerror or error})")
            return []
        names = [name for name in names if "." not in name and not name.endswith("~")]
        prefix = folder if folder.endswith("/") else folder + "/"
        found: list[str] = []
        for name in names:
            try:
                if self._target.stat(prefix + name).kind == "file":
                    found.append(prefix + name)
            except FileNotFoundError:
                continue
            except OSError as error:
                self._sudoers.problem(f"{prefix + name} ({error.strerror or error})")
        return found

    def _is_refused(self, path: str) -> bool:
        """Whether others than root may change the file, so that sudo passes over it.

        Source: sudo_secure_open_file() of its lib/util.
        Where not even the main file is root's, these are copies that tell nothing about owners.
        """
        if not self._owners_are_real:
            return False
        entry = self._target.stat(path)
        return bool(entry.uid != 0 or entry.mode & 0o002 or (entry.mode & 0o020 and entry.gid != 0))

    def _short_host_name(self) -> str:
        try:
            return self._target.read_text("/etc/hostname").strip().split(".", 1)[0]
        except OSError:
            raise _Wrong("the host name for %h is not known") from None


class _Wrong(Exception):
    """A statement is not what sudoers(5) allows."""


_INCLUDE = re.compile(r"[ \t]*[@#](include|includedir)[ \t]+(.*)", re.DOTALL)
_HASH_INCLUDE = re.compile(r"#include(?:dir)?[ \t]")
_ID = re.compile(r"#-?[0-9]")
_STOP = re.compile(r'["#\\\n]')
_CONTINUED = re.compile(r"\\[ \t]*\n[ \t]*")


def statements(text: str) -> Iterator[tuple[int, str]]:
    """Logical lines without comments, with the number of their first line.

    A backslash at the end joins the next line, except inside a comment. `#` with a number after it is a user or group
    id, not a comment.
    """
    text = text.replace("\r\n", "\n")
    position = begun = 0
    line = first = 1
    parts: list[str] = []
    quoted = False

    while True:
        match = _STOP.search(text, position)
        stop = match.start() if match else len(text)
        sign = text[stop : stop + 1]
        if sign == "\\":
            joined = _CONTINUED.match(text, stop)
            if joined:
                parts.append(text[begun:stop] + ("" if quoted else " "))
                line += 1
                begun = position = joined.end()
            else:
                position = stop + 2
            continue
        if sign == '"':
            quoted = not quoted
            position = stop + 1
            continue
        if sign == "#" and (quoted or _ID.match(text, stop)):
            position = stop + 1
            continue
        if sign == "#" and stop == begun and not parts and _HASH_INCLUDE.match(text, stop):
            position = stop + 1
            continue
        parts.append(text[begun:stop])
        statement = "".join(parts).strip(" \t")
        if statement:
            yield first, statement
        if sign == "#":
            stop = text.find("\n", stop)
            if stop < 0:
                return
        elif not sign:
            return
        line += 1
        first = line
        begun = position = stop + 1
        parts = []
        quoted = False


# ---------------------------------------------------------------- one statement

_DEFAULTS = re.compile(r"Defaults(?:([:@>!])[ \t]*|(?=[ \t]|$))")
_ALIAS = re.compile(r"(Host|Cmnd|Cmd|User|Runas)_Alias(?=[ \t])")
_SCOPES = {":": "user", "@": "host", ">": "runas", "!": "command"}


def _parse_statement(text: str, path: str, line: int, sudoers: Sudoers) -> None:
    defaults = _DEFAULTS.match(text)
    if defaults:
        sudoers.defaults += _defaults(defaults.group(1) or "", text[defaults.end() :], path, line)
        return
    alias = _ALIAS.match(text)
    tokens = _Tokens(text, alias.end() if alias else 0)
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
            raise _Wrong("has a Defaults line without a name")
        scope.append(_unquoted(match.group()))
        position = match.end()
        comma = _COMMA.match(text, position)
        if not comma:
            break
        position = comma.end()
    found: list[Default] = []
    while True:
        match = _SETTING.match(text, position)
        if not match:
            raise _Wrong("has a setting that is not understood")
        signs, name, operator, value = match.groups()
        negated = len(signs) % 2 == 1
        if operator is None:
            value = "off" if negated else "on"
        elif negated:
            raise _Wrong("negates a setting and gives it a value")
        else:
            value = _unquoted(value)
        found.append(Default(_SCOPES.get(sign, "global"), ", ".join(scope), name, operator or "=", value, path, line))
        position = match.end()
        if position >= len(text):
            return found
        if text[position] != ",":
            raise _Wrong("has a setting that is not understood")
        position += 1


def _unquoted(text: str) -> str:
    if text.startswith('"') and text.endswith('"') and len(text) > 1:
        return text[1:-1].replace('\\"', '"')
    return text


# ---------------------------------------------------------------- tokens of aliases and user specifications

WORD, COMMAND, OPTION, DIGEST, SIGN, END = "word", "command", "option", "digest", "sign", "end"
_TOKEN = re.compile(
    r"""
      (?P<digest>sha(?:224|256|384|512)[ \t]*:[ \t]*[A-Za-z0-9+/=]+)
    | (?P<option>(?:ROLE|TYPE|PRIVS|LIMITPRIVS|APPARMOR_PROFILE|NOTBEFORE|NOTAFTER|TIMEOUT|CWD|CHROOT)[ \t]*=[ \t]*
        (?:"[^"]*"|(?:[^#>!=:,() \t\\"]|\\.)+))
    | (?P<quoted>"(?:[^"\\]|\\.)*")
    | (?P<network>(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f.]*(?:/[0-9A-Fa-f:]+)?(?=[ \t,=:)]|$))
    | (?P<address>[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9.]+)?)
    | (?P<path>/(?:\\[,:=\ \t#]|\\[^,:=\ \t#]|[^,:=\\\ \t#])*|sudoedit(?=[ \t,:=]|$)|\^(?:[^#$\\]|\\.)*\$)
    | (?P<sign>[(),=:]|!+)
    | (?P<word>%:?(?:\#-?[0-9]+|(?:[^#>!=:,() \t\\"]|\\.)+)|\#-?[0-9]+|(?:[^#>!=:,() \t\\"]|\\.)+)
    """,
    re.VERBOSE | re.DOTALL,
)
_BLANK = re.compile(r"[ \t]*")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ARGUMENTS = re.compile(r"[ \t]+\^(?:[^#$\\]|\\.)*\$|(?:\\.|[^#:,=\\]|=)*", re.DOTALL)


class _Tokens:
    """The tokens of one statement, one ahead."""

    def __init__(self, text: str, position: int) -> None:
        self._text = text
        self._position = position
        self.kind = self.text = ""
        self.next()

    def next(self) -> None:
        blank = _BLANK.match(self._text, self._position)
        self._position = blank.end() if blank else self._position
        if self._position >= len(self._text):
            self.kind, self.text = END, ""
            return
        match = _TOKEN.match(self._text, self._position)
        if not match:
            raise _Wrong("is not understood")
        self._position = match.end()
        self.kind, self.text = match.lastgroup or END, match.group()
        if self.kind == "sign" and self.text.startswith("!"):
            self.text = "!" if len(self.text) % 2 else ""
            if not self.text:
                self.next()
                return
        elif self.kind == "path":
            self.kind = COMMAND
            if not self.text.endswith("/") or self.text.startswith("^"):
                self._take_arguments()
        elif self.kind == "word":
            self.text = _ESCAPED.sub(r"\1", self.text)
        elif self.kind in ("quoted", "network", "address"):
            self.kind, self.text = WORD, _unquoted(self.text)

    def _take_arguments(self) -> None:
        """A command reaches to the next comma, colon or end that has no backslash before it."""
        match = _ARGUMENTS.match(self._text, self._position)
        if match:
            arguments = re.sub(r"\\([:\\,= \t#])", r"\1", match.group())
            arguments = re.sub(r"[ \t]+", " ", arguments.strip(" \t"))
            self._position = match.end()
            path = re.sub(r"\\([,:= \t#])", r"\1", self.text)
            self.text = path + (" " + arguments if arguments else "")

    def is_sign(self, sign: str) -> bool:
        return self.kind == SIGN and self.text == sign

    def take_sign(self, sign: str) -> bool:
        if self.is_sign(sign):
            self.next()
            return True
        return False

    def need_sign(self, sign: str) -> None:
        if not self.take_sign(sign):
            raise _Wrong(f"lacks a {sign!r}")


def _list(tokens: _Tokens, kinds: tuple[str, ...]) -> tuple[Item, ...]:
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
            raise _Wrong("is not understood")
        found.append(Item(tokens.text, negated))
        tokens.next()
        if not tokens.take_sign(","):
            return tuple(found)


def _aliases(kind: str, tokens: _Tokens, sudoers: Sudoers) -> None:
    while True:
        name = tokens.text
        if tokens.kind != WORD or not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
            raise _Wrong("has an alias without a proper name")
        tokens.next()
        tokens.need_sign("=")
        members = _list(tokens, (WORD, COMMAND) if kind == "Cmnd" else (WORD,))
        sudoers.aliases.setdefault((kind, name), list(members))  # sudo refuses a second one of the same name
        if not tokens.take_sign(":"):
            break
    if tokens.kind != END:
        raise _Wrong("goes on after the alias")


_TAGS = frozenset(
    f"{prefix}{tag}"
    for prefix in ("", "NO")
    for tag in ("PASSWD", "EXEC", "INTERCEPT", "SETENV", "LOG_INPUT", "LOG_OUTPUT", "MAIL", "FOLLOW")
)


def _grants(tokens: _Tokens, path: str, line: int) -> list[Grant]:
    found: list[Grant] = []
    users = _list(tokens, (WORD,))
    while True:
        hosts = _list(tokens, (WORD,))
        tokens.need_sign("=")
        found += _commands(tokens, users, hosts, path, line)
        if not tokens.take_sign(":"):
            break
    if tokens.kind != END:
        raise _Wrong("goes on after the command")
    return found


def _commands(
    tokens: _Tokens, users: tuple[Item, ...], hosts: tuple[Item, ...], path: str, line: int
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
            raise _Wrong("lacks a command")
        command = Item(tokens.text, negated)
        tokens.next()
        shown = tuple(f"{name}={value}" for name, value in options.items())
        yield Grant(users, hosts, runas_users, runas_groups, shown, tuple(tags.values()), command, path, line)
        if not tokens.take_sign(","):
            return
