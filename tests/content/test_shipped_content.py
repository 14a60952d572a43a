"""The content that ships: sound, complete, and made of commands that a shell can read."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from secaudit.app.content import lint_content
from secaudit.content import library
from secaudit.content.root import content_root
from secaudit.content.select import select

LOADED = library.load()


def test_every_check_is_sound() -> None:
    report = lint_content(())
    assert [error.message for error in report.errors] == []
    assert report.checked == len(LOADED.checks)


def test_there_are_as_many_as_promised() -> None:
    assert len(LOADED.checks) >= 110
    assert 60 <= len(LOADED.objectives) <= 90
    assert len(LOADED.standards["iso27001-2022"].value.controls) == 93
    assert set(LOADED.profiles) >= {"freelancer", "server"}


@pytest.mark.parametrize("check", sorted(LOADED.checks))
def test_commands_are_read_by_a_shell(check: str) -> None:
    entry = LOADED.checks[check].value
    for name, text in {"verify": entry.verify, "undo": entry.undo or "", **entry.fix}.items():
        done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{name}: {done.stderr}"


def test_every_objective_of_a_standard_is_used_and_every_check_shows_something() -> None:
    wanted = {
        name for entry in LOADED.standards.values() for control in entry.value.controls for name in control.objectives
    }
    assert set(LOADED.objectives) == wanted
    assert {entry.value.objective for entry in LOADED.checks.values()} <= wanted


def test_profiles_exclude_only_what_exists() -> None:
    for name in LOADED.profiles:
        selection = select(LOADED, name)
        for item in selection.excluded:
            if ":" not in item.pattern and "*" not in item.pattern:
                assert item.pattern in LOADED.checks, f"{name}: {item.pattern}"


def test_every_file_names_its_schema() -> None:
    for kind in ("checks", "standards"):
        for path in (content_root() / kind).rglob("*.yaml"):
            if path.parent.parent.name == "_rules":
                continue  # no check: rules for code, whose own reader is as strict
            first = path.read_text(encoding="utf-8").splitlines()[0]
            match = re.match(r"# yaml-language-server: \$schema=(.+)$", first)
            assert match, path
            assert (path.parent / match.group(1)).resolve().is_file(), path


def test_no_forbidden_promise_is_printed() -> None:
    """The word is readiness; nothing says certified or compliant."""
    words = re.compile(r"\b(certified|compliant|audit passed)\b", re.IGNORECASE)
    for kind in ("checks", "standards", "reports"):
        for path in (content_root() / kind).rglob("*"):
            if path.suffix in (".yaml", ".j2"):
                assert not words.search(path.read_text(encoding="utf-8")), path


def test_texts_are_plain() -> None:
    for name, entry in LOADED.checks.items():
        check = entry.value
        for text in (check.title, check.fail_title, check.why, check.careful or ""):
            assert "\u2014" not in text, name
            assert text.isprintable() or "\n" in text, name


def test_iso_titles_are_short_and_are_those_of_the_standard() -> None:
    shared = Path(__file__).resolve().parents[3] / "shared" / "reference" / "standards" / "iso27001-2022-annex-a.csv"
    if not shared.is_file():
        pytest.skip("the reference list of controls is not here")
    import csv

    with shared.open(encoding="utf-8", newline="") as stream:
        titles = {row["id"]: row["title"] for row in csv.DictReader(stream)}
    ours = {control.id: control.title for control in LOADED.standards["iso27001-2022"].value.controls}
    known = {key if key.startswith("A.") else f"A.{key}": value for key, value in titles.items()}
    assert ours == known
