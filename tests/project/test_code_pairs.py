"""Modules of Ruby, Go, Java and C#, insecure and secure: what is named is found in one, nothing is in the other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Iterator, NamedTuple

import pytest

from projecttest import make_project
from runprogram import secaudit
from secaudit.codesearch.rules import load_rules
from secaudit.codesearch.search import search_text
from secaudit.codesearch.templates import load_template_rules

HERE = Path(__file__).parent
LANGUAGES = ("ruby", "go", "java", "csharp")
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


def forms() -> Iterator[tuple[str, str, str]]:
    """Short forms that the rules had not seen when they were written: language, weakness or `safe`, text."""
    for block in (HERE / "code_forms.txt").read_text(encoding="utf-8").split("=== ")[1:]:
        head, _, text = block.partition("\n")
        language, weakness = head.split()
        yield language, weakness, text


FORMS = list(forms())
ENDINGS = {"ruby": "rb", "go": "go", "java": "java", "csharp": "cs"}


@pytest.mark.parametrize(("language", "weakness", "text"), FORMS)
def test_short_forms(language: str, weakness: str, text: str) -> None:
    places, problem = search_text(text, ENDINGS[language], SETS)
    found = {place.weakness for place in places}
    assert problem == ""
    assert found == set() if weakness == "safe" else weakness in found


def test_there_are_forms_of_each_kind() -> None:
    for language in ENDINGS:
        kinds = [weakness for name, weakness, _ in FORMS if name == language]
        assert len(kinds) - kinds.count("safe") >= 30
        assert kinds.count("safe") >= 15


def failing(folder: Path, which: int, state: Path) -> dict[str, set[str]]:
    """File -> the checks of severity medium or above that fail because of it."""
    files = {f"src/{module.name}": (module.insecure, module.secure)[which] for module in MODULES}
    project = make_project(folder, files, git=False)
    done = secaudit("audit", "--project", str(project), "--format", "json", "--no-save", state=state)
    found: dict[str, set[str]] = {}
    for result in json.loads(done.stdout)["results"]:
        if result["status"] == "fail" and result["severity"] in ("critical", "high", "medium"):
            for row in result["rows"]:
                if row["pass"] == 0 and str(row.get("path", "")).startswith("src/"):
                    found.setdefault(row["path"].removeprefix("src/"), set()).add(result["check"])
    return found


def test_checks_fail_for_each_insecure_module(tmp_path: Path) -> None:
    found = failing(tmp_path / "insecure", 0, tmp_path / "state")
    checks = {module.name: {name for name in found.get(module.name, set()) if is_ours(name)} for module in MODULES}
    few = [name for name, names in checks.items() if len(names) < 2]
    assert few == []


def test_no_check_fails_for_a_secure_module(tmp_path: Path) -> None:
    assert failing(tmp_path / "secure", 1, tmp_path / "state") == {}


def is_ours(check: str) -> bool:
    return check.partition("-")[0] in LANGUAGES
