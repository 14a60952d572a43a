"""Read a fix as the shell would, so that only the first line of each command gets a `$ ` and the rest can be pasted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum

_HEREDOC = re.compile(r"<<(?!<)(-?)\s*(?:'([^']+)'|\"([^\"]+)\"|\\?([A-Za-z_][\w.-]*))")
_WORD = re.compile(r"[\w!{}]+")
_OPENS = {"if", "for", "while", "until", "case", "select", "{"}
_CLOSES = {"fi", "done", "esac", "}"}
_COMMAND_FOLLOWS = {"then", "do", "else", "elif", "!", "if", "while", "until", "{"}


class Kind(Enum):
    """What a line is to the person who copies it."""

    COMMENT = "comment"
    COMMAND = "command"
    MORE = "more"
    """Goes on with the line before; spaces in front of it change nothing."""
    EXACT = "exact"
    """Text inside quotes or a here document: a space in front of it would change what the command does."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a fix."""

    kind: Kind
    text: str
    number: int
    """Its place in the fix, from 0."""


def commands(fix: str) -> list[list[Line]]:
    """The commands of a fix in order, each with all of its lines; a comment stands alone, empty lines are left out."""
    found: list[list[Line]] = []
    state = _Open()
    for number, text in enumerate(fix.split("\n")):
        inside = state.is_open
        if not inside and not text.strip():
            continue
        if not inside and text.lstrip().startswith("#"):
            found.append([Line(Kind.COMMENT, text, number)])
        elif not inside:
            found.append([Line(Kind.COMMAND, text, number)])
            state.read(text)
        else:
            found[-1].append(Line(Kind.EXACT if state.is_literal else Kind.MORE, text, number))
            state.read(text)
    return found


@dataclass(slots=True)
class _Open:
    """What is still open at the end of a line."""

    quote: str = ""
    heredocs: list[tuple[str, bool]] = field(default_factory=list)
    blocks: int = 0
    brackets: int = 0
    joined: bool = False

    @property
    def is_literal(self) -> bool:
        return bool(self.quote or self.heredocs)

    @property
    def is_open(self) -> bool:
        return self.is_literal or self.blocks > 0 or self.brackets > 0 or self.joined

    def read(self, line: str) -> None:
        """Take in one more line."""
        if self.heredocs and not self.quote:
            word, tabs = self.heredocs[0]
            if (line.lstrip("\t") if tabs else line) == word:
                self.heredocs.pop(0)
            return
        self.joined = False
        place, at_command = 0, not self.quote
        while place < len(line):
            place, at_command = self._step(line, place, at_command)

    def _step(self, line: str, place: int, at_command: bool) -> tuple[int, bool]:
        """Take in the next piece of a line; gives where the one after it begins, and whether a command may begin."""
        char = line[place]
        if self.quote:
            if char == "\\" and self.quote == '"':
                return place + 2, False
            if char == self.quote:
                self.quote = ""
            return place + 1, False
        if char == "\\":
            self.joined = place == len(line) - 1
            return place + 2, False
        if char in "'\"":
            self.quote = char
            return place + 1, False
        if char == "#" and (place == 0 or line[place - 1] in " \t;&|("):
            return len(line), False
        if char in "|&" and not line[place:].strip("|& \t"):
            self.joined = line.rstrip().endswith(("|", "&&"))
            return len(line), True
        if line.startswith("<<<", place):
            return place + 3, False
        if match := _HEREDOC.match(line, place):
            self.heredocs.append((next(group for group in match.groups()[1:] if group), bool(match[1])))
            return match.end(), False
        if char in "()":
            self.brackets = max(0, self.brackets + (1 if char == "(" else -1))
            return place + 1, True
        if char in ";&|":
            return place + 1, True
        if match := _WORD.match(line, place):
            return match.end(), self._word(match[0], at_command)
        return place + 1, at_command and char.isspace()

    def _word(self, word: str, at_command: bool) -> bool:
        """Count a word that opens or closes a block; gives whether a command may follow it."""
        if not at_command:
            return False
        if word in _OPENS:
            self.blocks += 1
        elif word in _CLOSES:
            self.blocks = max(0, self.blocks - 1)
        return word in _COMMAND_FOLLOWS
