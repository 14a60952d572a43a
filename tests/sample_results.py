"""Results for tests of assessment, short to write."""

from __future__ import annotations

from secaudit.model import Result, Role, Severity, Status


def result(
    check: str,
    status: Status = Status.PASS,
    severity: Severity = Severity.MEDIUM,
    objective: str = "thing-safe",
    role: Role = Role.DETERMINES,
    fix: str | None = "sudo mend",
    needs: str | None = None,
) -> Result:
    """A result with dull words."""
    return Result(
        check=check, status=status, severity=severity, title="Good", fail_title="Bad", objective=objective, role=role,
        topic="topic", reason=None, needs=needs, rows=(), rows_total=0, why="Because", verify="look", fix=fix,
        careful=None, undo=None, references=(), tables=("users",),
    )  # fmt: skip
