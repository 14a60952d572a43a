"""The score: an interval and a coverage, so that what could not be seen is never hidden in one number."""

from __future__ import annotations

from collections.abc import Iterable

from secaudit.model import Counts, Result, Score, Severity, Status

GRADES = ((90, "A"), (80, "B"), (70, "C"), (55, "D"), (40, "E"), (0, "F"))
"""From `low`. Our own scale."""

HIGH_AT_MOST, HIGHS_AT_MOST, CRITICAL_AT_MOST = "C", "D", "E"
"""The best grade while one or two checks of severity high fail, three or more, and while a critical one fails.

Points are shares: of 300 checks that apply, one hole that anybody can use takes a single point. So points alone would
call a project with SQL injection a B. Our own rule.
"""

MANY = 3

MIN_COVERAGE = 60
"""Percent of the weight that must be decided before a grade is given. Our own limit."""


def score(results: Iterable[Result]) -> Score:
    """Weigh the results by severity.

    low = passed / applicable, high = (passed + unknown) / applicable, both rounded down, of 100. With nothing
    applicable the score is 0 to 100 with coverage 0.
    """
    passed = failed = unknown = 0
    seen = list(results)
    for result in seen:
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
    if coverage < MIN_COVERAGE:
        return Score(low, high, coverage, None)
    return Score(low, high, coverage, *_grade(low, seen))


def _grade(low: int, results: Iterable[Result]) -> tuple[str, str | None]:
    """The grade, and what keeps it below that of the points."""
    of_points = next(letter for limit, letter in GRADES if low >= limit)
    failed = [result.severity for result in results if result.status is Status.FAIL]
    for severity, fewest, best in (
        (Severity.CRITICAL, 1, CRITICAL_AT_MOST),
        (Severity.HIGH, MANY, HIGHS_AT_MOST),
        (Severity.HIGH, 1, HIGH_AT_MOST),
    ):
        number = failed.count(severity)
        if number >= fewest and best > of_points:
            checks = "1 check" if number == 1 else f"{number} checks"
            return best, f"{checks} of severity {severity} {'fails' if number == 1 else 'fail'}"
    return of_points, None


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
