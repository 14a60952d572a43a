"""SARIF 2.1.0 of any tool (OASIS standard, sections 3.14 to 3.30)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from secaudit.importing.report import Found, Kind, Report, severity_of
from secaudit.importing.shape import Data, cwes, number, records, text, under, words

NAME = "sarif"
SECRET_TOOLS = frozenset(
    "gitleaks betterleaks trufflehog detect-secrets kingfisher ggshield noseyparker credsweeper secretlint".split()
)
LONGEST_SECRET = 1000


def fits(data: object) -> bool:
    return text(data, "version") == "2.1.0" and isinstance(under(data, "runs"), list)


def read(data: object) -> Report:
    found: list[Found] = []
    names: list[tuple[str, str]] = []
    skipped = 0
    made = ""
    for run in records(data, "runs"):
        driver = under(run, "tool", "driver")
        names.append((text(driver, "name"), text(driver, "semanticVersion") or text(driver, "version")))
        made = made or next((text(item, "endTimeUtc") for item in records(run, "invocations")), "")
        rules = _rules(run)
        for result in records(run, "results"):
            item = _found(run, rules, result, names[-1][0])
            skipped += item is None
            if item is not None:
                found.append(item)
    tools = list(dict.fromkeys(name for name, _ in names if name))
    return Report(
        ", ".join(tools[:5]) or "unnamed", names[0][1] if len(names) == 1 else "", made, tuple(found), skipped
    )


Rules = Mapping[str, Data]


def _rules(run: Data) -> dict[str, Data]:
    """By id, and by place as `#3`."""
    found: dict[str, Data] = {}
    for component in (under(run, "tool", "driver"), *records(run, "tool", "extensions")):
        for place, rule in enumerate(records(component, "rules")):
            found.setdefault(text(rule, "id"), rule)
            if component is under(run, "tool", "driver"):
                found.setdefault(f"#{place}", rule)
    return found


def _found(run: Data, rules: Rules, result: Data, tool: str) -> Found | None:
    """None for what is no failure: `kind` other than fail, or gone since the tool's own baseline."""
    if text(result, "kind") not in ("", "fail", "open", "review") or text(result, "baselineState") == "absent":
        return None
    index = under(result, "ruleIndex")
    name = text(result, "ruleId") or text(result, "rule", "id")
    rule: Data = rules.get(name) or (rules.get(f"#{index}", {}) if isinstance(index, int) else {})
    name = name or text(rule, "id")
    place = next(records(result, "locations"), {})
    region = under(place, "physicalLocation", "region")
    tags = (*words(rule, "properties", "tags"), *words(result, "properties", "tags"), *words(rule, "properties", "cwe"))
    numbers = cwes(*tags, *_relations(rule), *_taxa(result), name)
    secret = tool.lower() in SECRET_TOOLS or _names_secret(name, tags)
    snippet = text(region, "snippet", "text")
    return Found(
        kind=Kind.SECRET if secret else Kind.CODE,
        rule_id=name,
        path=_address(run, under(place, "physicalLocation", "artifactLocation")),
        line=number(region, "startLine"),
        column=number(region, "startColumn"),
        severity="high" if secret else _severity(rule, result),
        confidence=_confidence(rule, result),
        cwes=numbers,
        message="" if secret else text(result, "message", "text"),
        suppressed=any(True for _ in records(result, "suppressions")),
        secret=snippet.encode("utf-8", "surrogatepass") if secret and len(snippet) <= LONGEST_SECRET else b"",
        commit=text(result, "partialFingerprints", "commitSha"),
    )


def _names_secret(name: str, tags: tuple[str, ...]) -> bool:
    """Whether a rule looks for values, such as `generic.secrets.security.detected-...`, not for weak handling."""
    parts = {part for item in (name, *tags) for part in re.split(r"[./:\s]", item.lower())}
    return not parts.isdisjoint(("secrets", "secret-scanning"))


def _severity(rule: Data, result: Data) -> str:
    """`security-severity` is a CVSS score, as code hosts read it; else the level."""
    score = under(result, "properties", "security-severity") or under(rule, "properties", "security-severity")
    try:
        points = float(score) if isinstance(score, str | int | float) and len(str(score)) < 8 else None
    except ValueError:
        points = None
    if points is not None:
        for limit, word in ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low")):
            if points >= limit:
                return word
        return "info"
    return severity_of(text(result, "level") or text(rule, "defaultConfiguration", "level") or "warning")


def _confidence(rule: Data, result: Data) -> str:
    for source in (under(result, "properties"), under(rule, "properties")):
        word = (text(source, "confidence") or text(source, "issue_confidence") or text(source, "precision")).lower()
        if word:
            return word
    return "medium"


def _relations(rule: Data) -> Iterator[str]:
    for relation in records(rule, "relationships"):
        yield from _named_cwe(under(relation, "target"))


def _taxa(result: Data) -> Iterator[str]:
    for taxon in records(result, "taxa"):
        yield from _named_cwe(taxon)


def _named_cwe(target: Any) -> Iterator[str]:
    name = text(target, "id")
    yield f"CWE-{name}" if text(target, "toolComponent", "name").upper() == "CWE" and name.isdecimal() else name


def _address(run: Data, location: Any) -> str:
    """The file's address; a relative one below its base, when that is relative too.

    An absolute base is the top of the sources where the tool ran, so the address is one from the top of the project.
    """
    address, base = text(location, "uri"), text(location, "uriBaseId")
    index = under(location, "index")
    if not address and isinstance(index, int):
        artifacts = under(run, "artifacts")
        if isinstance(artifacts, list) and 0 <= index < len(artifacts):
            address, base = text(artifacts[index], "location", "uri"), text(artifacts[index], "location", "uriBaseId")
    top = text(run, "originalUriBaseIds", base, "uri") if base else ""
    is_relative = top and not top.startswith(("/", "file:")) and "://" not in top + address
    return top + address if is_relative and not address.startswith("/") else address
