"""The tokens of aliases and user specifications of sudoers(5).

Source: plugins/sudoers/toke.l of sudo 1.9.13.
"""

from __future__ import annotations

import re

from secaudit.tables.host._sudomodel import Wrong

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


class Tokens:
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
            raise Wrong("is not understood")
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
            self.kind, self.text = WORD, unquoted(self.text)

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
            raise Wrong(f"lacks a {sign!r}")


def unquoted(text: str) -> str:
    if text.startswith('"') and text.endswith('"') and len(text) > 1:
        return text[1:-1].replace('\\"', '"')
    return text
