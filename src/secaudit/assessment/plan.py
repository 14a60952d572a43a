"""The order in which fixing helps most, with the points that each step really adds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from secaudit.assessment.score import score
from secaudit.model import PlanStep, Result, Role, Status


def plan(results: Iterable[Result]) -> tuple[PlanStep, ...]:
    """Order the failing checks and compute the score after each step.

    Worst severity first; among equals, a check whose objective has no other failure comes first, since fixing it
    closes the objective; then what can be fixed by a command; then by id, so that the order is always the same.
    """
    everything = list(results)
    failing = [result for result in everything if result.status is Status.FAIL]
    per_objective = Counter(result.objective for result in failing)

    def order(result: Result) -> tuple[int, bool, int, bool, str]:
        return (
            result.severity.rank,
            result.role is Role.INDICATES,
            per_objective[result.objective],
            not has_command(result.fix),
            result.check,
        )

    place = {result.check: index for index, result in enumerate(everything)}
    steps: list[PlanStep] = []
    before = score(everything).low
    for result in sorted(failing, key=order):
        everything[place[result.check]] = replace(result, status=Status.PASS)
        after = score(everything).low
        steps.append(PlanStep(check=result.check, gain=after - before, score_after=after))
        before = after
    return tuple(steps)


def has_command(fix: str | None) -> bool:
    """A fix of which at least one line is a command and not a comment."""
    return any(line.strip() and not line.lstrip().startswith("#") for line in (fix or "").splitlines())
