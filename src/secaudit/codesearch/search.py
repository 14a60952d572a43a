"""Search the text of one file with the rules of one language. Runs inside the worker, see worker.py."""

from __future__ import annotations

from typing import Any, Iterator, NamedTuple

from secaudit.codesearch.flow import Flow, TooMuch
from secaudit.codesearch.rules import Rule, RuleSet
from secaudit.codesearch.templates import TemplateRule, search_template
from secaudit.codesearch.text import Piece, is_too_deep, pieces_of
from secaudit.codesearch.values import ORIGINS, PARAMETER, QUOTED

MAX_FINDINGS = 200
"""Of one file; a file made of ten thousand weak lines is one problem."""

_NAMES = {level: name for name, level in ORIGINS.items()}
_RANK = {"critical": 4, "high": 3, "medium": 2, "low": 1, "info": 0}


class Place(NamedTuple):
    """One weak place in a file."""

    rule_id: str
    weakness: str
    cwe: int
    severity: str
    confidence: str
    line: int
    column: int
    message: str


class TooDeep(Exception):
    """Brackets are nested so deep that no tree is made of the file."""


def search_text(
    text: str, ending: str, sets: dict[str, RuleSet], templates: tuple[TemplateRule, ...] = ()
) -> tuple[list[Place], str]:
    """All weak places of a file, each line and weakness once; and why they may not be all, or nothing."""
    problem = ""
    found: dict[tuple[int, str], Place] = {}
    for piece in pieces_of(text, ending):
        ruleset = sets.get(piece.language)
        if ruleset is None:
            continue
        try:
            for place in _search_piece(piece, ruleset):
                key = (place.line, place.weakness)
                if key not in found or _RANK[place.severity] > _RANK[found[key].severity]:
                    found[key] = place
                if len(found) >= MAX_FINDINGS:
                    break
        except TooDeep:
            problem = "is nested too deep"
        except (TooMuch, RecursionError):
            problem = "is too tangled to follow"
    for rule, line, column in search_template(text, ending, templates)[:MAX_FINDINGS]:
        found.setdefault(
            (line, rule.weakness),
            Place(rule.id, rule.weakness, rule.cwe, rule.severity, rule.confidence, line, column, rule.message),
        )
    return sorted(found.values(), key=lambda place: (place.line, place.column, place.rule_id)), problem


def _search_piece(piece: Piece, ruleset: RuleSet) -> Iterator[Place]:
    low = piece.text.lower()
    rules = [
        rule for rule in ruleset.rules if piece.tree in rule.trees and any(word.lower() in low for word in rule.words)
    ]
    if not rules:
        return
    if is_too_deep(piece.text):
        raise TooDeep
    from ast_grep_py import SgRoot

    root = SgRoot(piece.text, piece.tree).root()
    flow = Flow(root, piece.tree, ruleset.words)
    for rule in rules:
        for node in (node for config in rule.configs for node in root.find_all(config)):
            judged = _judge(rule, node, flow)
            if judged is not None:
                start = node.range().start
                yield Place(
                    rule.id,
                    rule.weakness,
                    rule.cwe,
                    judged[0],
                    judged[1],
                    start.line + 1,
                    start.column + 1,
                    rule.message,
                )


def _judge(rule: Rule, node: Any, flow: Flow) -> tuple[str, str] | None:
    """Severity and confidence; None when it is no finding."""
    if not rule.origins:
        return rule.severity, rule.confidence
    argument = node.get_match("ARG")
    if argument is None:
        return None
    value = flow.value(argument, rule.cleaned_as)
    judged = rule.origins.get(value.level)
    if value.level == PARAMETER and value.quoted and not any(word in value.text.lower() for word in rule.names):
        judged = rule.origins.get(QUOTED, judged)
    if judged is None:
        return None
    if rule.built and not value.built:
        return None
    if rule.text:
        low = value.text.lower()
        if not any(word in low for word in rule.text):
            return None
    return judged
