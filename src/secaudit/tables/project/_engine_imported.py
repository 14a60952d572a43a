"""What other tools found in code, as far as the user took it over. It never shows that a place is sound."""

from __future__ import annotations

from typing import Sequence

from secaudit.tableapi import Target
from secaudit.tables.project._code import IMPORTED, PARTIAL, Answer, Weak
from secaudit.tables.project._imported import CODE, fresh, stale
from secaudit.tables.project._listing import Listed

ENGINE = "imported"
LANGUAGES = ()


def find(target: Target, language: str, sources: Sequence[Listed]) -> Answer | None:
    """Give the imported findings about these files; None when there are none."""
    paths = {source.path for source in sources}
    found = [(report, item) for report, item in fresh(target, CODE) if item.path in paths]
    problem = stale(target, CODE, paths)
    if not found and not problem:
        return None
    rows = tuple(
        Weak(
            rule_id=item.rule_id,
            weakness=item.weakness,
            cwe=item.cwe,
            severity=item.severity,
            confidence=item.confidence,
            path=item.path,
            line=item.line,
            column=item.column,
            message=item.message,
            suppressed=item.suppressed,
            engine=report.tool,
        )
        for report, item in found
    )
    return Answer(rows, PARTIAL if problem else IMPORTED, problem)
