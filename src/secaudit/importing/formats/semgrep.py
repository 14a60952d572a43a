"""semgrep and opengrep, `--json`: results with check_id, place and metadata."""

from __future__ import annotations

from secaudit.importing.report import Found, Kind, Report, severity_of
from secaudit.importing.shape import cwes, number, records, text, under, words

NAME = "semgrep"


def fits(data: object) -> bool:
    first = next(records(data, "results"), None)
    if first is not None:
        return "check_id" in first and "extra" in first
    return isinstance(under(data, "results"), list) and isinstance(under(data, "paths"), dict)


def read(data: object) -> Report:
    return Report(
        NAME,
        text(data, "version"),
        "",
        tuple(_found(item) for item in records(data, "results")),
        sum(1 for _ in records(data, "errors")),
    )


def _found(item: object) -> Found:
    metadata = under(item, "extra", "metadata")
    numbers = cwes(*words(metadata, "cwe"))
    return Found(
        kind=Kind.CODE,
        rule_id=text(item, "check_id"),
        path=text(item, "path"),
        line=number(item, "start", "line"),
        column=number(item, "start", "col"),
        severity=severity_of(text(item, "extra", "severity")),
        confidence=text(metadata, "confidence").lower(),
        cwes=numbers,
        message=text(item, "extra", "message"),
        suppressed=under(item, "extra", "is_ignored") is True,
    )
