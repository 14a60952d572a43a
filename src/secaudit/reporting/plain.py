"""plain: one line a finding, seven fields with tabs between them, for grep, cut and awk. The form is stable.

The first field is `fail`, `unknown`, or `accepted` for a failing row that a baseline holds.
"""

from __future__ import annotations

from collections.abc import Iterator

from secaudit.model import Run, Status
from secaudit.reporting.visible import visible


def render(run: Run) -> str:
    """Failing and unknown checks, worst first: status, severity, id, path, line, value, reason."""
    return "".join(line + "\n" for line in _lines(run))


def _lines(run: Run) -> Iterator[str]:
    shown = [result for result in run.results if result.status in (Status.FAIL, Status.UNKNOWN)]
    for result in sorted(shown, key=lambda item: (item.status is not Status.FAIL, item.severity.rank, item.check)):
        rest = (str(result.severity), result.check)
        wanted = 0 if result.status is Status.FAIL else None
        rows = [row for row in result.rows if row.get("pass") == wanted]
        for row in rows or [{}]:
            place = row.get("path")
            value = row.get("actual")
            if not place and row.get("resource") is not None:
                place = row.get("resource")
            status = "accepted" if row.get("accepted") else str(result.status)
            yield _join(status, *rest, place, row.get("line"), value, result.reason)


def _join(*fields: object) -> str:
    return "\t".join(visible("" if field is None else str(field)) for field in fields)
