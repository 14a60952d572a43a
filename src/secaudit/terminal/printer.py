"""Print lines, prose and commands on a console: inert, as wide as it is, and without breaking what is copied."""

from __future__ import annotations

import sys
from textwrap import wrap
from typing import TYPE_CHECKING

from secaudit.reporting.visible import visible
from secaudit.terminal.console import PROSE_WIDTH, Signs, is_accessible, make_console, signs_for
from secaudit.terminal.text import encodable

if TYPE_CHECKING:
    from rich.console import Console

WIDE = 110
"""Columns from which headings also name the control."""

NARROW = 60
"""Columns below which nothing stands side by side."""

Part = str | tuple[str, str]
"""Text, or text with a style."""


class Printer:
    """Writes to stdout. Only this class hands text to rich, and only after `visible`."""

    def __init__(self, color: str = "auto") -> None:
        self._console: Console = make_console(color)
        self.width = max(20, self._console.width)
        self.signs: Signs = signs_for(sys.stdout)
        self.is_accessible = is_accessible()
        self.is_narrow = self.width < NARROW
        self.is_wide = self.width >= WIDE and not self.is_accessible

    def blank(self) -> None:
        """An empty line."""
        self._console.print()

    def line(self, *parts: Part, indent: int = 2) -> None:
        """One line that is never broken by us."""
        from rich.text import Text

        text = Text(" " * indent)
        for part in parts:
            content, style = (part, "") if isinstance(part, str) else part
            text.append(encodable(visible(content)), style=style or None)
        text.rstrip()
        self._console.print(text, soft_wrap=True)

    def prose(self, text: str, indent: int = 2, style: str = "", hang: int = 0, head: str = "") -> None:
        """Sentences over as many lines as they need; words, commands and paths in them stay whole.

        Args:
            text: the sentences.
            indent: where the first line begins.
            style: of all of it.
            hang: how much further in the other lines begin.
            head: what each line begins with, such as the `# ` of a comment.
        """
        for number, line in enumerate(self.wrapped(text, indent + hang + len(head))):
            self.line((head + line, style), indent=indent + (hang if number else 0))

    def wrapped(self, text: str, used: int) -> list[str]:
        """The text in lines that leave room for the columns already used."""
        room = max(20, min(self.width, PROSE_WIDTH) - used)
        return wrap(encodable(visible(text)), room, break_long_words=False, break_on_hyphens=False) or [""]

    def pair(self, head: Part, command: str, note: str = "", indent: int = 2, under: int = 4) -> None:
        """A remark, a command, and what it is for: on one line where they fit, else below each other."""
        remark = head if isinstance(head, str) else head[0]
        if self.is_accessible or indent + len(remark) + len(command) > self.width:
            self.line(*([head] if isinstance(head, str) else [(remark.rstrip(), head[1])]), indent=indent)
            self.line(command, indent=indent + under)
            if note:
                self.line((note, "dim"), indent=indent + under)
        elif note and indent + len(remark) + len(command) + 3 + len(note) > self.width:
            self.line(head, command, indent=indent)
            self.line((note, "dim"), indent=indent + len(remark))
        else:
            self.line(head, command, ("   " + note if note else "", "dim"), indent=indent)
