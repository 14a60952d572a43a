"""Control sets of others: all ids and none else, texts of our own, mappings that agree with public ones."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from secaudit.content import library

LOADED = library.load()
SETS = ("cis-controls-8.1", "mvsp-3.0", "nist-csf-2.0", "uk-cyber-essentials")
REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "standards"
PROTECTED = (
    "cis-controls-v8.1.csv",
    "iso27001-2022-annex-a.csv",
    "iso27001-2022-clauses.csv",
    "pci-dss-4.0.1-requirements.csv",
    "soc2-tsc-2017-rev2022.csv",
)
RUN = 8
"""So many words in a row are a sentence of somebody else."""


def reference(name: str) -> list[dict[str, str]]:
    path = REFERENCE / name
    if not path.is_file():
        pytest.skip(f"the reference list {name} is not here; it is not part of the project")
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def controls(name: str) -> dict[str, str]:
    return {control.id: control.title for control in LOADED.standards[name].value.controls}


def test_cis_ids_and_titles_are_those_of_the_list() -> None:
    rows = reference("cis-controls-v8.1.csv")
    assert controls("cis-controls-8.1") == {row["id"]: row["safeguard_title"] for row in rows}
    groups = {group.id: group.title for group in LOADED.standards["cis-controls-8.1"].value.groups}
    assert groups == {row["control"]: row["control_title"] for row in rows}
    assert (len(groups), len(rows)) == (18, 153)


def test_csf_ids_are_those_of_the_list() -> None:
    rows = reference("nist-csf-2.0.csv")
    assert list(controls("nist-csf-2.0")) == [row["id"] for row in rows if row["level"] == "subcategory"]
    groups = [group.id for group in LOADED.standards["nist-csf-2.0"].value.groups]
    assert groups == [row["id"] for row in rows if row["level"] == "category"]


def test_cyber_essentials_ids_are_those_of_the_list() -> None:
    rows = reference("uk-cyber-essentials.csv")
    assert list(controls("uk-cyber-essentials")) == [row["own_id"] for row in rows]


def test_mvsp_has_the_numbers_of_version_3() -> None:
    """8 business, 8 design, 5 implementation and 4 operational controls; 2.7 is logging since version 3.0."""
    sizes = Counter(control.group for control in LOADED.standards["mvsp-3.0"].value.controls)
    assert sizes == {"1": 8, "2": 8, "3": 5, "4": 4}
    assert controls("mvsp-3.0")["2.7"] == "Logging"
    assert controls("mvsp-3.0")["4.4"] == "Backup and disaster recovery"


@pytest.mark.parametrize("name", SETS)
def test_every_control_says_what_to_do(name: str) -> None:
    for control in LOADED.standards[name].value.controls:
        assert 40 <= len(control.guidance) <= 320, control.id
        assert control.guidance.endswith("."), control.id
        assert control.guidance.isascii(), control.id
        if control.not_assessable is not None:
            assert len(control.not_assessable) >= 40, control.id


def test_no_guidance_is_used_twice() -> None:
    texts = Counter(
        control.guidance
        for name, entry in LOADED.standards.items()
        if not name.startswith("owasp")
        for control in entry.value.controls
    )
    assert [text for text, times in texts.items() if times > 1] == []


@pytest.mark.parametrize("name", SETS)
def test_notices_say_that_nobody_endorses_us(name: str) -> None:
    standard = LOADED.standards[name].value
    assert "Not affiliated with or endorsed by" in standard.notice
    assert "our own" in standard.notice.lower()
    assert standard.short is not None
    assert len(standard.short) <= 20


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def runs(text: str) -> set[tuple[str, ...]]:
    listed = words(text)
    return {tuple(listed[start : start + RUN]) for start in range(len(listed) - RUN + 1)}


@pytest.mark.parametrize("name", PROTECTED)
def test_no_sentence_of_a_protected_standard_is_repeated(name: str) -> None:
    theirs = {run for row in reference(name) for cell in row.values() for run in runs(cell or "")}
    for standard in LOADED.standards.values():
        for control in standard.value.controls:
            for text in (control.guidance, control.not_assessable or ""):
                assert not runs(text) & theirs, f"{standard.value.id} {control.id}"


def test_csf_texts_are_ours_too() -> None:
    """The text of NIST is free, but longer than a reader of reports needs; ours says the same in plain words."""
    theirs = {run for row in reference("nist-csf-2.0.csv") for run in runs(row["text"])}
    for control in LOADED.standards["nist-csf-2.0"].value.controls:
        assert len(control.title) <= 75, control.id
        assert not (runs(control.title) | runs(control.guidance)) & theirs, control.id


DIFFERENT = {
    "GV.OC-05": "NIST names A.5.3 (segregation of duties); what a firm depends on is shown by lists and a plan",
    "GV.RM-06": "NIST names A.5.1 (policies); one way of rating risks is shown by the risk register",
}
"""Where our objectives share nothing with those of the Annex A controls in NIST's own mapping, and why."""


def csf_mapping() -> dict[str, set[str]]:
    """Annex A controls of each subcategory; the clauses 4 to 10 have no objectives of ours."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in reference("map-nist-csf-2.0-to-iso27001-2022.csv"):
        if row["iso27001_2022"].startswith("A."):
            found[row["nist_csf_2_0"]].add(row["iso27001_2022"])
    return found


def test_csf_objectives_agree_with_the_public_mapping() -> None:
    iso = {control.id: set(control.objectives) for control in LOADED.standards["iso27001-2022"].value.controls}
    mapping = csf_mapping()
    assert set().union(*mapping.values()) <= set(iso)
    apart = {}
    for control in LOADED.standards["nist-csf-2.0"].value.controls:
        theirs = set().union(*(iso[name] for name in mapping.get(control.id, ())))
        if theirs and not theirs & set(control.objectives):
            apart[control.id] = f"{sorted(mapping[control.id])} {sorted(theirs)} against {sorted(control.objectives)}"
    assert set(apart) == set(DIFFERENT), apart


THEMES_APART = {
    "CE-SC-1": "accounts nobody needs; our draft keeps accounts under user access control (A.5.18)",
    "CE-SC-5": "logging in; our draft keeps it under user access control (A.5.16, A.8.5)",
    "CE-SC-7": "guessing at the lock screen; our draft keeps guessing under user access control (A.8.5)",
}
"""Demands of Cyber Essentials that share nothing with the Annex A controls of their theme in our draft, and why."""


def test_cyber_essentials_objectives_agree_with_the_draft_mapping() -> None:
    iso = {control.id: set(control.objectives) for control in LOADED.standards["iso27001-2022"].value.controls}
    themes: dict[str, set[str]] = defaultdict(set)
    for row in reference("map-own-draft-to-iso27001-2022.csv"):
        if row["framework"].startswith("UK Cyber Essentials"):
            themes[row["id"]] |= iso[row["iso27001_2022"]]
    standard = LOADED.standards["uk-cyber-essentials"].value
    assert set(themes) == {group.id for group in standard.groups}
    apart = [
        control.id
        for control in standard.controls
        if control.not_assessable is None and not set(control.objectives) & themes[control.group]
    ]
    assert apart == list(THEMES_APART)
