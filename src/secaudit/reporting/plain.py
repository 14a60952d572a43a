"""plain: one line a finding, seven fields with tabs between them, for grep, cut and awk. The form is stable.

The first field is `fail`, `unknown`, or `accepted` for a failing row that a baseline holds. Each thing that failed has
its line. Of what could not be determined the first few have one, and a last line says how many there are besides.
"""

from __future__ import annotations

from collections.abc import Iterator

from secaudit.model import Result, Run, Status
from secaudit.reporting.evidence import Evidence, evidence
from secaudit.reporting.visible import visible

MOST_UNKNOWN = 3


def render(run: Run) -> str:
    """Failing and unknown checks, worst first: status, severity, id, path, line, value, reason."""
    return "".join(line + "\n" for line in _lines(run))


def _lines(run: Run) -> Iterator[str]:
    shown = [result for result in run.results if result.status in (Status.FAIL, Status.UNKNOWN)]
    for result in sorted(shown, key=lambda item: (item.status is not Status.FAIL, item.severity.rank, item.check)):
        yield from _failed(result) if result.status is Status.FAIL else _unknown(result)


def _failed(result: Result) -> Iterator[str]:
    for row in [row for row in result.rows if row.get("pass") == 0] or [{}]:
        place = row.get("path")
        if not place and row.get("resource") is not None:
            place = row.get("resource")
        status = "accepted" if row.get("accepted") else str(result.status)
        yield _join(status, result.severity, result.check, place, row.get("line"), row.get("actual"), result.reason)


def _unknown(result: Result) -> Iterator[str]:
    head = (result.status, result.severity, result.check)
    rows = [row for row in result.rows if row.get("pass") is None] or [{}]
    lines = list(
        dict.fromkeys(
            _join(*head, row.get("path") or row.get("resource"), row.get("line"), row.get("actual"), result.reason)
            for row in rows
        )
    )
    is_exact = evidence(result, 0).is_exact
    if len(lines) <= MOST_UNKNOWN + 1 and is_exact:
        yield from lines
        return
    yield from lines[:MOST_UNKNOWN]
    rest = Evidence((), max(0, len(lines) - MOST_UNKNOWN), is_exact).rest
    yield _join(*head, None, None, f"{rest}: secaudit explain {result.check}", result.reason)


def _join(*fields: object) -> str:
    return "\t".join(visible("" if field is None else str(field)) for field in fields)
