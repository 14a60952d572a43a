"""Decide once how this terminal is spoken to: colour, width, signs. The rich console is made here only."""

from __future__ import annotations

import os
import sys
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, TextIO

from secaudit.model import Met, Severity, Status

if TYPE_CHECKING:
    from rich.console import Console

PROSE_WIDTH = 100
"""Prose is not wider; commands and paths are never broken."""


@dataclass(frozen=True, slots=True)
class Signs:
    """Marks for statuses. Each is always shown with its word."""

    fail: str
    passed: str
    unknown: str
    not_applicable: str
    waived: str
    bar_full: str
    bar_open: str
    bar_empty: str
    to: str
    dash: str

    def of(self, status: Status | Met) -> str:
        """The sign of a status."""
        signs = {
            "fail": self.fail, "pass": self.passed, "unknown": self.unknown, "not_applicable": self.not_applicable,
            "met": self.passed, "not_met": self.fail, "partly_met": self.fail, "not_assessed": self.unknown,
            "partly_assessed": self.unknown,
        }  # fmt: skip
        return signs[str(status)]


UNICODE = Signs("✕", "✓", "?", "–", "◇", "█", "▒", "░", "→", "–")
ASCII = Signs("x", "+", "?", "-", "o", "#", "=", ".", "->", "-")

WORDS = {
    Status.FAIL: "fail",
    Status.PASS: "pass",
    Status.UNKNOWN: "could not check",
    Status.NOT_APPLICABLE: "not applicable",
}
STYLES = {"fail": "red", "pass": "green", "unknown": "yellow", "not_applicable": "dim"}
SEVERITY_STYLES = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "dim",
}


def wants_color(choice: str, stream: TextIO) -> bool:
    """--color, else NO_COLOR, else FORCE_COLOR, else a terminal that is not dumb."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def is_accessible() -> bool:
    """SECAUDIT_ACCESSIBLE asks for flat lines: no bar, no columns, no line that changes."""
    return os.environ.get("SECAUDIT_ACCESSIBLE", "").lower() not in ("", "0", "false", "no")


def signs_for(stream: TextIO) -> Signs:
    """Our signs where the stream can encode them, else ASCII."""
    try:
        "".join(astuple(UNICODE)).encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE


def make_console(color: str = "auto", stream: TextIO | None = None) -> Console:
    """A rich console that never reads markup, emoji codes or highlights out of our text."""
    from rich.console import Console

    out = stream or sys.stdout
    colored = wants_color(color, out)
    return Console(
        file=out,
        color_system="standard" if colored else None,
        force_terminal=colored or out.isatty(),
        no_color=not colored,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )
