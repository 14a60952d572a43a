"""The score: an interval and a coverage, so that what could not be seen is never hidden in one number."""

from __future__ import annotations

from collections.abc import Iterable

from secaudit.model import Counts, Result, Score, Status

GRADES = ((90, "A"), (80, "B"), (70, "C"), (55, "D"), (40, "E"), (0, "F"))
"""From `low`. Our own scale."""

MIN_COVERAGE = 60
"""Percent of the weight that must be decided before a grade is given. Our own limit."""


def score(results: Iterable[Result]) -> Score:
    """Weigh the results by severity.

    low = passed / applicable, high = (passed + unknown) / applicable, both rounded down, of 100. With nothing
    applicable the score is 0 to 100 with coverage 0.
    """
    passed = failed = unknown = 0
    for result in results:
        weight = result.severity.weight
        if result.status is Status.PASS:
            passed += weight
        elif result.status is Status.FAIL:
            failed += weight
        elif result.status is Status.UNKNOWN:
            unknown += weight
    applicable = passed + failed + unknown
    if applicable == 0:
        return Score(0, 100, 0, None)
    low = 100 * passed // applicable
    high = 100 * (passed + unknown) // applicable
    coverage = 100 * (passed + failed) // applicable
    return Score(low, high, coverage, _grade(low) if coverage >= MIN_COVERAGE else None)


def _grade(low: int) -> str:
    return next(letter for limit, letter in GRADES if low >= limit)


def counts(results: Iterable[Result]) -> Counts:
    """How many checks ended with each status."""
    seen = list(results)
    by_status = {status: sum(result.status is status for result in seen) for status in Status}
    return Counts(
        passed=by_status[Status.PASS],
        failed=by_status[Status.FAIL],
        unknown=by_status[Status.UNKNOWN],
        not_applicable=by_status[Status.NOT_APPLICABLE],
        needs_root=sum(result.status is Status.UNKNOWN and result.needs == "root" for result in seen),
    )
