"""ASVS, API Top 10 and Proactive Controls: all ids and none else, our own words, and checks that name what exists."""

from __future__ import annotations

import csv
import re
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from secaudit.app.controls import controls_of
from secaudit.app.coverage import coverage
from secaudit.app.explaining import explain
from secaudit.app.standards import show_standard
from secaudit.content import library
from secaudit.content.root import content_root
from secaudit.content.select import select
from secaudit.engine.compile import Compiler
from secaudit.engine.registry import all_tables

LOADED = library.load()
ASVS = LOADED.standards["owasp-asvs-5.0"].value
REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "standards"
RUN = 8
ALIKE = 0.8
LONGEST = 140
REFERENCES = [(name, text) for name, entry in sorted(LOADED.checks.items()) for text in entry.value.references]


def reference(name: str) -> list[dict[str, str]]:
    path = REFERENCE / name
    if not path.is_file():
        pytest.skip(f"the reference list {name} is not here; it is not part of the project")
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    return {tuple(words[start : start + RUN]) for start in range(len(words) - RUN + 1)}


def test_asvs_has_the_numbers_levels_and_headings_of_the_list() -> None:
    rows = reference("owasp-asvs-5.0.csv")
    assert [(f"V{item.id}", str(item.level), f"V{item.group}") for item in ASVS.controls] == [
        (row["id"], row["level"], row["section_id"]) for row in rows
    ]
    sections = {f"V{group.id}": (group.title, f"V{group.within}") for group in ASVS.groups if group.within}
    assert sections == {row["section_id"]: (row["section"], row["chapter_id"]) for row in rows}
    chapters = {f"V{group.id}": group.title for group in ASVS.groups if group.within is None}
    assert chapters == {row["chapter_id"]: row["chapter"] for row in rows}


def test_asvs_is_complete() -> None:
    levels = [sum(item.level == level for item in ASVS.controls) for level in (1, 2, 3)]
    assert (len(ASVS.controls), levels) == (345, [70, 183, 92])
    assert sum(group.within is None for group in ASVS.groups) == 17


def test_no_line_of_asvs_is_that_of_the_original() -> None:
    ours = {f"V{item.id}": item for item in ASVS.controls}
    for row in reference("owasp-asvs-5.0.csv"):
        theirs = row["requirement_text"]
        for text in (ours[row["id"]].title, ours[row["id"]].not_assessable or ""):
            assert not runs(text) & runs(theirs), row["id"]
            for original in (theirs, theirs.removeprefix("Verify that ")):
                alike = SequenceMatcher(None, text.lower(), original.lower(), autojunk=False).ratio()
                assert alike < ALIKE, f"{row['id']}: {alike:.2f}"


def test_lines_of_asvs_are_short_and_each_is_its_own() -> None:
    for item in ASVS.controls:
        assert 15 <= len(item.title) <= LONGEST, item.id
        assert item.title.isascii(), item.id
        assert not item.title.endswith("."), item.id
        if item.not_assessable is not None:
            assert len(item.not_assessable) >= 40, item.id
    assert len({item.title for item in ASVS.controls}) == len(ASVS.controls)


def test_the_licence_of_asvs_stays_with_the_file_and_with_reports() -> None:
    head = (content_root() / "standards" / "owasp-asvs-5.0.yaml").read_text(encoding="utf-8").split("\nid:")[0]
    for text in (head, ASVS.notice):
        assert "CC BY-SA 4.0" in text
        assert "Adapted from the OWASP Application Security Verification Standard 5.0.0" in text
    assert "creativecommons.org/licenses/by-sa/4.0" in head
    assert "Not affiliated with or endorsed by OWASP" in ASVS.notice


@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("owasp-api-top10-2023", "owasp-api-top10-2023.csv"),
        ("owasp-proactive-controls-2024", "owasp-proactive-controls-2024.csv"),
        ("owasp-top10-2021", "owasp-top10-2021.csv"),
        ("owasp-top10-2025", "owasp-top10-2025.csv"),
    ],
)
def test_short_lists_have_the_ids_and_titles_of_the_list(name: str, listed: str) -> None:
    ours = {item.id: item.title for item in LOADED.standards[name].value.controls}
    assert ours == {row["id"]: row["title"] for row in reference(listed)}


@pytest.mark.parametrize("name", ["owasp-top10-2021", "owasp-top10-2025", "owasp-api-top10-2023",
                                  "owasp-proactive-controls-2024"])  # fmt: skip
def test_a_project_can_speak_for_every_control(name: str) -> None:
    for item in LOADED.standards[name].value.controls:
        kinds = {kind for objective in item.objectives for kind in LOADED.objectives[objective].evidence}
        assert "project" in kinds, item.id
        assert 40 <= len(item.guidance) <= 320, item.id


@pytest.mark.parametrize("check", sorted({name for name, _ in REFERENCES}))
def test_checks_name_only_controls_that_exist(check: str) -> None:
    assessable = {item.id for item in ASVS.controls if item.not_assessable is None}
    for text in LOADED.checks[check].value.references:
        if "ASVS" in text.upper():
            assert text.removeprefix("ASVS 5.0.0 ") in assessable, f'"{text}" is no "ASVS 5.0.0 CHAPTER.SECTION.NUMBER"'
        elif "OWASP" in text.upper() and "TOP" in text.upper() and not text.startswith("http"):
            match = re.fullmatch(r"OWASP (Top 10|API Top 10) (20\d\d) (A\d\d|API\d+)", text)
            assert match, f'"{text}" is not of the form "OWASP Top 10 2025 A05"'
            kind, year, number = match.groups()
            standard = LOADED.standards[
                f"owasp-{kind.lower().replace('top 10', 'top10').replace(' ', '-')}-{year}"
            ].value
            assert f"{number}:{year}" in {item.id for item in standard.controls}, text
        elif text.upper().startswith("CWE"):
            assert re.fullmatch(r"CWE-[1-9]\d{0,3}", text), text


def test_cwe_tags_have_one_form() -> None:
    for name, entry in LOADED.checks.items():
        for tag in entry.value.tags:
            assert not tag.lower().startswith("cwe") or re.fullmatch(r"cwe-[1-9]\d{0,3}", tag), f"{name}: {tag}"


WITHOUT_CWE = {
    "gov-code-owners", "imported-code-mended", "imported-results-current", "licence-consistent",
    "licence-dependencies-known", "licence-no-copyleft", "licence-no-limits", "licence-stated", "repo-code-searched",
}  # fmt: skip
"""docs/accuracy-project.md says for each why no CWE fits."""


def test_each_check_of_a_project_names_its_weakness_or_is_known_to_have_none() -> None:
    without = {
        name
        for name, entry in LOADED.checks.items()
        if "/project/" in str(entry.path) and not any(tag.startswith("cwe-") for tag in entry.value.tags)
    }
    assert without == WITHOUT_CWE
    page = (Path(__file__).resolve().parent.parent.parent / "docs" / "accuracy-project.md").read_text(encoding="utf-8")
    section = page.partition("## Checks without a CWE")[2]
    assert {name for name in WITHOUT_CWE if f"`{name}`" in section} == WITHOUT_CWE


def test_every_objective_says_which_kinds_of_target_its_checks_look_at() -> None:
    specs = all_tables()
    compiler = Compiler(specs)
    for name, entry in LOADED.checks.items():
        tables = [specs[table] for table in compiler.compile(entry.value).tables]
        kinds = set.intersection(*({"host" if kind == "root" else kind for kind in spec.targets} for spec in tables))
        assert kinds, f"{name}: no target has all of its tables"
        missing = kinds - set(LOADED.objectives[entry.value.objective].evidence)
        assert not missing, f"{name}: {entry.value.objective} must list {sorted(missing)} in evidence"


def test_coverage_of_a_long_standard_fits_a_screen_and_adds_up() -> None:
    short, whole = coverage(ASVS.id, whole=False), coverage(ASVS.id)
    assert short.columns[:2] == ("chapter", "controls")
    assert sum(row[1] for row in short.rows if isinstance(row[1], int)) == len(whole.rows) == 345
    assert len(short.rows) + len(short.footer.splitlines()) < 40
    for level, number in ((1, 70), (2, 183), (3, 92)):
        assert re.search(rf"^level {level}: .*, of {number}$", short.footer, re.MULTILINE)
    named = {row[0]: row for row in whole.rows}
    assert named["13.3.1"][2] == "checks and people"
    assert named["17.2.5"][2:4] == ("nothing", 0)


def test_show_lists_the_checks_that_name_a_control() -> None:
    shown = {row[0]: str(row[3]) for row in show_standard(ASVS.id).rows}
    naming = sorted(name for name, text in REFERENCES if text == "ASVS 5.0.0 13.3.1")
    assert shown["13.3.1"].split(", ") == naming
    assert shown["17.2.5"].startswith("(Only a load test")


def test_a_control_is_explained_by_the_checks_that_name_it_and_chosen_with_them() -> None:
    naming = sorted(name for name, text in REFERENCES if text == "ASVS 5.0.0 13.3.4")
    parts = {label: text for label, text, _ in explain("owasp-asvs:13.3.4").parts}
    assert sorted(parts["Checks"].split(", ")) == naming
    assert parts["Level"] == "3 of OWASP ASVS 5.0.0"
    assert parts["The rest"] == "takes a web site or a network or a mail domain or a person's answer"
    chosen = select(LOADED, "project", only=["owasp-asvs:13.3.4"])
    assert [entry.value.id for entry in chosen.checks] == naming
    for name in naming:
        assert [text for text in controls_of(LOADED, LOADED.checks[name].value) if text.startswith("ASVS")] == [
            text.removeprefix("ASVS 5.0.0 ").join(("ASVS ", ""))
            for text in LOADED.checks[name].value.references
            if text.startswith("ASVS")
        ]


def test_an_objective_does_not_list_controls_that_it_cannot_judge() -> None:
    listed = {label: text for label, text, _ in explain("secrets-not-in-files").parts}["Controls"]
    assert "ASVS" not in listed
    assert "OWASP 2025 A02:2025" in listed


@pytest.mark.parametrize("name", ["owasp-top10-2021", "owasp-top10-2025", "owasp-api-top10-2023",
                                  "owasp-proactive-controls-2024"])  # fmt: skip
def test_reading_code_alone_never_meets_a_whole_family_of_faults(name: str) -> None:
    """Only "are there known holes in third-party code" can be answered by comparing lists."""
    whole = {"A06:2021", "A03:2025", "C6"}
    for row in coverage(name).rows:
        assert row[1] != "checks" or row[0] in whole, row[0]
