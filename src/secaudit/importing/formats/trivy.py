"""trivy, `--format json`: results by file, with vulnerabilities, secrets and misconfigurations."""

from __future__ import annotations

from collections.abc import Iterator

from secaudit.importing.report import Found, Kind, Report, severity_of
from secaudit.importing.shape import Data, cwes, number, records, text, under, words

NAME = "trivy"
ECOSYSTEMS = {
    "npm": "npm", "yarn": "npm", "pnpm": "npm", "bun": "npm", "node-pkg": "npm", "pip": "PyPI", "pipenv": "PyPI",
    "poetry": "PyPI", "uv": "PyPI", "python-pkg": "PyPI", "composer": "Packagist", "composer-vendor": "Packagist",
    "bundler": "RubyGems", "gemspec": "RubyGems", "cargo": "crates.io", "rustbinary": "crates.io", "gomod": "Go",
    "gobinary": "Go", "pom": "Maven", "jar": "Maven", "gradle": "Maven", "nuget": "NuGet", "dotnet-core": "NuGet",
}  # fmt: skip


def fits(data: object) -> bool:
    return number(data, "SchemaVersion") > 0 and "ArtifactName" in (data if isinstance(data, dict) else {})


def read(data: object) -> Report:
    found = [item for result in records(data, "Results") for item in _of_result(result)]
    return Report(NAME, text(data, "Trivy", "Version"), text(data, "CreatedAt"), tuple(found))


def _of_result(result: Data) -> Iterator[Found]:
    path = text(result, "Target")
    for item in records(result, "Vulnerabilities"):
        yield Found(
            kind=Kind.DEPENDENCY,
            rule_id=text(item, "VulnerabilityID"),
            path=path,
            severity=severity_of(text(item, "Severity")),
            confidence="high",
            cwes=cwes(*words(item, "CweIDs")),
            message=text(item, "Title"),
            ecosystem=ECOSYSTEMS.get(text(result, "Type"), ""),
            package=text(item, "PkgName"),
            version=text(item, "InstalledVersion"),
            aliases=words(item, "VendorIDs"),
            fixed=text(item, "FixedVersion"),
        )
    for item in records(result, "Secrets"):
        yield Found(
            kind=Kind.SECRET,
            rule_id=text(item, "RuleID"),
            path=path,
            line=number(item, "StartLine"),
            severity=severity_of(text(item, "Severity")),
            confidence="high",
            cwes=(798,),
        )
    for item in records(result, "Misconfigurations"):
        if text(item, "Status") not in ("PASS", "EXCEPTION"):
            yield Found(
                kind=Kind.CODE,
                rule_id=text(item, "ID") or text(item, "AVDID"),
                path=path,
                line=number(item, "CauseMetadata", "StartLine"),
                severity=severity_of(text(item, "Severity")),
                confidence="high" if isinstance(under(item, "CauseMetadata"), dict) else "medium",
                message=text(item, "Title"),
            )
