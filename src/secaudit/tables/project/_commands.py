"""Shell text taken apart just far enough: simple commands with their words, and what is piped into what.

Nothing is expanded or run. One pass over the text, so the time grows linearly with it.
"""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from secaudit.tableapi import Partial

MAX_COMMANDS = 4_000
MAX_TEXT = 256 * 1024
SHELLS = frozenset("sh bash dash ash zsh ksh python python2 python3 perl ruby node php pwsh".split())
_BEFORE = frozenset("sudo env time nice nohup exec command then do else ! { if while until xargs doas".split())
_BREAKS = frozenset("\n;&|()")


class Simple(NamedTuple):
    """One command with its words, without redirections."""

    words: tuple[str, ...]
    piped: bool
    """True when the command before feeds it."""
    line: int
    """From 0, within the text."""

    @property
    def program(self) -> str:
        """The name of the program, without `sudo`, `env A=b` and the like before it, and without its folder."""
        rest = self.arguments_from_program
        return posixpath.basename(rest[0]).lower() if rest else ""

    @property
    def arguments_from_program(self) -> tuple[str, ...]:
        words = self.words
        for number, word in enumerate(words):
            name, equals, _ = word.partition("=")
            if word in _BEFORE or (equals and name.replace("_", "a").isalnum()):
                continue
            if word.startswith("-") and number and words[number - 1] in _BEFORE | {"-E", "-H", "-n"}:
                continue
            return words[number:]
        return ()


def commands_of(text: str) -> list[Simple]:
    """The simple commands of a shell text, those inside `$( )`, backticks and `( )` as well, in order.

    Raises:
        Partial: the text is longer than any that a person writes.
    """
    if len(text) > MAX_TEXT:
        raise Partial(f"a text of commands is longer than {MAX_TEXT >> 10} kB")
    found: list[Simple] = []
    words: list[str] = []
    word: list[str] = []
    quote = ""
    has_word = False
    piped = False
    line = start = 0
    position, end = 0, len(text)

    def close_word() -> None:
        nonlocal has_word
        if has_word:
            words.append("".join(word))
        word.clear()
        has_word = False

    def close_command(next_piped: bool) -> None:
        nonlocal piped, start
        close_word()
        if words:
            if len(found) >= MAX_COMMANDS:
                raise Partial(f"a text has more than {MAX_COMMANDS} commands")
            found.append(Simple(tuple(words), piped, start))
        if words or not next_piped:
            piped = next_piped
        words.clear()
        start = line

    while position < end:
        char = text[position]
        position += 1
        if char == "\n":
            line += 1
        if char == "\\" and quote != "'":
            if position < end:
                if text[position] == "\n":
                    line += 1
                else:
                    word.append(text[position])
                    has_word = True
                position += 1
            continue
        if quote:
            if char == quote:
                quote = ""
            else:
                word.append(char)
            continue
        if char in "'\"":
            quote = char
            has_word = True
        elif char == "#" and not has_word:
            stop = text.find("\n", position)
            position = end if stop < 0 else stop
        elif char in " \t\r":
            close_word()
            if not words:
                start = line
        elif char == "|":
            is_or = position < end and text[position] == "|"
            if position < end and text[position] in "|&":
                position += 1
            close_command(not is_or)
        elif char == "&" and word and word[-1] in "<>":
            word.append(char)
        elif char == "`":
            close_command(False)
        elif char in _BREAKS:
            if char == "(" and word and word[-1] in "$<":
                if word[-1] == "<":
                    word.append("(")
                else:
                    word.pop()
                    has_word = bool(word)
            close_command(False)
        else:
            if not words and not has_word:
                start = line
            word.append(char)
            has_word = True
    close_command(False)
    return found
