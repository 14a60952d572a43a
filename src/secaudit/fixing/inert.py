"""Make untrusted text harmless in comments and strings of scripts and playbooks."""

from __future__ import annotations

import shlex
from textwrap import wrap

from secaudit.reporting.visible import visible

LONGEST = 200
"""Characters of one line of evidence."""


def one_line(text: str, limit: int = LONGEST) -> str:
    """The text on one line of characters that can be seen; what could act or hide is shown as an escape."""
    shown = "".join(char if char.isprintable() else _escaped(char) for char in visible(text))
    return shown if len(shown) <= limit else f"{shown[:limit]} ..."


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def quoted(text: str) -> str:
    """One word for a shell, that it takes literally."""
    return shlex.quote(one_line(text, 10_000))


def comment(label: str, text: str, width: int = 100) -> list[str]:
    """Comment lines of prose: `# why:     Everyone knows ...`."""
    head = f"# {label + ':':<9}"
    words = one_line(" ".join(text.split()), 10_000)
    return wrap(
        words, width, initial_indent=head, subsequent_indent="#" + " " * (len(head) - 1), break_long_words=False
    )
