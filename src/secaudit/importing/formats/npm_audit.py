"""npm audit, `--json`: of npm 7 and later (auditReportVersion 2), and of npm 6 (advisories)."""

from __future__ import annotations

from collections.abc import Iterator

from secaudit.importing.report import Found, Kind, Report, severity_of
from secaudit.importing.shape import Data, cwes, named, records, text, under, words

NAME = "npm-audit"


def fits(data: object) -> bool:
    if text(data, "auditReportVersion") == "2":
        return isinstance(under(data, "vulnerabilities"), dict)
    return isinstance(under(data, "advisories"), dict) and isinstance(under(data, "metadata"), dict)


def read(data: object) -> Report:
    found = _of_seven(data) if text(data, "auditReportVersion") == "2" else _of_six(data)
    return Report("npm audit", "", "", tuple(found))


def _of_seven(data: object) -> Iterator[Found]:
    """Each package names its own advisories; a `via` that is only a name points to another package of the list."""
    for name, package in named(data, "vulnerabilities"):
        for via in records(package, "via"):
            yield _found(
                via,
                package=text(via, "name") or name,
                affected=text(via, "range"),
                fixed=text(package, "fixAvailable", "version"),
                identity=_identity(via),
            )


def _of_six(data: object) -> Iterator[Found]:
    for _, advisory in named(data, "advisories"):
        versions = {text(place, "version") for place in records(advisory, "findings")} or {""}
        for version in sorted(versions):
            yield _found(
                advisory,
                package=text(advisory, "module_name"),
                version=version,
                affected=text(advisory, "vulnerable_versions"),
                fixed=text(advisory, "patched_versions"),
                identity=text(advisory, "github_advisory_id") or _identity(advisory),
            )


def _found(advisory: Data, *, package: str, affected: str, fixed: str, identity: str, version: str = "") -> Found:
    return Found(
        kind=Kind.DEPENDENCY,
        rule_id=identity,
        severity=severity_of(text(advisory, "severity")),
        confidence="high",
        cwes=cwes(*words(advisory, "cwe")),
        message=text(advisory, "title"),
        ecosystem="npm",
        package=package,
        version=version,
        affected=affected,
        aliases=words(advisory, "cves"),
        fixed=fixed,
    )


def _identity(advisory: Data) -> str:
    """GHSA-... out of the address, else npm's number."""
    last = text(advisory, "url").rstrip("/").rpartition("/")[2]
    return last if last.startswith("GHSA-") else f"npm-{text(advisory, 'source') or text(advisory, 'id')}"
