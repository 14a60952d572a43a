"""The two shapes in which use cases answer: a list and a page. No layout here."""

from __future__ import annotations

from dataclasses import dataclass, field

from secaudit.model import Scalar, Status


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows under columns."""

    columns: tuple[str, ...]
    rows: list[tuple[Scalar, ...]]
    footer: str = ""


@dataclass(slots=True)
class Page:
    """A heading and labelled parts."""

    title: str
    subtitle: str = ""
    status: Status | None = None
    """Of the part "Here", to be shown with its sign."""
    parts: list[tuple[str, str, bool]] = field(default_factory=list)
    """Label, text, and whether the text is verbatim (a command or a file) and must not be wrapped."""

    def add(self, label: str, text: str | None, *, verbatim: bool = False) -> None:
        """Add a part; nothing when there is no text."""
        if text:
            self.parts.append((label, text.strip("\n"), verbatim))
