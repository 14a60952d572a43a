"""`secaudit import`: results of other tools add failures, never a pass; no value is kept; old and hostile ones are said."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from secretsamples import PASSWORD, TOKENS

from projecttest import commit, make_project, run_git
from runprogram import secaudit
from secaudit.importing.intake import formats, inside, kind_of_secret
from secaudit.importing.weaknesses import word_of

SAMPLES = Path(__file__).parent / "imported"
TOKEN = TOKENS["github-token"]
RUN_PY = f'import subprocess\nPASSWORD = "{PASSWORD}"\ndef f(x):\n    subprocess.call("ls " + x, shell=True)\n    q = 1\n    return q\n'
FILES = {
    "app/run.py": RUN_PY, "deploy.sh": f"export GITHUB_TOKEN={TOKEN}\n", "web/page.js": "document.body\n",
    "web/a b.js": "x\n", "Dockerfile": "FROM scratch\n", "requirements.txt": "requests==2.19.0\n",
    "package-lock.json": "{}\n",
}  # fmt: skip


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_project(tmp_path / "shop", FILES)


def sample(tmp_path: Path, name: str) -> Path:
    """A recorded result with the made-up values put in."""
    text = (SAMPLES / name).read_text(encoding="utf-8").replace("@TOKEN@", TOKEN).replace("@PASSWORD@", PASSWORD)
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def imported(shop: Path, path: Path, *words: str, code: int = 0) -> str:
    done = secaudit("import", str(path), "--project", str(shop), *words, state=shop.parent / "state")
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def rows(shop: Path, table: str) -> list[dict[str, object]]:
    done = secaudit(
        "query", "--project", str(shop), "--format", "json", f"SELECT * FROM {table}", state=shop.parent / "state"
    )
    return json.loads(done.stdout)


def audit(shop: Path, *words: str) -> tuple[int, dict[str, dict[str, object]], str]:
    state = shop.parent / "state"
    done = secaudit("audit", str(shop), "--no-save", "--format", "json", *words, state=state)
    return done.returncode, {item["check"]: item for item in json.loads(done.stdout)["results"]}, done.stderr


def everything_kept(shop: Path) -> str:
    return "".join(path.read_text() for path in (shop.parent / "state").rglob("*.json"))


EXPECTED = {
    "bandit-1.9.json": {("B403", "deserialization", 1), ("B105", "hardcoded-password", 2), ("B602", "command-injection", 4), ("B324", "weak-hash", 5), ("B301", "deserialization", 6)},
    "semgrep.json": {
        ("python.lang.security.audit.subprocess-shell-true", "command-injection", 4),
        ("python.lang.security.hardcoded-password", "hardcoded-password", 2),
        ("javascript.browser.security.insecure-document-method", "xss", 1),
    },
    "gitleaks-8.30.json": {("github-pat", "", 1)},
    "gitleaks-8.30-git.json": {("github-pat", "", 1)},
    "gitleaks-8.30.sarif": {("github-pat", "", 1)},
    "betterleaks-2.0.json": {("github-pat", "", 1), ("generic-password", "", 2)},
    "npm-7.json": {("GHSA-35jh-r3h4-6jhm", "command-injection", 0), ("GHSA-jf85-cpcp-j695", "prototype-pollution", 0)},
    "npm-6.json": {("GHSA-jf85-cpcp-j695", "no-timeout", 0)},
    "pip-audit.json": {("PYSEC-2018-28", "other", 0)},
    "pip-audit-2.10-skipped.json": set(),
    "trivy.json": {("CVE-2021-23337", "code-eval", 0), ("github-pat", "", 1), ("DS002", "other", 1)},
    "codeql.sarif": {("py/sql-injection", "sql-injection", 5), ("py/sql-injection", "sql-injection", 1)},
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_each_format_is_known_and_its_findings_arrive_without_values(shop: Path, tmp_path: Path, name: str) -> None:
    imported(shop, sample(tmp_path, name))
    found = rows(shop, "imported_findings")
    assert {(row["rule_id"], row["weakness"], row["line"]) for row in found} == EXPECTED[name]
    kept = everything_kept(shop)
    for value in (TOKEN, PASSWORD):
        assert value not in kept
        assert value not in json.dumps(found)


def test_every_format_has_a_sample() -> None:
    fitting = set()
    for name in EXPECTED:
        data = json.loads((SAMPLES / name).read_text())
        names = [format_.NAME for format_ in formats().values() if format_.fits(data)]
        assert len(names) == 1, (name, names)
        fitting.update(names)
    assert fitting == set(formats())


def test_what_no_tool_wrote_is_refused_and_an_empty_list_needs_a_name(shop: Path, tmp_path: Path) -> None:
    assert "no format that we know" in imported(shop, sample(tmp_path, "npm-11-refused.json"), code=2)
    empty = tmp_path / "empty.json"
    empty.write_text("[]")
    assert "--format" in imported(shop, empty, code=2)
    assert "gitleaks: 0 findings" in imported(shop, empty, "--format", "gitleaks")
    assert "no output of bandit" in imported(shop, sample(tmp_path, "semgrep.json"), "--format", "bandit", code=2)


def test_imported_code_adds_rows_to_the_tables_of_code_and_a_serious_one_fails(shop: Path, tmp_path: Path) -> None:
    imported(shop, sample(tmp_path, "semgrep.json"))
    _, results, notes = audit(shop)
    assert results["imported-code-mended"]["status"] == "fail"
    assert {row["path"] for row in results["imported-code-mended"]["rows"] if row["pass"] == 0} == {
        "app/run.py",
        "web/page.js",
    }
    assert "imported from semgrep 1.100.0: 3 findings" in notes
    code = rows(shop, "code_findings")
    assert {(row["engine"], row["weakness"]) for row in code if row["path"] == "web/page.js"} == {("semgrep", "xss")}


LOCK = json.dumps({
    "name": "shop", "lockfileVersion": 3,
    "packages": {"": {"dependencies": {"lodash": "4.17.4"}}, "node_modules/lodash": {"version": "4.17.4"}},
})  # fmt: skip


def test_imported_packages_fail_once_and_name_the_version_to_go_to(shop: Path, tmp_path: Path) -> None:
    (shop / "package-lock.json").write_text(LOCK)
    (shop / "package.json").write_text('{"name": "shop", "dependencies": {"lodash": "4.17.4"}}')
    for name in ("npm-7.json", "npm-6.json", "trivy.json", "pip-audit.json"):
        imported(shop, sample(tmp_path, name))
    found = {(str(row["name"]), str(row["advisory_id"])) for row in rows(shop, "dependency_advisories")}
    assert len(found) == 3, "three tools name the same two holes of lodash, under other names of the same"
    assert {("lodash", "GHSA-jf85-cpcp-j695"), ("requests", "PYSEC-2018-28")} < found
    assert found & {("lodash", "GHSA-35jh-r3h4-6jhm"), ("lodash", "CVE-2021-23337")}
    _, results, _ = audit(shop)
    failed = {row["path"] for row in results["advisories-none-high"]["rows"] if row["pass"] == 0}
    assert failed == {"package-lock.json", "requirements.txt"}
    (shop / "package-lock.json").write_text(LOCK.replace("4.17.4", "4.17.21"))
    _, results, _ = audit(shop)
    assert not [row for row in results["advisories-none-critical"]["rows"] if row["pass"] == 0]
    assert results["advisories-none-critical"]["status"] == "unknown"


def test_imported_packages_fail_in_a_project_whose_files_we_cannot_read(tmp_path: Path) -> None:
    shop = make_project(tmp_path / "shop", {"mix.lock": "%{}\n"})
    imported(shop, sample(tmp_path, "npm-7.json"))
    _, results, _ = audit(shop)
    assert results["advisories-none-high"]["status"] == "fail"


def test_a_secret_that_only_the_other_tool_knows_is_a_secret_of_the_project(tmp_path: Path) -> None:
    shop = make_project(tmp_path / "shop", {"deploy.sh": "run house-key-of-the-shop\n", "clean.py": "1\n"})
    report = tmp_path / "gl.json"
    report.write_text(json.dumps([{
        "RuleID": "acme-token", "StartLine": 1, "StartColumn": 5, "Secret": "house-key-of-the-shop",
        "Match": "house-key-of-the-shop", "File": "deploy.sh", "Commit": "",
    }]))  # fmt: skip
    assert audit(shop)[1]["secrets-no-vendor-tokens"]["status"] == "pass"
    imported(shop, report)
    _, results, _ = audit(shop)
    found = results["secrets-no-vendor-tokens"]
    assert found["status"] == "fail"
    assert "gitleaks: acme-token" in str(found["rows"])
    assert "house-key-of-the-shop" not in json.dumps(results) + everything_kept(shop)


def test_a_secret_of_a_commit_is_one_of_the_history_once_the_file_has_it_no_more(tmp_path: Path) -> None:
    shop = make_project(tmp_path / "shop", {"deploy.sh": "run house-key-of-the-shop\n", "clean.py": "1\n"})
    first = run_git(shop, "rev-parse", "HEAD").strip()
    (shop / "deploy.sh").write_text("run\n")
    commit(shop, "mended")
    report = tmp_path / "gl.json"
    report.write_text(json.dumps([{
        "RuleID": "acme-token", "StartLine": 1, "StartColumn": 5, "Secret": "house-key-of-the-shop",
        "File": "deploy.sh", "Commit": first,
    }]))  # fmt: skip
    imported(shop, report)
    _, results, _ = audit(shop)
    assert results["secrets-no-vendor-tokens"]["status"] == "pass"
    assert results["secrets-history-no-keys"]["status"] == "fail"
    assert results["secrets-history-no-keys"]["rows"][0]["actual"].endswith(first[:12])


def test_a_file_that_changed_makes_its_findings_unknown_and_never_a_pass(shop: Path, tmp_path: Path) -> None:
    imported(shop, sample(tmp_path, "bandit-1.9.json"))
    (shop / "app/run.py").write_text("# changed\n" + RUN_PY)
    _, results, _ = audit(shop)
    mended = results["imported-code-mended"]
    assert mended["status"] == "unknown"
    assert "run bandit and import its result again" in mended["reason"]
    assert results["imported-results-current"]["status"] == "fail"
    (shop / "app/run.py").unlink()
    commit(shop, "gone")
    _, results, notes = audit(shop)
    assert results["imported-code-mended"]["status"] == "not_applicable"
    assert "it was made for commit" in notes


def test_an_import_alone_never_makes_a_language_sound(tmp_path: Path) -> None:
    """code_findings_* stay as they are where no engine of ours looked."""
    from secaudit.tables.project._code import IMPORTED, Answer, Ran, problem_of

    assert problem_of([Ran("imported", "go", 1, Answer((), IMPORTED))]) is not None


def test_an_old_result_is_said(shop: Path, tmp_path: Path) -> None:
    path = sample(tmp_path, "semgrep.json")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    imported(shop, path)
    _, results, notes = audit(shop, "--only", "imported-*")
    assert "days old" in notes
    assert results["imported-results-current"]["status"] == "fail"


def test_the_next_result_of_a_tool_takes_the_place_of_the_last_and_imports_can_be_removed(
    shop: Path, tmp_path: Path
) -> None:
    state = shop.parent / "state"
    imported(shop, sample(tmp_path, "bandit-1.9.json"))
    path = tmp_path / "bandit-1.9.json"
    data = json.loads(path.read_text())
    data["results"] = data["results"][:1]
    path.write_text(json.dumps(data))
    imported(shop, path)
    imported(shop, sample(tmp_path, "semgrep.json"))
    assert len(rows(shop, "imported_findings")) == 4
    listed = secaudit("import", "--list", "--project", str(shop), state=state).stdout
    assert "bandit" in listed
    assert "semgrep" in listed
    assert secaudit("import", "--remove", "bandit", "--project", str(shop), state=state).returncode == 0
    assert len(rows(shop, "imported_findings")) == 3
    assert secaudit("import", "--remove", "nothing", "--project", str(shop), state=state).returncode == 2
    assert secaudit("import", "--remove", "all", "--project", str(shop), state=state).returncode == 0
    assert rows(shop, "imported_findings") == []


def test_imports_are_kept_for_the_owner_only_and_apart_from_the_project(shop: Path, tmp_path: Path) -> None:
    before = sorted(path for path in shop.rglob("*") if ".git" not in path.parts)
    imported(shop, sample(tmp_path, "bandit-1.9.json"))
    assert sorted(path for path in shop.rglob("*") if ".git" not in path.parts) == before
    (kept,) = (shop.parent / "state/imports").rglob("*.json")
    assert kept.stat().st_mode & 0o077 == 0
    other = make_project(tmp_path / "other", FILES)
    done = secaudit("import", "--list", "--project", str(other), state=shop.parent / "state")
    assert "nothing is imported" in done.stdout + done.stderr


def test_a_damaged_import_stops_the_audit_and_is_not_passed_over(shop: Path, tmp_path: Path) -> None:
    imported(shop, sample(tmp_path, "bandit-1.9.json"))
    (kept,) = (shop.parent / "state/imports").rglob("*.json")
    for text in ("{", '{"schema": "secaudit.import/1"}', kept.read_text().replace('"line": 4', '"line": "4"')):
        kept.write_text(text)
        done = secaudit("audit", str(shop), "--no-save", state=shop.parent / "state")
        assert done.returncode == 2
        assert "import" in done.stderr


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("app/run.py", "app/run.py"), ("./app/run.py", "app/run.py"), ("app//./run.py", "app/run.py"),
        ("/srv/shop/app/run.py", "app/run.py"), ("file:///srv/shop/app/run.py", "app/run.py"),
        ("file:/srv/shop/a%20b.py", "a b.py"), ("app\\run.py", "app/run.py"),
        ("../etc/passwd", None), ("/etc/passwd", None), ("a/../../x", None), ("/srv/shopping/x", None), ("", None),
        ("https://example.org/x", None), ("a\0b", None), ("x" * 5000, None), ("/srv/shop/", None), ("%2e%2e/x", None),
        ("/builds/ci/app/run.py", "app/run.py"),
    ],
)  # fmt: skip
def test_places_are_in_the_project_or_left_out(address: str, path: str | None) -> None:
    assert inside("/srv/shop", address, "/builds/ci") == path


def test_findings_of_another_folder_arrive_with_its_prefix(shop: Path, tmp_path: Path) -> None:
    path = tmp_path / "bandit.json"
    text = sample(tmp_path, "bandit-1.9.json").read_text()
    path.write_text(text.replace("./app/run.py", "/builds/shop/app/run.py"))
    assert "5 left out" in imported(shop, path)
    assert "5 findings" in imported(shop, path, "--prefix", "/builds/shop")
    assert {row["path"] for row in rows(shop, "imported_findings")} == {"app/run.py"}


def test_sarif_bases_are_the_top_of_the_project_and_addresses_are_unquoted(shop: Path, tmp_path: Path) -> None:
    text = imported(shop, sample(tmp_path, "codeql.sarif"))
    assert "1 left out" in text
    assert "2 entries are no findings" in text
    found = {(row["path"], row["line"]) for row in rows(shop, "imported_findings")}
    assert found == {("app/run.py", 5), ("web/a b.js", 1)}


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[" * 200_000, '{"version": "2.1.0", "runs": 5}', "\x00\xff", '{"a":' * 50_000, "12", '"x"',
        '{"results": [], "metrics": []', '[{"RuleID": 1}]',
    ],
)  # fmt: skip
def test_a_damaged_file_is_refused(shop: Path, tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(text.encode("latin-1"))
    imported(shop, path, code=2)


def test_hostile_texts_are_inert_and_bounded(shop: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.sarif"
    result = {
        "ruleId": "\x1b[2J\nfail\tcritical\tfake", "message": {"text": "\x1b]0;x\x07\u202e" + "A" * 1_000},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": "app/run.py"}, "region": {"startLine": 10**30}}}],
    }  # fmt: skip
    run = {"tool": {"driver": {"name": "\x1b[31mtool" + "B" * 5000}}, "results": [result] * 25_000}
    path.write_text(json.dumps({"version": "2.1.0", "runs": [run]}))
    text = imported(shop, path)
    assert "too many" in text
    assert "\x1b" not in text
    for fmt in ("plain", "text", "json", "md"):
        shown = secaudit("audit", str(shop), "--no-save", "--format", fmt, state=shop.parent / "state")
        assert "\x1b" not in shown.stdout + shown.stderr
        assert "\nfail\tcritical\tfake" not in shown.stdout
    os.mkfifo(tmp_path / "fifo")
    imported(shop, tmp_path / "fifo", code=2)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "version runs results tool driver name rules id ruleId ruleIndex message text locations physicalLocation"
                " artifactLocation uri index region startLine SchemaVersion ArtifactName Results Vulnerabilities Secrets"
                " auditReportVersion vulnerabilities advisories metadata via dependencies vulns RuleID Secret metrics"
                " extra check_id start line findings scan betterleaks_version artifacts properties tags".split()
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(data=JSON)
def test_no_parser_raises_whatever_the_types_are(data: object) -> None:
    for module in formats().values():
        module.fits(data)
        for found in module.read(data).found:
            assert isinstance(found.path, str)
            assert isinstance(found.line, int)
            word_of(found.cwes)
            kind_of_secret(found.rule_id)
