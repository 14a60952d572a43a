"""What an expression of a program may hold: text written in the code, something cleaned, a parameter, or data that a
user sends.
"""

from __future__ import annotations

from typing import Any, NamedTuple

CONSTANT, CLEAN, UNKNOWN, PARAMETER, REQUEST = range(5)
QUOTED = 5
ORIGINS = {
    "constant": CONSTANT,
    "clean": CLEAN,
    "unknown": UNKNOWN,
    "parameter": PARAMETER,
    "request": REQUEST,
    "quoted": QUOTED,
}
"""The words of rules. `quoted` is a parameter between single quotes."""

TEXT_LIMIT = 4000

Node = Any
"""A node of ast-grep-py."""


class Value(NamedTuple):
    """What is known of an expression."""

    level: int
    """One of the five above: the worst of its parts."""
    built: bool = False
    """It is put together from text and values: by `+`, by a template, by a function such as sprintf."""
    text: str = ""
    """The literal pieces in it."""
    quoted: bool = False
    """A parameter, or worse, stands right after a single quote: in SQL that is a value and no name of a table."""
    escaped: int = CONSTANT
    """What it was before quotes in it were escaped. That helps only where it stands between quotes."""


NOTHING = Value(CONSTANT)
CLEANED = Value(CLEAN)
UNSEEN = Value(UNKNOWN)


def joined(values: list[Value], built: bool = False) -> Value:
    """Several parts as one, in the order of the text."""
    level, text, escaped, quoted = CONSTANT, "", CONSTANT, False
    for value in values:
        level = max(level, value.level)
        quoted = quoted or value.quoted or (built and value.level >= PARAMETER and text.rstrip("%").endswith("'"))
        if value.escaped:
            if built and text and text.count("'") % 2 == 0 and text.count('"') % 2 == 0:
                level = max(level, value.escaped)  # WHERE id = $id needs no quote to be left
            else:
                escaped = max(escaped, value.escaped)
        built = built or value.built
        if len(text) < TEXT_LIMIT:
            text += value.text
    return Value(level, built, text, quoted, escaped if not built else CONSTANT)


_NO_TEXT = frozenset("nil null true false undefined None iota".split())


def literal_text(text: str) -> str:
    """What a literal adds to the text: nothing for `null` and the like."""
    if text in _NO_TEXT:
        return ""
    if text[:1] in "'\"" and text[-1:] == text[:1] and len(text) > 1:
        text = text[1:-1]
    return text[:TEXT_LIMIT]
