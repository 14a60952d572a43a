"""Read files in the form of .git/config and .gitmodules, as git itself reads them, with the line of each setting.

Source: git-config(1), "Syntax". No other file is included, and no program is run.
"""

from __future__ import annotations

from typing import Iterator, NamedTuple

ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t", "b": "\b"}
SPACE = " \t\r\v\f"


class BadConfig(ValueError):
    """The text is not in this form; git refuses it as well."""


class Setting(NamedTuple):
    """One setting, in the order of the file. A later one of the same name wins, or adds."""

    section: str
    """Lower case: `remote`; empty for a key above all sections, which git takes as it is."""
    subsection: str
    """As written: `origin`; empty without one."""
    key: str
    """Lower case: `url`."""
    value: str | None
    """None for a key without `=`, which means true."""
    line: int


def settings(data: bytes) -> Iterator[Setting]:
    """Yield each setting. Bytes that are no UTF-8 become backslash escapes, after the text was taken apart.

    Raises:
        BadConfig: the text breaks off or is in another form; what came before was given.
    """
    reader = _Reader(data[3:] if data.startswith(b"\xef\xbb\xbf") else data)
    section = subsection = ""
    while True:
        reader.skip_space()
        sign = reader.peek()
        if not sign:
            return
        if sign in "#;":
            reader.skip_line()
        elif sign == "[":
            section, subsection = _header(reader)
        elif sign.isascii() and sign.isalpha():
            line = reader.line
            key = reader.name()
            reader.skip_blanks()
            value = None
            if reader.peek() == "=":
                reader.take()
                value = _value(reader)
            elif reader.peek() not in ("", "\n"):
                raise BadConfig(f"line {reader.line}")
            yield Setting(section, _utf8(subsection), key.lower(), None if value is None else _utf8(value), line)
        else:
            raise BadConfig(f"line {reader.line}")


def _utf8(text: str) -> str:
    return text.encode("latin-1").decode("utf-8", "backslashreplace")


class _Reader:
    """Signs one by one; a byte is a sign, so that no byte is lost."""

    def __init__(self, data: bytes) -> None:
        self._text = data.decode("latin-1").replace("\r\n", "\n")
        self._at = 0
        self.line = 1

    def peek(self) -> str:
        """The next sign; empty at the end."""
        return self._text[self._at : self._at + 1]

    def take(self) -> str:
        """The next sign, and go on."""
        sign = self._text[self._at : self._at + 1]
        self._at += 1
        self.line += sign == "\n"
        return sign

    def skip_space(self) -> None:
        while self.peek() and self.peek() in SPACE + "\n":
            self.take()

    def skip_blanks(self) -> None:
        while self.peek() and self.peek() in SPACE:
            self.take()

    def skip_line(self) -> None:
        while self.peek() not in ("", "\n"):
            self.take()

    def name(self) -> str:
        """Letters, digits and hyphens."""
        found = []
        while self.peek().isascii() and (self.peek().isalnum() or self.peek() == "-"):
            found.append(self.take())
        return "".join(found)


def _header(reader: _Reader) -> tuple[str, str]:
    """`[section]`, `[section "sub"]`, or `[section.sub]` of old times, whose sub is in lower case."""
    reader.take()
    name = []
    while reader.peek().isascii() and (reader.peek().isalnum() or (reader.peek() and reader.peek() in "-.")):
        name.append(reader.take())
    section, _, old = "".join(name).lower().partition(".")
    if not name:
        raise BadConfig(f"line {reader.line}")
    if reader.peek() == "]":
        reader.take()
        return section, old
    reader.skip_blanks()
    if reader.take() != '"':
        raise BadConfig(f"line {reader.line}")
    sub = []
    while True:
        sign = reader.take()
        if sign in ("", "\n"):
            raise BadConfig(f"line {reader.line}")
        if sign == '"':
            break
        sub.append(reader.take() if sign == "\\" else sign)
    if reader.take() != "]":
        raise BadConfig(f"line {reader.line}")
    return "".join(name).lower(), "".join(sub)


def _value(reader: _Reader) -> str:
    """Up to the end of the line; quotes keep blanks, a backslash at the end goes on with the next line."""
    found: list[str] = []
    quoted = False
    kept = 0  # what comes after this is blanks that count only if something follows
    reader.skip_blanks()
    while True:
        sign = reader.take()
        if sign in ("", "\n"):
            if quoted:
                raise BadConfig(f"line {reader.line}")
            return "".join(found[:kept])
        if not quoted and sign in "#;":
            reader.skip_line()
        elif sign == '"':
            quoted = not quoted
            kept = len(found)
        elif sign == "\\":
            after = reader.take()
            if after in ("", "\n"):
                continue
            if after not in ESCAPES:
                raise BadConfig(f"line {reader.line}")
            found.append(ESCAPES[after])
            kept = len(found)
        else:
            found.append(sign)
            if quoted or sign not in SPACE:
                kept = len(found)
