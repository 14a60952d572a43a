"""From checks to objectives to controls. Nobody's silence counts as met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from secaudit.assessment.cited import cited_status, results_by_control
from secaudit.model import (
    Control,
    ControlResult,
    Met,
    Objective,
    ObjectiveResult,
    Result,
    Role,
    Standard,
    StandardResult,
    Status,
)

_BY_OTHERS = {
    "question": "a person's answer",
    "project": "a project",
    "site": "a web site",
    "network": "a network",
    "domain": "a mail domain",
}

_NOT_LOOKED_AT = ("site", "network", "domain", "question")


def objective_result(objective: Objective, results: Iterable[Result]) -> ObjectiveResult:
    """What the checks of one run together say about an objective."""
    mine = [result for result in results if result.objective == objective.id]
    status, reason = _objective_status(objective, mine)
    return ObjectiveResult(
        id=objective.id,
        title=objective.title,
        kind=objective.kind,
        status=status,
        evidence=objective.evidence,
        checks=tuple(result.check for result in mine),
        reason=reason,
    )


def _objective_status(objective: Objective, results: list[Result]) -> tuple[Met, str | None]:
    counting = [result for result in results if result.role is not Role.INDICATES]
    if not counting:
        return Met.NOT_ASSESSED, _who_answers(objective)
    applicable = [result for result in counting if result.status is not Status.NOT_APPLICABLE]
    if not applicable:
        return Met.NOT_APPLICABLE, "no check of it applies here"
    failed = [result for result in applicable if result.status is Status.FAIL]
    unknown = [result for result in applicable if result.status is Status.UNKNOWN]
    if any(result.severity.is_major for result in failed):
        return Met.NOT_MET, _failures(failed)
    if failed:
        return Met.PARTLY_MET, _failures(failed)
    if unknown:
        reason = f"{len(unknown)} of {len(applicable)} checks could not look"
        passed = len(applicable) - len(unknown)
        return (Met.PARTLY_ASSESSED if passed else Met.NOT_ASSESSED), reason
    if any(result.role is Role.DETERMINES for result in applicable):
        return Met.MET, None
    return Met.NOT_ASSESSED, "what was checked supports it, but does not show all of it"


def _failures(failed: list[Result]) -> str:
    names = ", ".join(item.check for item in failed[:5])
    return f"{len(failed)} check{'s fail' if len(failed) > 1 else ' fails'}: {names}"


def _who_answers(objective: Objective) -> str:
    others = [_BY_OTHERS[kind] for kind in objective.evidence if kind in _BY_OTHERS]
    if not others:
        return "no check of this profile looks at it"
    return f"needs {' or '.join(others)}"


def standard_result(
    standard: Standard, objectives: Mapping[str, ObjectiveResult], results: Iterable[Result]
) -> StandardResult:
    """The result of each control of a standard."""
    judged = tuple(results)
    by_check = {result.check: result for result in judged}
    naming = results_by_control(standard, judged)
    controls = []
    for control in standard.controls:
        mine = naming.get(control.id, [])
        if standard.cited_as is None:
            status, reason, parts = _by_objectives(control, objectives, by_check)
        else:
            status, reason, parts = _by_naming(control, mine, objectives, by_check)
        controls.append(
            ControlResult(
                id=control.id,
                title=control.title,
                group=control.group,
                status=status,
                objectives=control.objectives,
                evidenced=sum(part in (Met.MET, Met.PARTLY_MET, Met.NOT_MET) for part in parts),
                reason=reason,
                level=control.level,
                checks=tuple(result.check for result in mine),
            )
        )
    return StandardResult(
        id=standard.id,
        title=standard.title,
        publisher=standard.publisher,
        version=standard.version,
        text=standard.text,
        notice=standard.notice,
        groups=standard.groups,
        controls=tuple(controls),
        short=standard.short,
        cited_as=standard.cited_as,
    )


def _by_objectives(
    control: Control, objectives: Mapping[str, ObjectiveResult], by_check: Mapping[str, Result]
) -> tuple[Met, str | None, list[Met]]:
    """The status of a control, why it is not decided, and the statuses that it was made of."""
    parts = [objectives[name].status for name in control.objectives]
    parts += [_check_status(by_check[name]) for name in control.checks if name in by_check]
    status = control_status(parts)
    reason = control.not_assessable
    if reason is None and status in (Met.NOT_ASSESSED, Met.PARTLY_ASSESSED):
        reason = _first_reason([objectives[name] for name in control.objectives])
    if reason is None and control.checks and not control.objectives:
        reason = _judged_by([name for name in control.checks if name in by_check])
    return status, reason, parts


def _by_naming(
    control: Control, naming: list[Result], objectives: Mapping[str, ObjectiveResult], by_check: Mapping[str, Result]
) -> tuple[Met, str | None, list[Met]]:
    """As `_by_objectives`, for a standard that is finer than objectives: these say too much and are left out."""
    status, reason = cited_status(naming)
    parts = [_check_status(by_check[name]) for name in control.checks if name in by_check]
    if parts and status in (Met.NOT_ASSESSED, Met.PARTLY_ASSESSED):
        status = control_status(parts)
        reason = _judged_by([name for name in control.checks if name in by_check])
    if reason is None:
        reason = control.not_assessable or _others(objectives[name] for name in control.objectives)
    return status, reason, []


def _others(objectives: Iterable[ObjectiveResult]) -> str:
    """Who can answer where no check looked; a project or a host is what was just looked at."""
    kinds = dict.fromkeys(kind for objective in objectives for kind in objective.evidence)
    others = [_BY_OTHERS[kind] for kind in kinds if kind in _NOT_LOOKED_AT]
    return f"needs {' or '.join(others)}" if others else "no check of this profile looks at it"


def _judged_by(checks: list[str]) -> str:
    if not checks:
        return "no check of this profile looks at it"
    return f"judged by the check{'s' if len(checks) > 1 else ''} {', '.join(checks)}"


def _first_reason(parts: Sequence[ObjectiveResult]) -> str | None:
    """Why a control is not decided: a failure comes first, so that the open rest never hides it."""
    failing_first = sorted(parts, key=lambda part: part.status not in (Met.NOT_MET, Met.PARTLY_MET))
    return next((part.reason for part in failing_first if part.reason), None)


def control_status(parts: Sequence[Met]) -> Met:
    """The status of a control from its objectives.

    What is not assessed never becomes met. With a failure, something met and something open, it is partly assessed,
    and its reason names the failure.
    """
    applicable = [part for part in parts if part is not Met.NOT_APPLICABLE]
    if not applicable:
        return Met.NOT_APPLICABLE if parts else Met.NOT_ASSESSED
    met = Met.MET in applicable
    failing = Met.NOT_MET in applicable or Met.PARTLY_MET in applicable
    open_parts = [part for part in applicable if part in (Met.NOT_ASSESSED, Met.PARTLY_ASSESSED)]
    if failing and not met:
        return Met.PARTLY_MET if Met.PARTLY_MET in applicable else Met.NOT_MET
    if not open_parts:
        return Met.PARTLY_MET if failing else Met.MET
    if len(open_parts) == len(applicable) and Met.PARTLY_ASSESSED not in open_parts:
        return Met.NOT_ASSESSED
    return Met.PARTLY_ASSESSED


def _check_status(result: Result) -> Met:
    return {
        Status.PASS: Met.MET,
        Status.FAIL: Met.NOT_MET,
        Status.UNKNOWN: Met.NOT_ASSESSED,
        Status.NOT_APPLICABLE: Met.NOT_APPLICABLE,
    }[result.status]
