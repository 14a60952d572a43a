"""Use cases that show standards and their controls."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from secaudit.app.content import load
from secaudit.app.controls import checks_by_control, checks_by_objective, standard_of
from secaudit.app.listing import Listing
from secaudit.content.library import Library
from secaudit.model import Standard


def list_standards(content: Sequence[Path] = ()) -> Listing:
    """All standards and our own objectives."""
    library = load(content)
    rows = [
        (name, entry.value.version, len(entry.value.controls), entry.value.title)
        for name, entry in sorted(library.standards.items())
    ]
    rows.append(
        ("readiness", library.version, len(library.objectives), "Our own objectives, which all standards point to")
    )
    return Listing(("standard", "version", "controls", "title"), list(rows))


def show_standard(name: str, content: Sequence[Path] = ()) -> Listing:
    """The controls of a standard and their objectives; or all objectives for `readiness`."""
    library = load(content)
    if name == "readiness":
        checks = checks_by_objective(library)
        rows = [
            (item.id, str(item.kind), " ".join(item.evidence), len(checks.get(item.id, [])), item.title)
            for item in library.objectives.values()
        ]
        return Listing(("objective", "kind", "shown by", "checks", "title"), list(rows), f"{len(rows)} objectives")
    standard = standard_of(library, name)
    if standard.cited_as is not None:
        return _show_cited(library, standard)
    listed = [
        (control.id, control.title, ", ".join(control.objectives + control.checks) or f"({control.not_assessable})")
        for control in standard.controls
    ]
    return Listing(("control", "title", "objectives"), list(listed), standard.notice)


def _show_cited(library: Library, standard: Standard) -> Listing:
    """The controls of a standard that checks name themselves, with these checks."""
    naming = checks_by_control(library, standard)
    rows = [
        (
            control.id,
            control.level,
            control.title,
            ", ".join(naming.get(control.id, ())) or f"({control.not_assessable or 'no check'})",
        )
        for control in standard.controls
    ]
    return Listing(("control", "level", "title", "checks"), list(rows), standard.notice)
