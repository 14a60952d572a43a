"""An advisory fits the versions that it is about, and where that cannot be said, it is said."""

from __future__ import annotations

import json
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from osvtest import NOW, SNAPSHOT, keep, needs_snapshot, reader, record

from secaudit.advisories.importing import import_path
from secaudit.advisories.match import Hole, holes_of, holes_of_any, judge, upgrade_of
from secaudit.advisories.record import Affected, NotAnAdvisory, read_record


def affected(ecosystem: str = "PyPI", **more: Any) -> Affected:
    return read_record(record("thing", ecosystem, **more)).affected[0]


def hit(ecosystem: str, events: list[tuple[str, str]], version: str) -> bool | None:
    return judge(affected(ecosystem, events=events, kind="SEMVER"), version).affected


@pytest.mark.parametrize(
    ("ecosystem", "events", "inside", "outside"),
    [
        ("PyPI", [("introduced", "0"), ("fixed", "1.10")], ["0.1", "1.9", "1.10rc1", "1.9+local"], ["1.10", "1.10.post1", "2"]),
        ("PyPI", [("introduced", "2"), ("fixed", "2.2.28"), ("introduced", "3"), ("fixed", "3.2.13")], ["2.0", "3.2.12"], ["1.9", "2.2.28", "2.9", "3.2.13"]),
        ("PyPI", [("introduced", "0"), ("last_affected", "1.2")], ["1.2", "1.2.0"], ["1.2.0.1", "1.3"]),
        ("PyPI", [("introduced", "1"), ("limit", "2")], ["1", "1.9"], ["0.9", "2", "3"]),
        ("PyPI", [("introduced", "0"), ("limit", "*")], ["1", "99"], []),
        ("PyPI", [("fixed", "2"), ("introduced", "1")], ["1.5"], ["0.5", "2"]),
        ("PyPI", [("introduced", "0"), ("fixed", "1.0"), ("introduced", "1.0"), ("fixed", "2.0")], ["0.5", "1.0", "1.5"], ["2.0"]),
        ("npm", [("introduced", "0"), ("fixed", "4.17.21")], ["4.17.20", "4.17.21-beta.1", "0.0.1"], ["4.17.21", "4.17.100", "5.0.0-0"]),
        ("npm", [("introduced", "2.0.0-rc.1"), ("fixed", "2.0.0-rc.10")], ["2.0.0-rc.2", "2.0.0-rc.9"], ["2.0.0-beta.5", "2.0.0-rc.10", "2.0.0"]),
        ("npm", [("introduced", "2.0.0"), ("fixed", "2.1.0")], ["2.0.0", "2.1.0-rc.1"], ["2.0.0-rc.1"]),
        ("Go", [("introduced", "0"), ("fixed", "0.0.0-20200622213623-75b288015ac9")], ["v0.0.0-20190308221718-c2843e01d9a2"], ["0.0.0-20210421170649-83a5a9bb288b", "0.1.0"]),
        ("Go", [("introduced", "0"), ("fixed", "2.0.1+incompatible")], ["2.0.0+incompatible", "v2.0.0"], ["v2.0.1+incompatible", "2.0.1", "3.0.0"]),
        ("Go", [("introduced", "1.20.0-0"), ("fixed", "1.20.5")], ["1.20.0-rc.1", "1.20.4", "go1.20rc1"], ["1.20.5", "1.19.12"]),
        ("Maven", [("introduced", "2.0-beta9"), ("fixed", "2.15.0")], ["2.0-beta9", "2.0-rc1", "2.14.1", "2.0.2"], ["2.0-beta8", "1.2.17", "2.15.0", "2.15.0.1"]),
        ("Maven", [("introduced", "0"), ("fixed", "5.3.18")], ["5.3.17.RELEASE", "5.3.18-SNAPSHOT", "5.3.18.RC1"], ["5.3.18", "5.3.18.RELEASE", "5.3.20"]),
        ("Maven", [("introduced", "0"), ("fixed", "2.13.4.2")], ["2.13.4.1", "2.13.4"], ["2.13.4.2", "2.13.5", "2.14.0-rc1"]),
        ("Maven", [("introduced", "0"), ("fixed", "9.4.51")], ["9.4.43.v20210629"], ["9.4.51.v20230217", "9.4.52"]),
        ("NuGet", [("introduced", "0"), ("fixed", "13.0.1")], ["12.0.3", "13.0.1-beta1"], ["13.0.1", "13.0.1.0", "13.0.2"]),
        ("NuGet", [("introduced", "1.0.0.1"), ("last_affected", "1.0.0.9")], ["1.0.0.1", "1.0.0.9"], ["1.0.0", "1.0.0.10", "1.0.1"]),
        ("RubyGems", [("introduced", "0"), ("fixed", "5.2.4.3")], ["5.2.4.2", "5.2.4.3.rc1", "4.2.11.1"], ["5.2.4.3", "5.2.5"]),
        ("RubyGems", [("introduced", "6.0.0.beta1"), ("fixed", "6.0.0")], ["6.0.0.beta1", "6.0.0.rc2"], ["6.0.0.alpha", "6.0.0", "5.9"]),
        ("RubyGems", [("introduced", "0"), ("fixed", "1.16.2")], ["1.16.1-x86_64-linux"], ["1.16.2-java"]),
        ("Packagist", [("introduced", "5.0.0"), ("fixed", "5.4.20")], ["v5.4.19", "5.4.20-RC1", "5.0"], ["v5.4.20", "v5.4.20.0", "6.0.0-beta1"]),
        ("crates.io", [("introduced", "0.0.0-0"), ("fixed", "0.2.23")], ["0.2.22", "0.1.0"], ["0.2.23", "0.3.0"]),
    ],
)  # fmt: skip
def test_ranges_in_the_order_of_the_ecosystem(
    ecosystem: str, events: list[tuple[str, str]], inside: list[str], outside: list[str]
) -> None:
    assert {version: hit(ecosystem, events, version) for version in inside} == dict.fromkeys(inside, True)
    assert {version: hit(ecosystem, events, version) for version in outside} == dict.fromkeys(outside, False)


@pytest.mark.parametrize(
    ("ecosystem", "events", "version"),
    [
        ("Packagist", [("introduced", "5.0.0"), ("fixed", "5.4.20")], "dev-main"),
        ("PyPI", [("introduced", "0"), ("fixed", "1.0-what-ever")], "0.5"),
        ("PyPI", [("introduced", "x"), ("fixed", "2")], "0.5"),
        ("npm", [("introduced", "0"), ("fixed", "2.x")], "1.0.0"),
        ("Go", [("introduced", "0"), ("fixed", "1.2.3")], "master"),
    ],
)
def test_what_cannot_be_compared_cannot_be_judged(ecosystem: str, events: list[tuple[str, str]], version: str) -> None:
    judgement = judge(affected(ecosystem, events=events), version)
    assert judgement.affected is None
    assert judgement.reason


def test_listed_versions_count_even_when_they_cannot_be_compared() -> None:
    listed = affected(versions=["2004d-x", "1.0"], events=[("introduced", "0"), ("fixed", "0.5")])
    assert judge(listed, "2004d-x").affected is True
    assert judge(listed, "1.0.0").confidence == "high", "another spelling of a listed version"
    assert judge(affected(versions=["1.0"]), "1.1").affected is False


def test_in_the_range_and_not_in_the_list_is_said_with_less_confidence() -> None:
    both = affected(versions=["1.0", "1.1"], events=[("introduced", "0"), ("fixed", "2.0")])
    assert (judge(both, "1.1").confidence, judge(both, "1.5").confidence) == ("high", "medium")
    assert judge(both, "1.5").reason


def test_later_than_the_versions_known_to_have_it_is_low() -> None:
    item = record("thing", "npm", kind="SEMVER", events=[("introduced", "0")])
    item["affected"][0]["database_specific"] = {"last_known_affected_version_range": "<= 3.2.0"}
    one = read_record(item).affected[0]
    assert [judge(one, version).confidence for version in ("3.2.0", "3.2.1")] == ["high", "low"]


def test_ranges_of_commits_are_not_judged() -> None:
    commits = affected(kind="GIT", events=[("introduced", "0"), ("fixed", "6879efc2c1596d11a6a6ad296f80063b558d5e0f")])
    assert judge(commits, "1.0").affected is None
    assert "commits" in judge(commits, "1.0").reason
    both = record("thing", kind="GIT", events=[("introduced", "0")], versions=["1.0"])
    assert judge(read_record(both).affected[0], "1.1").affected is False


def test_a_version_that_could_not_be_read_leaves_the_range_open() -> None:
    odd = affected(events=[("introduced", "0"), ("fixed", "1.0\x1b[2J")])
    assert judge(odd, "5.0").affected is None


# ---------------------------------------------------------------- several advisories about one package


def kept(tmp_path: Path, records: list[dict[str, Any]], version: str, ecosystem: str = "PyPI") -> list[Hole]:
    keep(tmp_path, ecosystem, records)
    with reader(ecosystem) as data:
        return holes_of(data.about("thing"), version)


HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"


def test_one_hole_in_two_lists_is_one_row_with_the_worst_rating(tmp_path: Path) -> None:
    ghsa = record("thing", id="GHSA-1", aliases=["CVE-2024-1"], events=[("introduced", "0"), ("fixed", "2.0")],
                  severity=[{"type": "CVSS_V3", "score": HIGH}], database_specific={"cwe_ids": ["CWE-79"]})  # fmt: skip
    pysec = record(
        "thing", id="PYSEC-1", aliases=["CVE-2024-1"], events=[("introduced", "0"), ("fixed", "1.5")], versions=["1.0"]
    )
    other = record("thing", id="GHSA-2", aliases=["CVE-2024-2"], events=[("introduced", "0"), ("fixed", "3.0")])
    first, second = kept(tmp_path, [ghsa, pysec, other], "1.0")
    assert (first.id, first.severity, first.score, first.cwes) == ("GHSA-1", "high", "7.5", (79,))
    assert set(first.aliases) == {"CVE-2024-1", "PYSEC-1"}
    assert first.fixed_in == "2.0", "1.5 is said to be fixed by one list and affected by the other"
    assert (second.id, second.severity, second.fixed_in) == ("GHSA-2", "", "3.0")
    with reader() as data:
        assert upgrade_of(data.about("thing"), "1.0") == "3.0"
        assert upgrade_of(data.about("thing"), "3.0") == ""


def test_the_nearest_fix_is_of_the_same_line(tmp_path: Path) -> None:
    lines = record(
        "thing", id="X-1", events=[("introduced", "2"), ("fixed", "2.2.28"), ("introduced", "3"), ("fixed", "3.2.13")]
    )
    assert kept(tmp_path, [lines], "2.1")[0].fixed_in == "2.2.28"
    assert kept(tmp_path, [lines], "3.0")[0].fixed_in == "3.2.13"
    nothing = record("thing", id="X-1", events=[("introduced", "0"), ("last_affected", "9")])
    assert kept(tmp_path, [nothing], "2.1")[0].fixed_in == ""


def test_malware_is_named_first_and_is_malware(tmp_path: Path) -> None:
    bad = record("thing", "npm", id="MAL-2025-1", versions=["1.0.1"])
    hole = record("thing", "npm", id="GHSA-1", events=[("introduced", "0")], kind="SEMVER")
    found = kept(tmp_path, [hole, bad], "1.0.1", "npm")
    assert [(one.id, one.kind) for one in found] == [("MAL-2025-1", "malware"), ("GHSA-1", "hole")]
    assert [one.id for one in kept(tmp_path, [hole, bad], "1.0.0", "npm")] == ["GHSA-1"]


def test_a_package_that_nobody_looks_after_is_no_hole() -> None:
    left = record("thing", "crates.io", id="RUSTSEC-1", events=[("introduced", "0.0.0-0")])
    left["affected"][0]["database_specific"] = {"informational": "unmaintained"}
    assert read_record(left).kind == "notice"
    left["affected"][0]["database_specific"] = {"informational": "unsound"}
    assert read_record(left).kind == "hole"
    assert (
        read_record(
            record("thing", "npm", id="GHSA-1", versions=["1"], database_specific={"cwe_ids": ["CWE-506"]})
        ).kind
        == "malware"
    )


def test_without_a_version_each_severity_is_said_to_be_possible(tmp_path: Path) -> None:
    rated = record("thing", id="X-1", events=[("introduced", "0")], severity=[{"type": "CVSS_V3", "score": HIGH}])
    again = {**rated, "id": "X-2"}
    unrated = record("thing", id="X-3", events=[("introduced", "0")])
    keep(tmp_path, "PyPI", [rated, again, unrated])
    with reader() as data:
        found = holes_of_any(data.about("thing"), "no version")
    assert [(one.severity, one.judgement.affected, one.judgement.reason) for one in found] == [
        ("high", None, "no version"), ("", None, "no version"),
    ]  # fmt: skip


# ---------------------------------------------------------------- single records


def test_severity_is_of_the_newest_vector_else_the_word_of_the_list() -> None:
    v4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
    both = record(
        "thing", versions=["1"], severity=[{"type": "CVSS_V3", "score": HIGH}, {"type": "CVSS_V4", "score": v4}]
    )
    assert (read_record(both).severity, read_record(both).score) == ("critical", "9.3")
    word = record("thing", versions=["1"], database_specific={"severity": "MODERATE"})
    assert (read_record(word).severity, read_record(word).score) == ("medium", "")
    assert read_record(record("thing", versions=["1"])).severity == ""
    within = record("thing", versions=["1"])
    within["affected"][0]["severity"] = [{"type": "CVSS_V3", "score": HIGH}]
    assert read_record(within).severity == "high"
    broken = record("thing", versions=["1"], severity=[{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N"}, 5, {}])
    assert read_record(broken).severity == ""


def test_a_summary_is_one_plain_line() -> None:
    hostile = record("thing", versions=["1"], summary="a\x1b[2J\nb\u202e\u200bc" + "x" * 500)
    summary = read_record(hostile).summary
    assert summary.startswith("a [2J b")
    assert summary.isprintable()
    assert len(summary) == 160
    assert (
        read_record(record("thing", versions=["1"]) | {"summary": 5, "details": "From the\n\ndetails"}).summary
        == "From the details"
    )


@pytest.mark.parametrize(
    "data",
    [
        None, [], 5, "text", {}, {"id": 5}, {"id": "X-1"}, {"id": "X-1", "affected": {}}, {"id": "X\n1", "affected": [{}]},
        {"id": "X-1", "affected": [{"package": {"name": "x", "ecosystem": "PyPI"}, "versions": ["1"] * 60_000}]},
    ],
)  # fmt: skip
def test_what_is_no_record_is_refused(data: object) -> None:
    with pytest.raises(NotAnAdvisory):
        read_record(data)


def test_fields_of_wrong_types_are_as_if_they_were_not_there() -> None:
    odd = read_record({
        "id": "X-1", "modified": "yesterday", "withdrawn": False, "aliases": [1, None, "CVE-1", "CVE-1", "a b"], "summary": {},
        "severity": "HIGH", "database_specific": [], "affected": [
            5, {}, {"package": 1}, {"package": {"name": "x"}}, {"package": {"name": "y", "ecosystem": "Hex"}},
            {"package": {"name": "z", "ecosystem": "Maven:https://repo.example.org"}, "ranges": [1, {"type": "SEMVER"}, {"type": "NEW", "events": 5}], "versions": [1, None, ["2"], "3"]},
        ],
    })  # fmt: skip
    assert (odd.modified, odd.is_withdrawn, odd.aliases, odd.severity) == ("", False, ("CVE-1",), "")
    (one,) = odd.affected
    assert (one.ecosystem, one.name, one.versions) == ("Maven", "z", ("1", "3"))


# ---------------------------------------------------------------- against the data itself

OLD_ONE = {
    "asgiref": "3.2.7", "django": "3.0.14", "pytz": "2020.1", "sqlparse": "0.3.1", "pyyaml": "5.1", "gunicorn": "19.9.0",
    "requests": "2.20.0", "pillow": "8.0.0", "urllib3": "1.24.1", "certifi": "2022.12.7",
}  # fmt: skip
OLD_TWO = {
    "certifi": "2017.4.17", "click": "6.7", "flask": "0.12.3", "gevent": "1.2.2", "idna": "2.5", "jinja2": "2.11.3",
    "lxml": "4.6.3", "pyjwt": "1.5.2", "pyyaml": "5.4", "requests": "2.20", "sqlalchemy": "1.2.18", "tornado": "5.1",
    "urllib3": "1.26.5", "werkzeug": "0.15.3",
}  # fmt: skip


def snapshot_records() -> list[dict[str, Any]]:
    with zipfile.ZipFile(SNAPSHOT) as archive:
        return [json.loads(archive.read(name)) for name in archive.namelist()]


@needs_snapshot()
@pytest.mark.parametrize(("versions", "holes", "packages"), [(OLD_ONE, 41, 7), (OLD_TWO, 16, 10)])
def test_old_requirements_have_the_holes_that_pip_audit_reports(
    versions: dict[str, str], holes: int, packages: int
) -> None:
    """The counts are those of pip-audit 2.10.1 against a server that looks only at the lists of versions."""
    import_path(SNAPSHOT, NOW)
    with reader() as data:
        found = {
            name: [hole for hole in holes_of(data.about(name), version) if hole.judgement.affected]
            for name, version in versions.items()
        }
    assert sum(map(len, found.values())) == holes
    assert sum(map(bool, found.values())) == packages


@needs_snapshot()
def test_ranges_agree_with_the_lists_of_versions_of_the_data() -> None:
    """A range without its list is judged by our order alone, and must find what the list names."""
    chance = random.Random(4)
    inside = outside = nowhere = 0
    for item in chance.sample(snapshot_records(), 400):
        for one in read_record(item).affected:
            if not one.ranges:
                continue
            bare = Affected(one.ecosystem, one.name, one.key, one.ranges, (), False, "")
            for version in one.versions:
                answer = judge(bare, version).affected
                inside, outside, nowhere = (
                    inside + (answer is True),
                    outside + (answer is False),
                    nowhere + (answer is None),
                )
    assert inside > 10_000
    assert outside <= inside // 2000
    assert nowhere <= inside // 500
