"""What a report shows of control sets and objectives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from secaudit.model import ControlResult, Met, ObjectiveKind, Run, StandardResult
from secaudit.reporting.checks_view import CheckView, Link, Tally, anchor, mark_of, sentence, tally
from secaudit.reporting.words import (
    EVIDENCE,
    FAIL,
    KIND,
    MARK_ORDER,
    MET,
    MET_ORDER,
    NOT_COVERED,
    PASS,
    UNKNOWN,
    WAIVED,
    Mark,
    count_of,
)

_ASSESSED = {MET[Met.MET], MET[Met.PARTLY_MET], MET[Met.NOT_MET], MET[Met.PARTLY_ASSESSED]}

FOLD_FROM = 25
"""Controls of a standard from which its table is folded: a short one is read at once."""

MOST_CHECKS = 8
"""Checks listed beside one control; the rest are counted."""


@dataclass(frozen=True, slots=True)
class ControlView:
    """One control of a control set."""

    id: str
    title: str
    anchor: str
    mark: Mark
    evidenced: str
    """2 of 3 objectives evidenced."""
    objectives: tuple[Link, ...]
    reason: str | None
    level: int | None
    checks: tuple[Link, ...]
    """Checks that name the control themselves, those that need work first."""
    more: tuple[Tally, ...]
    """How those ended for which there is no room."""


@dataclass(frozen=True, slots=True)
class GroupView:
    """A chapter of a control set, or a section of one."""

    title: str
    controls: tuple[ControlView, ...]


@dataclass(frozen=True, slots=True)
class ChapterView:
    """A chapter with sections, folded as a whole."""

    title: str
    tally: tuple[Tally, ...]
    sections: tuple[GroupView, ...]
    total: int


@dataclass(frozen=True, slots=True)
class StandardView:
    """A control set."""

    title: str
    anchor: str
    publisher: str
    version: str
    notice: str
    tally: tuple[Tally, ...]
    groups: tuple[GroupView, ...]
    assessed: tuple[ControlView, ...]
    """Those about which something is known, for the short report."""
    total: int
    folded: bool
    chapters: tuple[ChapterView, ...]
    """Of a long standard with sections: then chapters are shown, and neither groups nor one table of all."""


@dataclass(frozen=True, slots=True)
class ObjectiveView:
    """One objective, with what speaks for it and who asks for it."""

    title: str
    anchor: str
    mark: Mark
    checks: tuple[Link, ...]
    evidence: str
    """What can answer for it."""
    controls: tuple[Link, ...]
    reason: str | None


@dataclass(frozen=True, slots=True)
class KindView:
    """The objectives of one part of security."""

    title: str
    tally: tuple[Tally, ...]
    objectives: tuple[ObjectiveView, ...]


def links_to_controls(run: Run) -> dict[str, list[Link]]:
    """Give links to the controls that ask for an objective, by `objective:ID`, or that a check names, by `check:ID`."""
    links: dict[str, list[Link]] = {}
    for standard in run.standards:
        for control in standard.controls:
            link = Link(_full_id(standard, control), anchor("control", standard.id, control.id))
            for check in control.checks:
                links.setdefault("check:" + check, []).append(link)
            if standard.cited_as is None:
                for objective in control.objectives:
                    links.setdefault("objective:" + objective, []).append(link)
    return links


def view_standards(run: Run) -> tuple[StandardView, ...]:
    """Give the view of each control set, with its controls in groups. A control in no known group comes last."""
    objectives = {
        objective.id: Link(objective.title, anchor("objective", objective.id), MET[objective.status])
        for objective in run.objectives
    }
    checks = {
        result.check: Link(
            result.fail_title if mark_of(result) in (FAIL, WAIVED) else result.title,
            anchor("check", result.check),
            mark_of(result),
        )
        for result in run.results
    }
    return tuple(_standard(standard, objectives, checks) for standard in run.standards)


def view_objectives(
    run: Run, checks: Mapping[str, CheckView], controls_of: Mapping[str, list[Link]]
) -> tuple[KindView, ...]:
    """Give the objectives by kind, each with the checks that speak for it and the controls that ask for it."""
    kinds = []
    for kind in ObjectiveKind:
        views = tuple(
            ObjectiveView(
                title=objective.title,
                anchor=anchor("objective", objective.id),
                mark=MET[objective.status],
                checks=tuple(
                    Link(checks[check].title, checks[check].anchor, checks[check].mark)
                    if check in checks
                    else Link(check, None)
                    for check in objective.checks
                ),
                evidence=" or ".join(EVIDENCE[evidence] for evidence in objective.evidence),
                controls=tuple(controls_of.get("objective:" + objective.id, ())),
                reason=sentence(objective.reason) if objective.reason else None,
            )
            for objective in run.objectives
            if objective.kind is kind
        )
        if views:
            kinds.append(KindView(KIND[kind], tally((view.mark for view in views), MET_ORDER), views))
    return tuple(kinds)


def _standard(standard: StandardResult, objectives: Mapping[str, Link], checks: Mapping[str, Link]) -> StandardView:
    views: dict[str, list[ControlView]] = {group.id: [] for group in standard.groups}
    for control in standard.controls:
        views.setdefault(control.group, []).append(_control(standard, control, objectives, checks))
    titles = {
        group.id: f"{group.id} {group.title}" if _ids_begin_with(standard, group.id) else group.title
        for group in standard.groups
    }
    return StandardView(
        title=standard.title,
        anchor=anchor("standard", standard.id),
        publisher=standard.publisher,
        version=standard.version,
        notice=standard.notice,
        tally=tally((view.mark for group in views.values() for view in group), MET_ORDER),
        groups=tuple(
            GroupView(titles.get(group, group), tuple(members)) for group, members in views.items() if members
        ),
        assessed=tuple(view for group in views.values() for view in group if view.mark in _ASSESSED),
        total=len(standard.controls),
        folded=len(standard.controls) >= FOLD_FROM,
        chapters=_chapters(standard, views, titles),
    )


def _chapters(
    standard: StandardResult, views: Mapping[str, list[ControlView]], titles: Mapping[str, str]
) -> tuple[ChapterView, ...]:
    """The chapters of a standard that has sections; none of one that has not."""
    if not any(group.within for group in standard.groups):
        return ()
    chapters = []
    for chapter in standard.groups:
        if chapter.within is None:
            mine = [group for group in standard.groups if chapter.id in (group.id, group.within)]
            controls = [view for group in mine for view in views[group.id]]
            chapters.append(
                ChapterView(
                    title=f"{chapter.id} {chapter.title}",
                    tally=tally((view.mark for view in controls), MET_ORDER),
                    sections=tuple(
                        GroupView(titles[group.id], tuple(views[group.id])) for group in mine if views[group.id]
                    ),
                    total=len(controls),
                )
            )
    return tuple(chapters)


def _full_id(standard: StandardResult, control: ControlResult) -> str:
    """Give the id; a bare number such as 4.4 exists in many standards, so it gets the name of its own."""
    return f"{standard.short or standard.title} {control.id}" if control.id[:1].isdigit() else control.id


def _ids_begin_with(standard: StandardResult, group: str) -> bool:
    """Tell whether the group's id is part of the numbers people know, as A.5 is of A.5.1."""
    return any(control.group == group and control.id.startswith(group) for control in standard.controls)


def _needs_work(link: Link) -> int:
    """Failures first, then what could not be checked, then the rest."""
    order = (FAIL, UNKNOWN, WAIVED, PASS)
    return order.index(link.mark) if link.mark in order else len(order)


def _control(
    standard: StandardResult, control: ControlResult, objectives: Mapping[str, Link], checks: Mapping[str, Link]
) -> ControlView:
    finer = standard.cited_as is not None
    naming = tuple(sorted((checks.get(check, Link(check, None)) for check in control.checks), key=_needs_work))
    total = 0 if finer else len(control.objectives)
    covered = bool(control.objectives) or control.status is not Met.NOT_ASSESSED
    return ControlView(
        id=control.id,
        title=control.title,
        anchor=anchor("control", standard.id, control.id),
        mark=MET[control.status] if covered else NOT_COVERED,
        evidenced=f"{control.evidenced} of {count_of(total, 'objective')} evidenced" if total else "",
        objectives=()
        if finer
        else tuple(objectives.get(objective, Link(objective, None)) for objective in control.objectives),
        reason=sentence(control.reason) if control.reason else None,
        level=control.level,
        checks=naming[:MOST_CHECKS],
        more=tally((link.mark for link in naming[MOST_CHECKS:] if link.mark), MARK_ORDER),
    )
