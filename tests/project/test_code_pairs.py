"""Modules of Ruby, Go and Java, insecure and secure: what is named is found in one, nothing is in the other."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator, NamedTuple

import pytest

from secaudit.codesearch.rules import load_rules
from secaudit.codesearch.search import search_text
from secaudit.codesearch.templates import load_template_rules

HERE = Path(__file__).parent
LANGUAGES = ("ruby", "go", "java")
SETS = {language: load_rules(language) for language in LANGUAGES}
TEMPLATES = load_template_rules()


class Module(NamedTuple):
    """One module in two forms."""

    name: str
    weaknesses: frozenset[str]
    insecure: str
    secure: str


def modules(language: str) -> Iterator[Module]:
    text = (HERE / f"{language}_pairs.txt").read_text(encoding="utf-8")
    for block in text.split("=== ")[1:]:
        head, _, body = block.partition("\n")
        insecure, _, secure = body.partition("\n---\n")
        name, *weaknesses = head.split()
        yield Module(name, frozenset(weaknesses), insecure + "\n", secure)


MODULES = [module for language in LANGUAGES for module in modules(language)]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_the_insecure_form_is_found_and_the_secure_form_is_quiet(module: Module) -> None:
    ending = module.name.rpartition(".")[2]
    weak, problem = search_text(module.insecure, ending, SETS, TEMPLATES)
    assert problem == ""
    assert module.weaknesses - {place.weakness for place in weak} == set()
    quiet, problem = search_text(module.secure, ending, SETS, TEMPLATES)
    assert problem == ""
    assert [(place.rule_id, module.secure.split("\n")[place.line - 1]) for place in quiet] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_enough_modules_and_all_of_the_examples_are_of_one_form(language: str) -> None:
    found = list(modules(language))
    assert len(found) >= 8
    assert len({module.name for module in found}) == len(found)
    assert all(module.secure.strip() and module.weaknesses for module in found)
