"""What authors of checks see: results of examples and of the linter."""

from __future__ import annotations

from secaudit.app.content import LintReport, TestReport
from secaudit.terminal.text import echo


def show_tests(reports: list[TestReport]) -> int:
    """One line for each wrong example, then the count. Gives the exit code."""
    wrong = [report for report in reports if not report.is_right]
    for report in wrong:
        if report.problem is not None:
            echo(f"x {report.check}: {report.problem}")
        for result in report.results:
            if not result.is_right:
                verdict = result.outcome.verdict
                reason = f" ({verdict.reason})" if verdict.reason else ""
                echo(f"x {report.check}: {result.name} gives {verdict.status}{reason}, should be {result.expected}")
    examples = sum(len(report.results) for report in reports)
    echo(
        f"{len(reports)} checks, {examples} examples: {len(wrong)} checks are wrong"
        if wrong
        else f"{len(reports)} checks, {examples} examples: all right"
    )
    return 1 if wrong else 0


def show_lint(report: LintReport) -> int:
    """One message for each finding, then the count. Gives the exit code."""
    for error in report.errors:
        echo(f"error: {error.message}")
        for label, text in error.hints:
            echo(f"  {label + ':':<9}{text}")
    count = len(report.errors)
    echo(f"{report.checked} checks: {count} to mend" if count else f"{report.checked} checks: all sound")
    return 1 if count else 0
