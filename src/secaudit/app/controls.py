"""Which checks, objectives and controls belong together, for the use cases that show them."""

from __future__ import annotations

from secaudit.content.citations import speaks_for
from secaudit.content.decode import nearest
from secaudit.content.library import Library
from secaudit.errors import UsageError
from secaudit.model import Check, Control, Role, Standard


def checks_by_control(library: Library, standard: Standard) -> dict[str, list[str]]:
    """The checks that name each control of a standard in their references."""
    found: dict[str, list[str]] = {}
    for name, entry in sorted(library.checks.items()):
        if entry.value.role is not Role.INDICATES:
            for control in standard.cited_in(entry.value.references):
                found.setdefault(control, []).append(name)
    return found


def checks_by_objective(library: Library, without: Role | None = None) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, entry in sorted(library.checks.items()):
        if entry.value.role is not without:
            found.setdefault(entry.value.objective, []).append(name)
    return found


def standard_of(library: Library, name: str) -> Standard:
    if name not in library.standards:
        raise UsageError(f'no standard is called "{name}"', nearest(name, [*library.standards, "readiness"]))
    return library.standards[name].value


def objectives_of_control(library: Library, name: str) -> list[tuple[Standard, Control]]:
    """Controls called `A.8.5`, `iso27001:A.8.5` or `iso27001-2022:A.8.5`."""
    head, colon, rest = name.lower().rpartition(":")
    found = []
    for entry in library.standards.values():
        standard = entry.value
        for control in standard.controls:
            short = standard.id == head or standard.id.startswith(head + "-")
            if control.id.lower() == name.lower() or (colon and short and control.id.lower() == rest):
                found.append((standard, control))
    return found


def controls_of(library: Library, check: Check) -> list[str]:
    """The controls that a check helps to show: `ISO 27001 A.8.5`."""
    return [
        f"{entry.value.short or entry.value.id} {control.id}"
        for _, entry in sorted(library.standards.items())
        for control in entry.value.controls
        if speaks_for(check, entry.value, control)
    ]
