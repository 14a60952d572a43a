"""pip-audit, `-f json`: dependencies with their vulnerabilities. Those that were skipped were not looked at."""

from __future__ import annotations

from secaudit.importing.report import Found, Kind, Report
from secaudit.importing.shape import records, text, under, words

NAME = "pip-audit"


def fits(data: object) -> bool:
    first = next(records(data, "dependencies"), None)
    if first is not None:
        return "vulns" in first or "skip_reason" in first
    return isinstance(under(data, "dependencies"), list) and isinstance(under(data, "fixes"), list)


def read(data: object) -> Report:
    found: list[Found] = []
    skipped = 0
    for package in records(data, "dependencies"):
        skipped += "skip_reason" in package
        for vulnerability in records(package, "vulns"):
            found.append(
                Found(
                    kind=Kind.DEPENDENCY,
                    rule_id=text(vulnerability, "id"),
                    severity="high",  # it gives none
                    confidence="high",
                    message=text(vulnerability, "description"),
                    ecosystem="PyPI",
                    package=text(package, "name"),
                    version=text(package, "version"),
                    aliases=words(vulnerability, "aliases"),
                    fixed=", ".join(words(vulnerability, "fix_versions")[:5]),
                )
            )
    return Report(NAME, "", "", tuple(found), skipped)
