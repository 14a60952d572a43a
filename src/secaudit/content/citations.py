"""Which checks speak for a control: those of its objectives, or, where a standard is finer, those that name it."""

from __future__ import annotations

from secaudit.model import Check, Control, Standard


def speaks_for(check: Check, standard: Standard, control: Control) -> bool:
    """Whether a check helps to show a control."""
    if check.id in control.checks:
        return True
    if standard.cited_as is not None:
        return control.id in standard.cited_in(check.references)
    return check.objective in control.objectives
