"""Search templates line by line: they have no grammar here, and what matters is one sign around a value."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from secaudit.codesearch.rules import read_rules, rules_folder

MAX_LINE = 2000


class TemplateRule(NamedTuple):
    """One way in which a template language writes a value as it is."""

    id: str
    weakness: str
    cwe: int
    severity: str
    confidence: str
    message: str
    endings: frozenset[str]
    pattern: re.Pattern[str]
    unless: re.Pattern[str]
    insecure: tuple[str, ...]
    secure: tuple[str, ...]


def load_template_rules() -> tuple[TemplateRule, ...]:
    """Read the rules for templates.

    Raises:
        KeyError, TypeError, re.error: a rule is not written as it must be.
    """
    found: list[TemplateRule] = []
    for path in sorted((rules_folder() / "templates").glob("*.yaml")):
        found.extend(_rule(item, data) for data in [read_rules(path)] for item in data["rules"])
    return tuple(found)


def search_template(text: str, ending: str, rules: tuple[TemplateRule, ...]) -> list[tuple[TemplateRule, int, int]]:
    """Rule, line and column of each place, one a line."""
    wanted = [rule for rule in rules if ending in rule.endings]
    found: list[tuple[TemplateRule, int, int]] = []
    for number, line in enumerate(text.split("\n"), 1) if wanted else ():
        for rule in wanted:
            match = rule.pattern.search(line[:MAX_LINE])
            if match is None:
                continue
            value = next((group for group in match.groups() if group is not None), "")
            if rule.unless.search(value) is None:
                found.append((rule, number, match.start() + 1))
    return found


def _rule(item: dict[str, Any], file: dict[str, Any]) -> TemplateRule:
    return TemplateRule(
        id=item["id"],
        weakness=file["weakness"],
        cwe=int(file["cwe"]),
        severity=item["severity"],
        confidence=item["confidence"],
        message=item["message"],
        endings=frozenset(item["endings"]),
        pattern=re.compile(item["pattern"]),
        unless=re.compile(item["unless"]),
        insecure=tuple(item["insecure"]),
        secure=tuple(item["secure"]),
    )
