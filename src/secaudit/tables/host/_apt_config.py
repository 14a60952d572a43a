"""Read apt.conf(5) the way apt does: which value of which option is in force, and which line said so.

Tested against `apt-config dump`, option by option.
"""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Partial, Target

PARTS = "/etc/apt/apt.conf.d"
MAIN = "/etc/apt/apt.conf"
"""Read after the parts, so it wins."""

MAX_INCLUDES = 50
MAX_OPTIONS = 50_000
TRUE_WORDS = ("yes", "true", "with", "on", "enable", "1")
FALSE_WORDS = ("no", "false", "without", "off", "disable", "0")
"""StringToBool of apt, which compares without regard to case."""

_GOOD_NAME = re.compile(r"[A-Za-z0-9_:.-]*[A-Za-z0-9_:-]\Z")
_DIRECTIVES = ("#clear", "#include", "#x-apt-configure-index")
_TAG = re.compile(r'(?:"[^"]*"|\[[^\]]*\]|[^\s"\[])+')
_STATEMENT = re.compile(r'"[^"]*"?|[^"{};]+|[{};]')


class Option(NamedTuple):
    """One option in force."""

    name: str
    """Lower case, since apt does not look at case; a member of a list ends in `::`."""
    value: str
    path: str
    line: int


class _SyntaxFault(Exception):
    """The file is not what apt accepts; apt itself refuses to work then."""


class AptConfig:
    """The options in force."""

    def __init__(self) -> None:
        self._single: dict[str, Option] = {}
        self._lists: dict[str, list[Option]] = {}
        self.faults: list[str] = []
        """Files that could not be read, or that apt refuses: what they say is not known."""

    def all(self) -> Iterator[Option]:
        yield from self._single.values()
        for members in self._lists.values():
            yield from members

    def get(self, name: str) -> Option | None:
        return self._single.get(name.lower())

    def text(self, name: str, default: str = "") -> str:
        option = self.get(name)
        return default if option is None or option.value == "" else option.value

    def flag(self, name: str, default: bool = False) -> bool:
        return parse_bool(self.text(name), default)

    def members(self, name: str) -> list[Option]:
        """The members of a list, named ones included, in the order of the files."""
        prefix = name.lower() + "::"
        named = [option for key, option in self._single.items() if key.startswith(prefix) and option.value]
        return named + self._lists.get(prefix, [])

    def put(self, option: Option) -> None:
        if len(self._single) + len(self._lists) > MAX_OPTIONS:
            raise _SyntaxFault("too many options")
        if option.name.endswith("::"):
            self._lists.setdefault(option.name, []).append(option)
        else:
            self._single[option.name] = option

    def clear(self, name: str) -> None:
        name = name.lower().rstrip(":")
        for store in (self._single, self._lists):
            for key in [key for key in store if key == name or key.startswith(name + "::")]:
                del store[key]


def parse_bool(text: str, default: bool) -> bool:
    word = text.strip().lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    number = int(word) if word.isascii() and word.isdigit() and len(word) < 10 else -1
    return number == 1 if number in (0, 1) else default  # other numbers are no answer


def read_apt_config(target: Target) -> AptConfig:
    """Read the files of apt.conf.d in order, then apt.conf.

    Raises:
        PermissionError: the folder cannot be listed.
    """
    config = AptConfig()
    for path in [*part_files(target, PARTS, ("conf", "")), MAIN]:
        _read_file(target, path, config, [])
    return config


def part_files(target: Target, folder: str, extensions: tuple[str, ...]) -> list[str]:
    """Files of a folder that apt reads: good names, wanted extensions ("" is none), in order.

    Source: apt's GetListOfFilesInDir.
    """
    try:
        names = target.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    chosen = []
    for name in names:
        extension = name.rsplit(".", 1)[1] if "." in name else ""
        if name.startswith(".") or extension not in extensions or not _GOOD_NAME.match(name):
            continue
        try:
            if target.stat(f"{folder}/{name}").kind == "dir":
                continue
        except FileNotFoundError:  # a dangling link
            continue
        except OSError:
            pass
        chosen.append(f"{folder}/{name}")
    return chosen


def raise_faults(config: AptConfig) -> None:
    """Raise Partial when what some file says is not known."""
    if config.faults:
        raise Partial("parts of the apt configuration are not known: " + "; ".join(config.faults[:5]))


def _read_file(target: Target, path: str, config: AptConfig, above: list[str]) -> None:
    try:
        text = target.read_text(path)
    except FileNotFoundError:
        return
    except OSError as error:
        config.faults.append(f"{path}: {error.strerror or error}")
        return
    try:
        _parse(target, text, path, config, above)
    except _SyntaxFault as fault:
        config.faults.append(f"{path}: {fault}")


def _parse(target: Target, text: str, path: str, config: AptConfig, above: list[str]) -> None:
    parent = ""
    stack: list[str] = []
    pieces: list[str] = []  # text since the last `{`, `}` or `;`
    for number, fragment in _without_comments(text):
        piece = ""
        for sign in _STATEMENT.findall(fragment):
            if sign not in "{};":
                piece += sign
                continue
            pieces.append(piece.strip())
            waiting = " ".join(filter(None, pieces))
            pieces, piece = [], ""
            if waiting:
                tag, word = _split(waiting, sign)
                if sign == "{":
                    stack.append(parent)
                    parent = f"{parent}::{tag}" if parent else tag
                    if len(stack) > 200:
                        raise _SyntaxFault("nested too deeply")
                    tag, item = "", parent
                else:
                    item = f"{parent}::{tag}" if parent else tag
                if tag.startswith("#"):
                    if parent:
                        raise _SyntaxFault(f"line {number}: a directive inside a block")
                    _direct(target, tag, word or "", path, config, above)
                elif word is not None and item:
                    config.put(Option(item.lower(), word, path, number))
            elif sign == "{":
                raise _SyntaxFault(f"line {number}: a block without a name")
            if sign == "}":
                parent = stack.pop() if stack else ""
        pieces.append(piece.strip())
    if any(pieces):
        raise _SyntaxFault("text after the last semicolon")


def _direct(target: Target, tag: str, word: str, path: str, config: AptConfig, above: list[str]) -> None:
    if tag == "#clear":
        config.clear(word)
    elif tag == "#include":
        if path in above or len(above) >= 10 or len(above) + len(config.faults) > MAX_INCLUDES:
            raise _SyntaxFault("includes nested too deeply")
        include = word if word.startswith("/") else path.rsplit("/", 1)[0] + "/" + word
        for part in part_files(target, include.rstrip("/"), ("conf", "")) if include.endswith("/") else [include]:
            _read_file(target, part, config, [*above, path])


def _without_comments(text: str) -> Iterator[tuple[int, str]]:
    """Give (line number, text) without comments.

    In apt's own two passes: a quote within a comment counts in the first.
    """
    inside = False  # of a /* comment */
    for number, line in enumerate(text.split("\n"), 1):
        if inside:
            _, end, line = line.partition("*/")
            if not end:
                continue
            inside = False
        if "/" not in line and "#" not in line:
            if line.strip():
                yield number, line.strip()
            continue
        line = line[: _line_comment(line)]
        kept: list[str] = []
        quoted = False
        at = 0
        while at < len(line):
            if line[at] == '"':
                quoted = not quoted
            elif not quoted and line.startswith("/*", at):
                end_at = line.find("*/", at + 2)
                if end_at < 0:
                    inside = True
                    break
                at = end_at + 2
                continue
            kept.append(line[at])
            at += 1
        fragment = "".join(kept).strip()
        if fragment:
            yield number, fragment


def _line_comment(line: str) -> int:
    """Where a `//` or `#` comment begins, or the length of the line."""
    quoted = False
    for at, sign in enumerate(line):
        if sign == '"':
            quoted = not quoted
        elif not quoted and (line.startswith("//", at) or (sign == "#" and not line.startswith(_DIRECTIVES, at))):
            return at
    return len(line)


def _split(text: str, end: str) -> tuple[str, str | None]:
    """Give the tag and the word of a statement; a lone word is the member of a list, or the name of a block."""
    match = _TAG.match(text)
    if match is None:
        raise _SyntaxFault(f"malformed tag {text[:40]!r}")
    tag, rest = _plain(match.group(0)), text[match.end() :]
    rest = rest.strip()
    if not rest:
        return (tag, None) if end == "{" else ("", tag)
    if rest.startswith('"'):
        word, rest = _quoted(rest)
    else:
        word, _, rest = rest.partition(" ")
        word = _plain(word)
    if rest.strip():
        raise _SyntaxFault(f"extra text after the value of {tag[:60]!r}")
    return tag, word


def _plain(word: str) -> str:
    """Remove quotes and decode %XX, as apt's ParseQuoteWord does."""
    return re.sub("%([0-9A-Fa-f]{2})", lambda match: chr(int(match.group(1), 16)), word.replace('"', ""))


def _quoted(text: str) -> tuple[str, str]:
    """Read one or more quoted strings; those that follow each other make one word."""
    word = ""
    while text.startswith('"'):
        end = text.find('"', 1)
        if end < 0:
            raise _SyntaxFault("a quote is not closed")
        word += text[1:end]
        text = text[end + 1 :]
        stripped = text.lstrip()
        if not stripped.startswith('"'):
            break
        word, text = (word, text) if text.startswith('"') else (word + " ", stripped)
    return word, text
