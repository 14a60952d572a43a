"""Read git's configuration files as git does. Source: git-config(1) "CONFIGURATION FILE", config.c of git 2.39."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tables.host._homeread import HomeReader

MAX_INCLUDE_DEPTH = 10
"""As git's own limit."""
MAX_FILES = 200
MAX_CHARACTERS = 4 << 20
"""Of all files together: a file that includes itself on each line would be read hundreds of times."""
MAX_SETTINGS = 20_000
"""Of one file."""


class Setting(NamedTuple):
    """One value, as written."""

    key: str
    """`section.subsection.name`; section and name in lower case."""
    value: str
    path: str
    line: int
    condition: str
    """'' or the condition of the includeIf that leads here."""


class BadConfig(ValueError):
    """Git would refuse the file; the message names the line."""


_HEADER = re.compile(r"\[\s*([A-Za-z0-9.-]+)(?:[ \t]+\"((?:[^\"\\\n]|\\.)*)\")?\s*\]")
_NAME = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]*")
_ESCAPES = {"n": "\n", "t": "\t", "b": "\b", "\\": "\\", '"': '"'}


def parse(text: str) -> Iterator[tuple[str, str, int]]:
    """Give key, value and line of each setting of one file. A name without `=` is the boolean true.

    Raises:
        BadConfig: where git would stop too. What came before was given.
    """
    text = text.lstrip("\ufeff").replace("\r\n", "\n")
    section = ""
    place, line, end = 0, 1, len(text)
    while place < end:
        sign = text[place]
        if sign == "\n":
            place, line = place + 1, line + 1
        elif sign in " \t\r\f\v":
            place += 1
        elif sign in "#;":
            stop = text.find("\n", place)
            place = end if stop < 0 else stop
        elif sign == "[":
            match = _HEADER.match(text, place)
            if match is None:
                raise BadConfig(f"line {line}: a broken section header")
            section = match.group(1).lower()
            if match.group(2) is not None:
                section += "." + re.sub(r"\\(.)", r"\1", match.group(2))
            line += match.group().count("\n")
            place = match.end()
        else:
            match = _NAME.match(text, place)
            if match is None or not section:
                raise BadConfig(f"line {line}: neither a section nor a setting")
            key, place = f"{section}.{match.group(1).lower()}", match.end()
            started = line
            if place < end and text[place] == "=":
                value, place, line = _value(text, place + 1, line)
            elif place == end or text[place] == "\n":
                value = "true"
            else:
                raise BadConfig(f"line {line}: a setting without =")
            yield key, value, started


def _value(text: str, place: int, line: int) -> tuple[str, int, int]:
    """The value that begins at `place`, and where it ends: quotes, escapes, comments, lines that go on."""
    parts: list[str] = []
    pending = ""  # blanks count only when something follows
    quoted = False
    end = len(text)
    while place < end:
        sign = text[place]
        place += 1
        if sign == "\n":
            if quoted:
                raise BadConfig(f"line {line}: a quote that does not end")
            return "".join(parts), place - 1, line
        if not quoted and sign in " \t\r\f\v":
            if parts:
                pending += sign
            continue
        if not quoted and sign in "#;":
            stop = text.find("\n", place)
            return "".join(parts), end if stop < 0 else stop, line
        if pending:  # also before a quote and before the end of a line that goes on
            parts.append(pending)
            pending = ""
        if sign == '"':
            quoted = not quoted
            continue
        if sign == "\\":
            following = text[place : place + 1]
            place += 1
            if following == "\n":
                line += 1
                continue
            if following not in _ESCAPES or not following:
                raise BadConfig(f"line {line}: an unknown escape")
            sign = _ESCAPES[following]
        parts.append(sign)
    if quoted:
        raise BadConfig(f"line {line}: a quote that does not end")
    return "".join(parts), place, line


class ConfigReader:
    """Read a file and everything it includes, in git's order."""

    def __init__(self, reader: HomeReader, home: str) -> None:
        self._reader = reader
        self._home = home
        self._files = 0
        self._characters = 0

    def read(self, path: str, condition: str = "", depth: int = 0) -> Iterator[Setting]:
        """Every setting of the file; the settings of an included file come where the include stands."""
        if depth > MAX_INCLUDE_DEPTH:
            self._reader.broken(f"{path} (includes deeper than git allows)")
            return
        self._files += 1
        if self._files > MAX_FILES or self._characters > MAX_CHARACTERS:
            self._reader.broken(f"{path} (more than {MAX_FILES} included files, or too large)")
            return
        text = self._reader.text(path)
        if text is None:
            return
        self._characters += len(text)
        try:
            for count, (key, value, line) in enumerate(parse(text)):
                if count >= MAX_SETTINGS:
                    raise BadConfig(f"more than {MAX_SETTINGS} settings")
                yield Setting(key, value, path, line, condition)
                section, _, name = key.rpartition(".")
                if name != "path" or not (section == "include" or section.startswith("includeif.")):
                    continue
                inner = condition if section == "include" else section[len("includeif.") :]
                place = self._place(value, path)
                if place is not None:
                    yield from self.read(place, inner, depth + 1)
        except BadConfig as error:
            self._reader.broken(f"{path} ({error})")

    def _place(self, value: str, including: str) -> str | None:
        if value.startswith("~/"):
            return self._home + value[1:]
        if value.startswith("/"):
            return value
        if not value or value.startswith(("~", "%(")):
            return None
        return f"{including.rsplit('/', 1)[0]}/{value}"


def truth(value: str) -> str:
    """`true`, `false`, or '' when git would not read the value as a boolean."""
    lower = value.lower()
    if lower in ("true", "yes", "on"):
        return "true"
    if lower in ("false", "no", "off", ""):
        return "false"
    match = re.fullmatch(r"[+-]?([0-9]{1,18})[kmg]?", lower)
    return "" if match is None else "true" if int(match.group(1)) else "false"
