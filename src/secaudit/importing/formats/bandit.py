"""bandit, `-f json`: results with test_id, severity, confidence and CWE."""

from __future__ import annotations

from secaudit.importing.report import Found, Kind, Report, severity_of
from secaudit.importing.shape import number, records, text, under

NAME = "bandit"


def fits(data: object) -> bool:
    return isinstance(under(data, "results"), list) and "metrics" in (data if isinstance(data, dict) else {})


def read(data: object) -> Report:
    found = tuple(
        Found(
            kind=Kind.CODE,
            rule_id=text(item, "test_id"),
            path=text(item, "filename"),
            line=number(item, "line_number"),
            column=number(item, "col_offset") + 1,
            severity=severity_of(text(item, "issue_severity")),
            confidence=text(item, "issue_confidence").lower(),
            cwes=(number(item, "issue_cwe", "id"),) if number(item, "issue_cwe", "id") else (),
            message=text(item, "issue_text"),
        )
        for item in records(data, "results")
    )
    return Report(NAME, "", text(data, "generated_at"), found, sum(1 for _ in records(data, "errors")))
