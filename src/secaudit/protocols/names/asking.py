"""Ask the resolver a bounded number of questions, and tell "there is nothing" from "nobody answered"."""

from __future__ import annotations

import re
from typing import Callable, Iterator

from secaudit.tableapi import DnsReply

Ask = Callable[[str, str], DnsReply]
"""One question: name and type. Never raises for a bad reply."""

MAX_NAME = 253
SILENT_IN_A_ROW = 6
"""Questions without any answer, after which no more are asked: the resolver is away."""
MAX_TEXT = 2000
"""Characters of a record that a row keeps."""

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_FOREIGN = re.compile(r"\\x[89a-fA-F][0-9a-fA-F]|\\(1[3-9]\d|12[89]|2\d\d)")
"""How a byte above 127 is shown in the text of a record."""


class Bounded:
    """Asks at most `most` different questions. What is asked after that gets the code LIMIT, which is no answer."""

    def __init__(self, ask: Ask, most: int) -> None:
        self._ask = ask
        self._most = most
        self._kept: dict[tuple[str, str], DnsReply] = {}
        self._silent = 0
        self.unknown: list[str] = []
        """Questions without an answer, with the code, for a person."""

    def __call__(self, name: str, type: str) -> DnsReply:
        key = (name.lower(), type)
        if key not in self._kept:
            if not is_name(name):
                self._kept[key] = _reply(name, type, "NXDOMAIN")  # no question can be made of it
            elif len(self._kept) >= self._most:
                return self._noted(_reply(name, type, "LIMIT"))
            elif self._silent >= SILENT_IN_A_ROW:
                return self._noted(_reply(name, type, "TIMEOUT"))
            else:
                reply = self._noted(self._ask(name, type))
                self._silent = self._silent + 1 if reply.code in ("TIMEOUT", "UNREACHABLE") else 0
                self._kept[key] = reply
        return self._kept[key]

    def _noted(self, reply: DnsReply) -> DnsReply:
        if not reply.known and len(self.unknown) < 20:
            self.unknown.append(f"{reply.type} {reply.name}: {reply.code}")
        return reply

    @property
    def asked(self) -> int:
        return len(self._kept)

    @property
    def is_spent(self) -> bool:
        return len(self._kept) >= self._most


def _reply(name: str, type: str, code: str) -> DnsReply:
    return DnsReply(name, type, code, (), (), False, 0)


def is_name(name: str) -> bool:
    """Whether a question can be asked about this name: labels of 1 to 63 characters, 253 in all."""
    bare = name[:-1] if name.endswith(".") else name
    return bare == "" or (len(bare) <= MAX_NAME and all(0 < len(label) <= 63 for label in bare.split(".")))


def is_host(name: str) -> bool:
    """Whether the name is one of a host as they are written: letters, digits, hyphens, at least two labels."""
    bare = name.rstrip(".").lower()
    return len(bare) <= MAX_NAME and "." in bare and all(_LABEL.fullmatch(label) for label in bare.split("."))


def plain(name: str) -> str:
    """A name as rows show it: lower case, without the last dot, labels of other scripts as A-labels, bounded."""
    bare = name.strip().rstrip(".").lower()[:1000]
    if not bare.isascii():
        try:
            bare = ".".join(label if label.isascii() else label.encode("idna").decode() for label in bare.split("."))
        except UnicodeError:
            bare = bare.encode("ascii", "backslashreplace").decode()
    return bare[:MAX_NAME]


def parents(name: str) -> Iterator[str]:
    """The name and the names above it, up to its last label."""
    labels = plain(name).split(".")
    for start in range(len(labels)):
        yield ".".join(labels[start:])


def is_below(name: str, above: str) -> bool:
    """Whether `name` is `above` or lies below it."""
    one, other = plain(name), plain(above)
    return one == other or one.endswith("." + other)


def has_foreign_bytes(text: str) -> bool:
    """Whether the text of a record holds anything but ASCII."""
    return not text.isascii() or bool(_FOREIGN.search(text))


def texts(reply: DnsReply, start: str) -> list[str]:
    """The TXT records that begin with a version, such as `v=spf1`, followed by nothing, a space or a semicolon."""
    end = re.compile(r"[\s;]|$")
    size = len(start)
    return [text for text in reply.records if text[:size].lower() == start.lower() and end.match(text, size)]
