"""Assignments in shell startup files. The files are read and never run, so what a command would give is not known."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

OPENING = frozenset({"if", "case", "for", "while", "until", "select", "{", "("})
CLOSING = frozenset({"fi", "esac", "done", "}", ")"})
LEADING = frozenset({"then", "else", "elif", "do", "!"})
"""Words before a command that belong to the frame around it."""
ASSIGNMENT = re.compile(r"([A-Za-z_]\w{0,60})(\+?)=(.*)$", re.S)
SWITCHED_OFF = frozenset({"TMOUT", "HISTFILE"})
"""Names that say no when they are unset, as when they are empty."""
MAX_LENGTH = 256 * 1024


class Assigned(NamedTuple):
    """One assignment, one `umask`, or one `readonly NAME`."""

    name: str
    value: str | None
    """As written without quotes; None for `readonly NAME` and the like, which give no value."""
    adds: bool
    """`NAME+=`."""
    is_readonly: bool
    is_conditional: bool
    """Inside if, case, a loop or a function, or after && or ||."""
    line: int


class _Statement(NamedTuple):
    words: list[str]
    line: int
    conditional: bool


def assignments(text: str) -> Iterator[Assigned]:
    """Everything that a startup file sets, in the order of its lines, whatever branch it stands in."""
    for statement in _statements(text[:MAX_LENGTH]):
        words = statement.words
        readonly = words[0] == "readonly"
        if words[0] in ("export", "readonly", "declare", "typeset", "local"):
            options = [word for word in words[1:] if word.startswith("-")]
            readonly = readonly or any("r" in option for option in options)
            words = [word for word in words[1:] if not word.startswith("-")]
        elif words[0] == "umask":
            values = [word for word in words[1:] if not word.startswith("-")]
            if values:
                yield Assigned("umask", _unquoted(values[0]), False, False, statement.conditional, statement.line)
            continue
        elif words[0] == "unset":
            for word in words[1:]:
                if word in SWITCHED_OFF:
                    yield Assigned(word, "", False, False, statement.conditional, statement.line)
            continue
        elif any(ASSIGNMENT.match(word) is None for word in words):
            continue  # NAME=value before a command counts for that command only
        for word in words:
            match = ASSIGNMENT.match(word)
            if match is not None:
                value = _unquoted(match.group(3))
                adds = bool(match.group(2))
                yield Assigned(match.group(1), value, adds, readonly, statement.conditional, statement.line)
            elif re.fullmatch(r"\w+", word):
                yield Assigned(word, None, False, readonly, statement.conditional, statement.line)


def _unquoted(word: str) -> str:
    """Without quotes and escapes; what stands in single quotes keeps its dollar as an escaped one."""
    return re.sub(
        r"'([^']*)'|\"((?:\\.|[^\"\\])*)\"|\\(.)",
        lambda match: (
            (match.group(1) or "").replace("$", "\\$") + (match.group(2) or "") + (match.group(3) or "").strip("\n")
        ),
        word,
        flags=re.S,
    )


def _statements(text: str) -> Iterator[_Statement]:
    """Simple commands with their words, quotes kept."""
    depth = 0
    after_choice = False
    words: list[str] = []
    first_line = 1
    for word, line in _tokens(text):
        if word in ("\n", ";", ";;", "&", "&&", "||", "|"):
            if words:
                yield _Statement(words, first_line, depth > 0 or after_choice or word == "|")
            words = []
            after_choice = word in ("&&", "||", "|")
            continue
        if not words:
            first_line = line
            if word in OPENING or word.endswith("()"):
                depth += word in OPENING
                words = [word] if word == "case" else []
                continue
            if word in CLOSING:
                depth = max(0, depth - 1)
                continue
            if word in LEADING or (depth and word.endswith(")") and "(" not in word):  # a pattern of case
                continue
        words.append(word)
    if words:
        yield _Statement(words, first_line, depth > 0 or after_choice)


TOKEN = re.compile(
    r"(?P<comment>\#[^\n]*)|(?P<end>\n|;;|;|&&|\|\||&|\|)|(?P<blank>(?:[ \t\r]|\\\n)+)"
    r"|(?P<word>(?:\\.|'[^']*'|\"(?:\\.|[^\"\\])*\"|`[^`]*`|\$\([^()]*(?:\([^()]*\)[^()]*)*\)|\$\{[^}]*\}"
    r"|[^\s;&|'\"`\\])+|['\"`\\])",
    re.S,
)


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """Words and ends of commands. A here-document is passed over."""
    position = 0
    line = 1
    waiting = ""
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None:
            position += 1
            continue
        piece = match.group()
        position = match.end()
        if match.lastgroup == "word":
            yield piece, line
            here = re.match(r"\d*<<-?\s*[\"']?(\w+)", piece)
            waiting = here.group(1) if here else waiting
        elif match.lastgroup == "end":
            yield piece, line
        line += piece.count("\n")
        if waiting and piece == "\n":
            end = re.compile(rf"^\t*{re.escape(waiting)}$", re.M).search(text, position)
            stop = end.end() if end else len(text)
            line += text.count("\n", position, stop)
            position, waiting = stop, ""
    yield "\n", line
