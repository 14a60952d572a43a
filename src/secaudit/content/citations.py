"""Which checks speak for a control: those of its objectives, or, where a standard is finer, those that name it."""

from __future__ import annotations

from collections.abc import Iterable

from secaudit.model import Check, Control, Standard


def cited(standard: str | None, references: Iterable[str]) -> frozenset[str]:
    """The ids of the controls that references name: `1.2.4` of `ASVS 5.0.0 1.2.4`.

    Args:
        standard: how references name it, `ASVS 5.0.0`; None names nothing.
        references: those of one check.
    """
    if standard is None:
        return frozenset()
    head = standard + " "
    return frozenset(text[len(head) :] for text in references if text.startswith(head))


def speaks_for(check: Check, standard: Standard, control: Control) -> bool:
    """Whether a check helps to show a control."""
    if check.id in control.checks:
        return True
    if standard.cited_as is not None:
        return control.id in cited(standard.cited_as, check.references)
    return check.objective in control.objectives
