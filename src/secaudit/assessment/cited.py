"""Controls of a standard that is finer than our objectives: judged by the checks that name them, and never whole.

A check that names a control looks at some ways to break it, in some languages. So its failure counts against the
control, and its pass shows a part of it: the rest stays open until somebody answers for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from secaudit.model import Met, Result, Role, Standard, Status


def results_by_control(standard: Standard, results: Iterable[Result]) -> dict[str, list[Result]]:
    """The results that speak for each control; empty for a standard that is judged by objectives."""
    found: dict[str, list[Result]] = {}
    for result in results:
        if result.role is not Role.INDICATES:
            for control in standard.cited_in(result.references):
                found.setdefault(control, []).append(result)
    return found


def cited_status(results: Sequence[Result]) -> tuple[Met, str | None]:
    """What checks that name a control say about it, and why it is not decided; no reason where none of them looked."""
    failed = [result for result in results if result.status is Status.FAIL]
    passed = [result for result in results if result.status is Status.PASS]
    unknown = [result for result in results if result.status is Status.UNKNOWN]
    if failed:
        major = any(result.severity.is_major for result in failed)
        names = ", ".join(result.check for result in failed[:5])
        return Met.NOT_MET if major else Met.PARTLY_MET, f"{_checks(failed, 'fails', 'fail')}: {names}"
    if any(result.role is Role.DETERMINES for result in passed):
        open_ones = f", {_checks(unknown, 'could not look', 'could not look')}" if unknown else ""
        return Met.PARTLY_ASSESSED, f"{_checks(passed, 'passes', 'pass')}{open_ones}; that does not show all of it"
    if passed:
        return Met.NOT_ASSESSED, f"{_checks(passed, 'supports', 'support')} it, but cannot show it"
    if unknown:
        return Met.NOT_ASSESSED, _checks(unknown, "could not look", "could not look")
    return Met.NOT_ASSESSED, "what checks look for does not occur here" if results else None


def _checks(results: Sequence[Result], one: str, many: str) -> str:
    return f"1 check {one}" if len(results) == 1 else f"{len(results)} checks {many}"
