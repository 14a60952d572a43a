"""gitleaks and betterleaks, `--report-format json`: a list of findings, each with the secret itself."""

from __future__ import annotations

from secaudit.importing.report import Found, Kind, Report
from secaudit.importing.shape import number, records, text, words

NAME = "gitleaks"
REDACTED = ("REDACTED", "*")


def fits(data: object) -> bool:
    first = next(records(data), None)
    return first is not None and "RuleID" in first and ("Secret" in first or "Match" in first)


def read(data: object) -> Report:
    return Report(NAME, "", "", tuple(_found(item) for item in records(data)))


def _found(item: object) -> Found:
    secret, rule = text(item, "Secret"), text(item, "RuleID")
    hidden = secret.startswith(REDACTED) or secret.endswith("...")
    generic = rule.startswith("generic")
    return Found(
        kind=Kind.SECRET,
        rule_id=rule,
        path=text(item, "File"),
        line=number(item, "StartLine"),
        column=number(item, "StartColumn"),
        severity="high",
        confidence="medium" if generic else "high",
        cwes=(798,),
        suppressed="gitleaks:allow" in words(item, "Tags"),
        secret=b"" if hidden else secret.encode("utf-8", "surrogatepass"),
        commit=text(item, "Commit"),
    )
