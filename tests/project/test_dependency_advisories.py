"""Known holes are found where packages stand, and no data, old data or no version is never a pass."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from projecttest import make_project
from runprogram import secaudit
from secaudit.engine.collect import collect_one
from secaudit.engine.registry import load_table
from secaudit.model import TableData, TableStatus
from secaudit.tableapi import Wants
from secaudit.targets.project import ProjectAccess
from secaudit.targets.recorder import Cache
from tabletest import NOW_S, rows_of

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "advisories"))
from osvtest import NOW, SNAPSHOT, filler, keep, needs_snapshot, record

from secaudit.advisories.importing import import_path, kept_folder

CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"


def rated(vector: str) -> dict[str, Any]:
    return {"severity": [{"type": "CVSS_V3", "score": vector}]}


DJANGO = record("Django", id="GHSA-d1", aliases=["CVE-2024-1"], events=[("introduced", "0"), ("fixed", "4.2.16")],
                database_specific={"cwe_ids": ["CWE-89"]}, **rated(CRITICAL))  # fmt: skip
LODASH = record(
    "lodash", "npm", id="GHSA-l1", kind="SEMVER", events=[("introduced", "0"), ("fixed", "4.17.21")], **rated(HIGH)
)
EVENT_STREAM = record("event-stream", "npm", id="MAL-2025-1", versions=["3.3.6"])


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    state = tmp_path / "state"
    monkeypatch.setenv("SECAUDIT_STATE", str(state))
    return state


def read(name: str, folder: Path, now_s: int = NOW_S, kept: str | None = None) -> TableData:
    spec = load_table(name)
    access = ProjectAccess(str(folder))
    access.kept_folder = str(kept_folder().parent) if kept is None else kept
    return collect_one(access, spec, Wants(()), now_s, Cache(), time.monotonic() + spec.timeout_s)


def npm_lock(**packages: str | dict[str, Any]) -> str:
    entries: dict[str, Any] = {"": {"name": "shop", "dependencies": {}}}
    for name, entry in packages.items():
        entries[f"node_modules/{name.replace('__', '/node_modules/')}"] = (
            entry if isinstance(entry, dict) else {"version": entry}
        )
    return json.dumps({"name": "shop", "lockfileVersion": 3, "packages": entries}, indent=1)


def keep_both(tmp_path: Path) -> None:
    keep(tmp_path / "data", "PyPI", [*filler("PyPI"), DJANGO])
    keep(tmp_path / "data", "npm", [*filler("npm"), LODASH, EVENT_STREAM])


def test_a_hole_is_named_with_its_place_rating_and_way_out(tmp_path: Path) -> None:
    keep_both(tmp_path)
    project = make_project(tmp_path / "p", {"requirements.txt": "# web\nDjango==4.0\nrequests==2.32.0\n"})
    data = read("dependency_advisories", project)
    assert data.status is TableStatus.OK, data.reason
    (row,) = rows_of(data)
    assert row == {
        "ecosystem": "PyPI", "name": "django", "version": "4.0", "path": "requirements.txt", "line": 2, "direct": 1,
        "scope": "runtime", "runtime": 1, "role": "code", "library": 0, "advisory_id": "GHSA-d1", "aliases": "CVE-2024-1", "summary": "A hole",
        "kind": "hole", "severity": "critical", "score": "9.8", "cwe": "CWE-89", "affected": 1, "confidence": "high", "reason": "",
        "fixed_in": "4.2.16", "upgrade_to": "4.2.16", "data_date": "2026-11-22T04:00:00Z",
    }  # fmt: skip


def test_a_lock_file_answers_for_its_manifest(tmp_path: Path) -> None:
    keep_both(tmp_path)
    manifest = json.dumps(
        {"dependencies": {"lodash": "^4.17.4", "express": "^4.0.0"}, "devDependencies": {"event-stream": "3.3.6"}}
    )
    good = make_project(
        tmp_path / "good", {"package.json": manifest, "package-lock.json": npm_lock(lodash="4.17.21", express="4.21.0")}
    )
    assert [row["name"] for row in rows_of(read("dependency_advisories", good))] == ["event-stream"], (
        "the lock does not name it"
    )
    old = make_project(
        tmp_path / "old", {"package.json": manifest, "package-lock.json": npm_lock(lodash="4.17.4", express="4.21.0")}
    )
    rows = {row["name"]: row for row in rows_of(read("dependency_advisories", old))}
    assert (rows["lodash"]["path"], rows["lodash"]["version"], rows["lodash"]["affected"]) == (
        "package-lock.json",
        "4.17.4",
        1,
    )


def test_without_a_version_it_cannot_be_said_only_where_holes_are_known(tmp_path: Path) -> None:
    keep_both(tmp_path)
    project = make_project(
        tmp_path / "p", {"package.json": json.dumps({"dependencies": {"lodash": "^4.17.4", "harmless": "^1.0.0"}})}
    )
    (row,) = rows_of(read("dependency_advisories", project))
    assert (row["name"], row["version"], row["affected"], row["severity"]) == ("lodash", "", None, "high")
    assert '"^4.17.4"' in str(row["reason"])
    (source,) = rows_of(read("advisory_sources", project))
    assert (source["packages"], source["unpinned"]) == (2, 2)


def test_the_same_version_twice_in_a_file_is_one_row_and_two_versions_are_two(tmp_path: Path) -> None:
    keep_both(tmp_path)
    lock = npm_lock(lodash="4.17.4", a="1.0.0", a__lodash="4.17.4", b="1.0.0", b__lodash="3.0.0")
    project = make_project(tmp_path / "p", {"package-lock.json": lock})
    rows = rows_of(read("dependency_advisories", project))
    assert sorted(str(row["version"]) for row in rows if row["name"] == "lodash") == ["3.0.0", "4.17.4"]


def test_tools_tests_and_malware_are_told_apart(tmp_path: Path) -> None:
    keep_both(tmp_path)
    lock = npm_lock(lodash={"version": "4.17.4", "dev": True}, **{"event-stream": "3.3.6"})
    project = make_project(tmp_path / "p", {"package-lock.json": lock, "tests/app/requirements.txt": "django==4.0\n"})
    rows = {row["name"]: row for row in rows_of(read("dependency_advisories", project))}
    assert (rows["lodash"]["runtime"], rows["event-stream"]["runtime"]) == (0, 1)
    assert (rows["event-stream"]["kind"], rows["event-stream"]["severity"]) == ("malware", "critical")
    assert rows["django"]["role"] == "test"


def test_a_version_in_a_file_of_tools_says_nothing_about_what_is_delivered(tmp_path: Path) -> None:
    keep_both(tmp_path)
    files = {"requirements.txt": "django\n", "requirements-dev.txt": "django==4.2.16\n"}
    (row,) = rows_of(read("dependency_advisories", make_project(tmp_path / "p", files)))
    assert (row["path"], row["affected"]) == ("requirements.txt", None)
    pinned = {"requirements.in": "django\n", "requirements.txt": "django==4.2.16\n"}
    assert rows_of(read("dependency_advisories", make_project(tmp_path / "q", pinned))) == []


def test_two_lists_that_pin_a_package_do_not_answer_for_each_other(tmp_path: Path) -> None:
    keep_both(tmp_path)
    files = {
        "requirements.txt": "django==4.0\n",
        "requirements-prod.txt": "django==4.2.16\n",
        "other/requirements.txt": "django==4.0\n",
    }
    rows = rows_of(read("dependency_advisories", make_project(tmp_path / "p", files)))
    assert sorted(str(row["path"]) for row in rows) == ["other/requirements.txt", "requirements.txt"]


def test_groups_of_tools_are_told_from_what_is_delivered_and_libraries_from_applications(tmp_path: Path) -> None:
    keep_both(tmp_path)
    project = make_project(
        tmp_path / "p",
        {
            "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\nkeywords = ["shop"]\ndependencies = ["django>=4"]\n[build-system]\nrequires = ["hatchling"]\n'
            'build-backend = "hatchling.build"\n',
            "app/requirements.txt": "django==4.0\n",
            "app/requirements-dev.txt": "django==4.1\n",
        },
    )
    rows = {
        row["path"]: (row["runtime"], row["library"], row["affected"])
        for row in rows_of(read("dependency_advisories", project))
    }
    assert rows == {
        "pyproject.toml": (1, 1, None),
        "app/requirements.txt": (1, 0, 1),
        "app/requirements-dev.txt": (0, 0, 1),
    }


def test_no_data_is_partial_and_says_the_command(tmp_path: Path) -> None:
    keep(tmp_path / "data", "PyPI", [*filler("PyPI"), DJANGO])
    project = make_project(
        tmp_path / "p", {"requirements.txt": "django==4.0\n", "package-lock.json": npm_lock(lodash="4.17.4")}
    )
    data = read("dependency_advisories", project)
    assert data.status is TableStatus.PARTIAL
    assert data.reason == "there is no advisory data for npm; run: secaudit advisories update --ecosystem npm"
    assert [row["name"] for row in rows_of(data)] == ["django"]
    sources = {row["ecosystem"]: row for row in rows_of(read("advisory_sources", project))}
    assert (sources["PyPI"]["status"], sources["PyPI"]["age_days"], sources["PyPI"]["advisories"]) == ("ok", 1, 121)
    assert (sources["npm"]["status"], sources["npm"]["age_days"], sources["npm"]["date"]) == ("missing", None, None)
    nowhere = read("dependency_advisories", project, kept="")
    assert (nowhere.status, nowhere.rows) == (TableStatus.PARTIAL, ())


def test_broken_data_is_partial(tmp_path: Path) -> None:
    keep_both(tmp_path)
    project = make_project(tmp_path / "p", {"requirements.txt": "django==4.0\n"})
    path = kept_folder() / "PyPI.sqlite"
    path.write_bytes(path.read_bytes()[:9000])
    data = read("dependency_advisories", project)
    assert data.status is TableStatus.PARTIAL
    assert "damaged" in str(data.reason)
    assert rows_of(read("advisory_sources", project))[0]["status"] == "broken"


def test_a_project_without_packages_is_absent(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"app.py": "print(1)\n"})
    assert read("dependency_advisories", project).status is TableStatus.ABSENT
    assert read("advisory_sources", project).status is TableStatus.ABSENT


def test_age_is_counted_at_the_time_of_the_audit_and_not_into_the_future(tmp_path: Path) -> None:
    keep_both(tmp_path)
    project = make_project(tmp_path / "p", {"requirements.txt": "django==4.0\n"})
    for days, age in ((0, 1), (30, 31), (-2, 0), (-3, None)):
        (row,) = rows_of(read("advisory_sources", project, NOW_S + days * 86_400))
        assert row["age_days"] == age, days


def test_data_inside_the_project_counts_for_nothing(tmp_path: Path) -> None:
    keep_both(tmp_path)
    kept = (kept_folder() / "PyPI.sqlite").read_bytes()
    project = make_project(tmp_path / "p", {"requirements.txt": "django==4.0\n", "advisories/PyPI.sqlite": kept})
    (kept_folder() / "PyPI.sqlite").unlink()
    assert read("dependency_advisories", project).status is TableStatus.PARTIAL


def test_a_list_made_to_take_long_ends_at_the_deadline(tmp_path: Path) -> None:
    many = [record("django", id=f"X-{number}", events=[("introduced", "0"), ("fixed", f"9.{number}")],
                   versions=[f"0.{index}" for index in range(300)]) for number in range(150)]  # fmt: skip
    keep(tmp_path / "data", "PyPI", many)
    lines = "".join(f"django=={number}.{other}.1\n" for number in range(9) for other in range(600))
    project = make_project(tmp_path / "p", {"requirements.txt": lines})
    spec = load_table("dependency_advisories")
    access = ProjectAccess(str(project))
    access.kept_folder = str(kept_folder().parent)
    begun = time.monotonic()
    data = collect_one(access, spec, Wants(()), NOW_S, Cache(), time.monotonic() + 2)
    assert time.monotonic() - begun < 15
    assert data.status is TableStatus.TIMEOUT


# ---------------------------------------------------------------- the checks, over a whole run


def results(project: Path, state: Path, *options: str) -> dict[str, dict[str, Any]]:
    done = secaudit(
        "audit", str(project), "--only", "advisories-*", "--format", "json", "--no-save", *options, state=state
    )
    assert done.returncode in (0, 1), done.stderr
    return {item["check"]: item for item in json.loads(done.stdout)["results"]}


def keep_now(tmp_path: Path, ecosystem: str, records: list[dict[str, Any]]) -> None:
    """Data of today: the program under test asks the real clock."""
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    keep(tmp_path / "data", ecosystem, [{**item, "modified": stamp} for item in records], now)


INSECURE = {"requirements.txt": "django==4.0\n", "package-lock.json": npm_lock(lodash="4.17.4")}
SECURE = {"requirements.txt": "django==4.2.16\n", "package-lock.json": npm_lock(lodash="4.17.21")}


def test_old_packages_fail_and_new_ones_pass(tmp_path: Path, own_state: Path) -> None:
    keep_now(tmp_path, "PyPI", [*filler("PyPI"), DJANGO])
    keep_now(tmp_path, "npm", [*filler("npm"), LODASH])
    bad = results(make_project(tmp_path / "bad", INSECURE), own_state)
    assert {check: item["status"] for check, item in bad.items()} == {
        "advisories-data-fresh": "pass", "advisories-no-malware": "pass", "advisories-none-critical": "fail", "advisories-none-abandoned": "pass",
        "advisories-none-dev": "pass", "advisories-none-high": "fail", "advisories-none-low": "pass",
        "advisories-none-medium": "pass", "advisories-none-unrated": "pass", "advisories-versions-known": "pass",
    }  # fmt: skip
    (row,) = [row for row in bad["advisories-none-high"]["rows"] if row["pass"] == 0]
    assert (row["path"], row["expected"]) == ("package-lock.json", "lodash 4.17.21 or later")
    assert "npm install NAME@VERSION" in bad["advisories-none-high"]["fix"]
    good = results(make_project(tmp_path / "good", SECURE), own_state)
    assert {item["status"] for item in good.values()} == {"pass"}


def test_without_data_nothing_passes(tmp_path: Path, own_state: Path) -> None:
    for files in (SECURE, INSECURE):
        found = results(make_project(tmp_path / str(len(list(tmp_path.iterdir()))), files), own_state)
        assert {item["status"] for item in found.values()} == {"unknown"}
        assert "secaudit advisories update --ecosystem" in found["advisories-none-critical"]["reason"]


def test_data_for_one_ecosystem_says_nothing_about_another(tmp_path: Path, own_state: Path) -> None:
    keep_now(tmp_path, "PyPI", [*filler("PyPI"), DJANGO])
    found = results(make_project(tmp_path / "p", SECURE), own_state)
    assert {item["status"] for item in found.values()} == {"unknown"}
    rows = {row["resource"]: row["pass"] for row in found["advisories-none-high"]["rows"]}
    assert rows == {
        "PyPI": 1,
        "there is no advisory data for npm; run: secaudit advisories update --ecosystem npm": None,
    }
    only = results(make_project(tmp_path / "q", {"requirements.txt": "django==4.2.16\n"}), own_state)
    assert {item["status"] for item in only.values()} == {"pass"}


def test_old_data_proves_a_hole_and_no_absence_of_one(tmp_path: Path, own_state: Path) -> None:
    keep(
        tmp_path / "data", "PyPI", [{**item, "modified": "2020-01-01T00:00:00Z"} for item in [*filler("PyPI"), DJANGO]]
    )
    good = results(make_project(tmp_path / "good", {"requirements.txt": "django==4.2.16\n"}), own_state)
    assert good["advisories-none-critical"]["status"] == "unknown"
    assert good["advisories-data-fresh"]["status"] == "fail"
    bad = results(make_project(tmp_path / "bad", {"requirements.txt": "django==4.0\n"}), own_state)
    assert bad["advisories-none-critical"]["status"] == "fail"
    longer = ("advisories-none-critical.days=100000",)
    again = results(tmp_path / "good", own_state, "--param", *longer)
    assert again["advisories-none-critical"]["status"] == "pass"


def test_a_handful_of_records_is_no_list_of_an_ecosystem(tmp_path: Path, own_state: Path) -> None:
    keep_now(tmp_path, "PyPI", [DJANGO])
    good = results(make_project(tmp_path / "good", {"requirements.txt": "django==4.2.16\n"}), own_state)
    assert good["advisories-none-critical"]["status"] == "unknown"
    bad = results(make_project(tmp_path / "bad", {"requirements.txt": "django==4.0\n"}), own_state)
    assert bad["advisories-none-critical"]["status"] == "fail"


def test_a_package_without_a_version_is_never_a_pass(tmp_path: Path, own_state: Path) -> None:
    keep_now(tmp_path, "PyPI", [*filler("PyPI"), DJANGO])
    found = results(make_project(tmp_path / "p", {"requirements.txt": "django>=4\nflask==3.1.0\n"}), own_state)
    assert found["advisories-none-critical"]["status"] == "unknown"
    assert found["advisories-none-high"]["status"] == "pass", "no version of django has a high hole"
    assert found["advisories-versions-known"]["status"] == "fail"


def test_what_we_cannot_judge_does_not_hide_what_another_tool_found(tmp_path: Path, own_state: Path) -> None:
    keep_now(tmp_path, "PyPI", [*filler("PyPI"), DJANGO])
    project = make_project(tmp_path / "p", {"requirements.txt": "django\n"})
    assert results(project, own_state)["advisories-none-critical"]["status"] == "unknown"
    vulns = [{"id": "GHSA-d1", "fix_versions": ["4.2.16"], "aliases": ["CVE-2024-1"], "description": "A hole"}]
    found = tmp_path / "pip-audit.json"
    found.write_text(json.dumps({"dependencies": [{"name": "django", "version": "4.0", "vulns": vulns}], "fixes": []}))
    done = secaudit("import", str(found), "--project", str(project), state=own_state)
    assert done.returncode == 0, done.stderr
    failed = [row for item in results(project, own_state).values() for row in item["rows"] if row["pass"] == 0]
    assert any("GHSA-d1" in str(row["actual"]) for row in failed)


def test_data_that_names_no_malware_says_nothing_about_malware(tmp_path: Path, own_state: Path) -> None:
    keep_now(tmp_path, "PyPI", [*filler("PyPI")[1:], DJANGO])
    found = results(make_project(tmp_path / "p", {"requirements.txt": "django==4.2.16\n"}), own_state)
    assert {check for check, item in found.items() if item["status"] != "pass"} == {"advisories-no-malware"}
    assert found["advisories-no-malware"]["status"] == "unknown"


def test_an_abandoned_package_is_no_hole(tmp_path: Path, own_state: Path) -> None:
    left = record("ansi_term", "crates.io", id="RUSTSEC-2021-0139", kind="SEMVER", events=[("introduced", "0.0.0-0")])
    left["affected"][0]["database_specific"] = {"informational": "unmaintained"}
    keep_now(tmp_path, "crates.io", [*filler("crates.io"), left])
    lock = 'version = 3\n\n[[package]]\nname = "ansi-term"\nversion = "0.12.1"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\n'
    found = results(make_project(tmp_path / "p", {"Cargo.lock": lock}), own_state)
    assert {check for check, item in found.items() if item["status"] != "pass"} == {"advisories-none-abandoned"}
    assert found["advisories-none-abandoned"]["status"] == "fail"


@needs_snapshot()
def test_the_dated_snapshot_finds_old_holes_and_passes_nothing(tmp_path: Path, own_state: Path) -> None:
    import_path(SNAPSHOT, NOW)
    project = make_project(tmp_path / "p", {"requirements.txt": "urllib3==1.26.4\ncryptography==3.2\n"})
    found = results(project, own_state)
    assert found["advisories-none-high"]["status"] == "fail"
    assert {item["status"] for item in found.values()} == {"fail", "unknown"}


# ---------------------------------------------------------------- every kind of package, in its own files

FILES = {
    "web/composer.lock": json.dumps({"packages": [{"name": "symfony/http-kernel", "version": "v5.4.19"}, {"name": "acme/branch", "version": "dev-main"}],
                                     "packages-dev": [{"name": "phpunit/phpunit", "version": "9.5.0"}]}, indent=1),
    "web/composer.json": json.dumps({"require": {"symfony/http-kernel": "^5.4", "acme/branch": "dev-main"}, "require-dev": {"phpunit/phpunit": "^9"}}),
    "api/Gemfile.lock": "GEM\n  remote: https://rubygems.org/\n  specs:\n    nokogiri (1.16.1-x86_64-linux)\n      racc (~> 1.4)\n    racc (1.7.3)\n    rack (2.2.8)\n\nPLATFORMS\n  x86_64-linux\n\nDEPENDENCIES\n  nokogiri\n  rack\n",
    "svc/go.mod": "module example.org/svc\n\ngo 1.21\n\nrequire (\n\tgithub.com/dgrijalva/jwt-go v3.2.0+incompatible\n\tgolang.org/x/crypto v0.0.0-20190308221718-c2843e01d9a2\n)\n",
    "svc/go.sum": "golang.org/x/text v0.3.0 h1:abc=\ngolang.org/x/text v0.3.0/go.mod h1:abc=\n",
    "cli/Cargo.toml": '[package]\nname = "cli"\nversion = "0.1.0"\n\n[dependencies]\nregex = "1"\n',
    "cli/Cargo.lock": 'version = 3\n\n[[package]]\nname = "cli"\nversion = "0.1.0"\ndependencies = ["regex"]\n\n[[package]]\nname = "regex"\nversion = "1.5.4"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\n',
    "java/pom.xml": "<project><modelVersion>4.0.0</modelVersion><groupId>org.example</groupId><artifactId>shop</artifactId><version>1</version>"
                    "<dependencies><dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId><version>2.14.1</version></dependency></dependencies></project>",
    "net/packages.lock.json": json.dumps({"version": 1, "dependencies": {"net6.0": {"Newtonsoft.Json": {"type": "Direct", "requested": "[12.0.3, )", "resolved": "12.0.3", "contentHash": "x"}}}}, indent=1),
}  # fmt: skip
HOLES = {
    "Packagist": [
        record("symfony/http-kernel", "Packagist", id="P-1", events=[("introduced", "5.0.0"), ("fixed", "5.4.20")]),
        record("acme/branch", "Packagist", id="P-2", events=[("introduced", "0"), ("fixed", "2.0")]),
        record("phpunit/phpunit", "Packagist", id="P-3", events=[("introduced", "0"), ("fixed", "9.5.1")]),
    ],
    "RubyGems": [
        record("nokogiri", "RubyGems", id="R-1", events=[("introduced", "0"), ("fixed", "1.16.2")]),
        record("rack", "RubyGems", id="R-2", events=[("introduced", "2.0.0"), ("fixed", "2.2.8.1")]),
        record("racc", "RubyGems", id="R-3", events=[("introduced", "0"), ("fixed", "1.7.3")]),
    ],
    "Go": [
        record("github.com/dgrijalva/jwt-go", "Go", id="G-1", kind="SEMVER", events=[("introduced", "0.0.0-20150717181359-44718f8a89b0")]),
        record("golang.org/x/crypto", "Go", id="G-2", kind="SEMVER", events=[("introduced", "0"), ("fixed", "0.0.0-20200220183623-bac4c82f6975")]),
        record("golang.org/x/text", "Go", id="G-3", kind="SEMVER", events=[("introduced", "0"), ("fixed", "0.3.3")]),
    ],
    "crates.io": [record("regex", "crates.io", id="C-1", kind="SEMVER", events=[("introduced", "0.0.0-0"), ("fixed", "1.5.5")])],
    "Maven": [record("org.apache.logging.log4j:log4j-core", "Maven", id="M-1", events=[("introduced", "2.0-beta9"), ("fixed", "2.15.0")])],
    "NuGet": [record("Newtonsoft.Json", "NuGet", id="N-1", events=[("introduced", "0"), ("fixed", "13.0.1")])],
}  # fmt: skip


def test_every_kind_of_package_is_looked_up_in_its_own_order(tmp_path: Path) -> None:
    for ecosystem, holes in HOLES.items():
        keep(tmp_path / "data", ecosystem, [*filler(ecosystem), *holes])
    data = read("dependency_advisories", make_project(tmp_path / "p", FILES))
    assert data.status is TableStatus.OK, data.reason
    rows = rows_of(data)
    found = {(row["path"], row["advisory_id"], row["affected"], row["runtime"], row["fixed_in"]) for row in rows}
    assert found == {
        ("web/composer.lock", "P-1", 1, 1, "5.4.20"),
        ("web/composer.lock", "P-2", None, 1, ""),
        ("web/composer.lock", "P-3", 1, 0, "9.5.1"),
        ("api/Gemfile.lock", "R-1", 1, 1, "1.16.2"),
        ("api/Gemfile.lock", "R-2", 1, 1, "2.2.8.1"),
        ("svc/go.mod", "G-1", 1, 1, ""),
        ("svc/go.mod", "G-2", 1, 1, "0.0.0-20200220183623-bac4c82f6975"),
        ("cli/Cargo.lock", "C-1", 1, 1, "1.5.5"),
        ("java/pom.xml", "M-1", 1, 1, "2.15.0"),
        ("net/packages.lock.json", "N-1", 1, 1, "13.0.1"),
    }
