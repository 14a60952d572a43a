"""The rules for JavaScript and PHP: every insecure example is found, no secure one is; and the search as a whole."""

from __future__ import annotations

import pytest
from codeforms import SAFE_JAVASCRIPT, SAFE_PHP, WEAK_JAVASCRIPT, WEAK_PHP
from codemodules import PAIRS, Pair

from secaudit.codesearch.rules import BadRule, Rule, call_rule, languages, load_rules
from secaudit.codesearch.search import search_text
from secaudit.codesearch.templates import TemplateRule, load_template_rules

SETS = {language: load_rules(language) for language in languages()}
RULES = [(language, rule) for language, found in SETS.items() for rule in found.rules]
NAMES = [f"{language}-{rule.id}" for language, rule in RULES]


ENDINGS = {"php": "php", "ruby": "rb", "go": "go", "java": "java", "csharp": "cs"}


def ending_of_example(language: str, text: str) -> str:
    """Which grammar an example needs."""
    if language in ENDINGS:
        return ENDINGS[language]
    return "tsx" if "@" in text or ": string" in text else "jsx" if "=> <" in text or "return <" in text else "js"


def weaknesses(language: str, text: str) -> set[str]:
    """What is found in one example."""
    if language == "php" and "<?" not in text:
        text = "<?php\n" + text
    places, problem = search_text(text, ending_of_example(language, text), SETS)
    assert problem == ""
    return {place.weakness for place in places} | {place.rule_id for place in places}


@pytest.mark.parametrize(("language", "rule"), RULES, ids=NAMES)
def test_every_insecure_example_is_found_and_no_secure_one(language: str, rule: Rule) -> None:
    assert min(len(rule.insecure), len(rule.secure)) > 0, "a rule needs both kinds of examples"
    assert [text for text in rule.insecure if rule.weakness not in weaknesses(language, text)] == []
    assert [text for text in rule.secure if rule.weakness in weaknesses(language, text)] == []
    assert any(rule.id in weaknesses(language, text) for text in rule.insecure), "another rule finds its examples"


TEMPLATES = load_template_rules()


@pytest.mark.parametrize("rule", TEMPLATES, ids=lambda rule: rule.id)
def test_every_insecure_template_is_found_and_no_secure_one(rule: TemplateRule) -> None:
    for ending in rule.endings:
        for texts, expected in ((rule.insecure, {rule.id}), (rule.secure, set())):
            for text in texts:
                places, problem = search_text(text, ending, SETS, TEMPLATES)
                assert ({place.rule_id for place in places}, problem) == (expected, ""), text


def test_a_wrong_short_form_is_refused() -> None:
    with pytest.raises(BadRule):
        call_rule("not a call", "php")


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_the_weak_form_of_a_module_is_found_and_the_repaired_form_is_quiet(pair: Pair) -> None:
    weak, _ = search_text(pair.weak, pair.ending, SETS)
    repaired, _ = search_text(pair.repaired, pair.ending, SETS)
    assert set(pair.weaknesses) - {place.weakness for place in weak} == set()
    assert [(place.rule_id, pair.repaired.split("\n")[place.line - 1]) for place in repaired] == []


FORMS = [("javascript", *form) for form in WEAK_JAVASCRIPT] + [("php", *form) for form in WEAK_PHP]
SAFE = [("javascript", text) for text in SAFE_JAVASCRIPT] + [("php", text) for text in SAFE_PHP]


@pytest.mark.parametrize(("language", "weakness", "text"), FORMS)
def test_weak_forms_are_found(language: str, weakness: str, text: str) -> None:
    assert weakness in weaknesses(language, text)


@pytest.mark.parametrize(("language", "text"), SAFE)
def test_safe_forms_are_quiet(language: str, text: str) -> None:
    assert weaknesses(language, text) == set()
