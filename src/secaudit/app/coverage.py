"""Who can answer for each control of a standard: checks, people, or nobody here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from secaudit.app.content import load
from secaudit.app.controls import checks_by_control, checks_by_objective, standard_of
from secaudit.app.listing import Listing
from secaudit.content.library import Library
from secaudit.model import Control, EvidenceKind, Role, Scalar, Standard

KINDS = ("checks", "checks and people", "checks, in part", "people", "other targets", "nothing")
"""Who can answer for a control, those that checks answer for first."""

LONGEST_LIST = 200
"""Controls from which `coverage` counts by chapter, so that a screen shows it; all of them on demand."""


def coverage(name: str, content: Sequence[Path] = (), *, whole: bool = True) -> Listing:
    """For each control: who can answer. "checks" means that checks alone can show all of it.

    Args:
        name: of the standard.
        content: folders of the user's own content.
        whole: every control; otherwise a long standard is counted by chapter.
    """
    library = load(content)
    standard = standard_of(library, name)
    checks = checks_by_objective(library, without=Role.INDICATES)
    naming = checks_by_control(library, standard)
    found = [
        (
            control,
            _coverage_of(library, control, checks)
            if standard.cited_as is None
            else _cited_coverage_of(library, control, naming.get(control.id, ())),
        )
        for control in standard.controls
    ]
    kinds = Counter(kind for _, (kind, _) in found)
    footer = [f"{kinds[kind]:>4}  {kind}" for kind in KINDS]
    footer.append(f"{len(found):>4}  controls in all")
    footer += [_count_line(f"level {level}", kinds) for level, kinds in sorted(_by_level(found).items())]
    if not whole and len(found) > LONGEST_LIST:
        footer += [f"Every control: secaudit standards coverage {name} --all", standard.notice]
        return _coverage_by_chapter(standard, found, "\n".join(footer))
    footer.append(standard.notice)
    if standard.cited_as is None:
        rows = [(item.id, kind, len(item.objectives), count, item.title) for item, (kind, count) in found]
        return Listing(("control", "covered by", "objectives", "checks", "title"), list(rows), "\n".join(footer))
    finer = [(item.id, item.level, kind, count, item.title) for item, (kind, count) in found]
    return Listing(("control", "level", "covered by", "checks", "title"), list(finer), "\n".join(footer))


Found = list[tuple[Control, tuple[str, int]]]
"""Controls with who can answer, and by how many checks."""


def _by_level(found: Found) -> dict[int, Counter[str]]:
    levels: dict[int, Counter[str]] = {}
    for control, (kind, _) in found:
        if control.level is not None:
            levels.setdefault(control.level, Counter())[kind] += 1
    return levels


def _count_line(label: str, kinds: Counter[str]) -> str:
    counted = ", ".join(f"{kinds[kind]} {kind}" for kind in KINDS if kinds[kind])
    return f"{label}: {counted}, of {kinds.total()}"


def _coverage_by_chapter(standard: Standard, found: Found, footer: str) -> Listing:
    """One row a chapter: how many of its controls each can answer for."""
    chapter = {group.id: group.within or group.id for group in standard.groups}
    kinds = [kind for kind in KINDS if any(kind == other for _, (other, _) in found)]
    rows: list[tuple[Scalar, ...]] = []
    for group in standard.groups:
        counts = Counter(kind for control, (kind, _) in found if chapter[control.group] == group.id)
        if group.within is None:
            rows.append((group.id, counts.total(), *(counts[kind] for kind in kinds), group.title))
    return Listing(("chapter", "controls", *kinds, "title"), list(rows), footer)


def _coverage_of(library: Library, control: Control, checks: dict[str, list[str]]) -> tuple[str, int]:
    """Who can answer for a control, and by how many checks of ours.

    Checks that only support an objective leave it open: somebody or something else must show the rest.
    """
    count = len(control.checks) + sum(len(checks.get(name, [])) for name in control.objectives)
    open_ones = [
        library.objectives[name]
        for name in control.objectives
        if not any(library.checks[check].value.role is Role.DETERMINES for check in checks.get(name, ()))
    ]
    if not control.objectives and not control.checks:
        return "nothing", 0
    if not open_ones:
        return "checks", count
    if any(EvidenceKind.QUESTION in item.evidence for item in open_ones):
        return ("checks and people" if count else "people"), count
    return ("checks, in part" if count else "other targets"), count


def _cited_coverage_of(library: Library, control: Control, naming: Sequence[str]) -> tuple[str, int]:
    """As `_coverage_of`, for a standard whose controls checks name themselves: no check shows all of one."""
    count = len(naming) + len(control.checks)
    if control.checks:
        return "checks", count
    if not naming and control.not_assessable is not None:
        return "nothing", 0
    if any(EvidenceKind.QUESTION in library.objectives[name].evidence for name in control.objectives):
        return ("checks and people" if naming else "people"), count
    return ("checks, in part" if naming else "other targets"), count
