"""Baselines: old findings are told apart from new ones, stay failures, and nothing inside a project accepts by itself."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from secretsamples import PASSWORD, TOKENS, noise

from projecttest import make_project
from runprogram import secaudit
from secaudit.engine.acceptance import Known, mark_of
from secaudit.model import Acceptance, Baseline

CHECK = "secrets-no-literal-passwords"
OTHER = noise("other password", 14)


def audit(project: Path, state: Path, *words: str) -> tuple[int, dict[str, object], str]:
    done = secaudit("audit", str(project), "--no-save", "--format", "json", *words, state=state)
    run = json.loads(done.stdout)
    return done.returncode, {item["check"]: item for item in run["results"]} | {"run": run}, done.stderr


def create(project: Path, state: Path, path: Path, *words: str) -> None:
    done = secaudit(
        "baseline", "create", "--project", str(project), "-o", str(path), "--reason", "before we began", *words,
        state=state,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_project(tmp_path / "shop", {"app.py": f'password = "{PASSWORD}"\n', "clean.py": "print(1)\n"})


def test_accepted_findings_stay_failures_and_are_shown_as_waived(shop: Path, tmp_path: Path) -> None:
    base = tmp_path / "base.json"
    assert audit(shop, tmp_path)[0] == 1
    create(shop, tmp_path, base)
    code, results, notes = audit(shop, tmp_path, "--baseline", str(base))
    found = results[CHECK]
    assert code == 0
    assert found["status"] == "fail"
    assert "before we began" in found["waiver"]
    assert "before we began" in found["rows"][0]["accepted"]
    run = results["run"]
    assert run["baseline"]["accepted"] >= 1
    assert run["counts"]["fail"] >= 1
    assert next(item for item in run["objectives"] if item["id"] == "secrets-not-in-files")["status"] == "not_met"
    assert "stay failures" in notes
    for fmt in ("plain", "text", "md"):
        shown = secaudit("audit", str(shop), "--no-save", "--format", fmt, "--baseline", str(base), state=tmp_path)
        assert "accepted" in shown.stdout.lower()


def test_lines_that_move_change_nothing_and_a_new_value_is_new(shop: Path, tmp_path: Path) -> None:
    base = tmp_path / "base.json"
    create(shop, tmp_path, base)
    (shop / "app.py").write_text(f'import os\n\n\npassword = "{PASSWORD}"\n')
    assert audit(shop, tmp_path, "--baseline", str(base))[0] == 0
    (shop / "app.py").write_text(f'password = "{OTHER}"\n')
    code, results, _ = audit(shop, tmp_path, "--baseline", str(base))
    assert code == 1, "another password in the same place is a new finding"
    assert results[CHECK]["waiver"] is None
    assert results["run"]["baseline"]["unused"] >= 1


def test_a_second_finding_beside_an_accepted_one_fails_and_the_old_one_is_told_apart(
    shop: Path, tmp_path: Path
) -> None:
    base = tmp_path / "base.json"
    create(shop, tmp_path, base)
    (shop / "app.py").write_text(f'password = "{OTHER}"\ndb_password = "{PASSWORD}"\n')
    code, results, _ = audit(shop, tmp_path, "--baseline", str(base))
    assert code == 1
    rows = {row["line"]: row.get("accepted") for row in results[CHECK]["rows"] if row["pass"] == 0}
    assert rows[1] is None
    assert rows[2]
    assert "1 of 2" in results[CHECK]["reason"]


def test_with_another_key_findings_are_known_by_place_and_one_more_makes_all_of_them_new(
    shop: Path, tmp_path: Path
) -> None:
    base, colleague = tmp_path / "base.json", tmp_path / "colleague"
    create(shop, tmp_path, base)
    code, results, notes = audit(shop, colleague, "--baseline", str(base))
    assert code == 0
    assert results["run"]["baseline"]["by_place"] >= 1
    assert "by place only" in notes
    (shop / "app.py").write_text(f'password = "{OTHER}"\ndb_password = "{PASSWORD}"\n')
    code, results, _ = audit(shop, colleague, "--baseline", str(base))
    assert code == 1
    assert not any(row.get("accepted") for row in results[CHECK]["rows"]), "nobody can tell which of the two is new"


def test_no_value_and_no_plain_digest_of_one_is_in_the_file(shop: Path, tmp_path: Path) -> None:
    import hashlib

    (shop / "deploy.sh").write_text(f"export TOKEN={TOKENS['github-token']}\n")
    base = tmp_path / "base.json"
    create(shop, tmp_path, base)
    text = base.read_text()
    for value in (PASSWORD, TOKENS["github-token"]):
        assert value not in text
        assert hashlib.sha256(value.encode()).hexdigest()[:16] not in text


def test_an_expired_entry_counts_no_more_and_says_so(shop: Path, tmp_path: Path) -> None:
    base = tmp_path / "base.json"
    create(shop, tmp_path, base, "--until", "2020-01-31")
    code, results, notes = audit(shop, tmp_path, "--baseline", str(base))
    assert code == 1
    assert results["run"]["baseline"]["expired"] >= 1
    assert "expired" in notes
    shown = secaudit("baseline", "show", str(base), "--format", "plain", state=tmp_path)
    assert shown.stdout.startswith("expired\t")


def test_a_baseline_inside_the_project_is_used_only_when_it_is_named_and_then_it_is_said(
    shop: Path, tmp_path: Path
) -> None:
    create(shop, tmp_path, shop / "baseline.json")
    for name in (".secaudit-baseline.json", "secaudit.baseline.json"):
        os.link(shop / "baseline.json", shop / name)
    code, results, _ = audit(shop, tmp_path)
    assert code == 1, "a file of the project silences nothing"
    assert results["run"]["baseline"] is None
    places = {row["path"] for item in results["run"]["results"] for row in item["rows"] if row["pass"] == 0}
    assert not {place for place in places if "baseline" in str(place)}, "its marks are no secrets"
    code, _, notes = audit(shop, tmp_path, "--baseline", str(shop / "baseline.json"))
    assert code == 0
    assert "inside the project" in notes


def test_an_update_keeps_reasons_adds_what_is_new_and_drops_what_is_gone(shop: Path, tmp_path: Path) -> None:
    base = tmp_path / "base.json"
    (shop / "old.py").write_text(f'password = "{noise("gone", 14)}"\n')
    create(shop, tmp_path, base)
    refused = secaudit("baseline", "create", "--project", str(shop), "-o", str(base), "--reason", "x", state=tmp_path)
    assert refused.returncode == 2
    (shop / "old.py").unlink()
    (shop / "new.py").write_text(f'password = "{OTHER}"\n')
    done = secaudit(
        "baseline", "create", "--project", str(shop), "-o", str(base), "--reason", "ticket 12", "--update",
        state=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    accepted = json.loads(base.read_text())["accepted"]
    reasons = {entry["path"]: entry["reason"] for entry in accepted if entry["check"].startswith("secrets-")}
    assert reasons == {"app.py": "before we began", "new.py": "ticket 12"}


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{", "null", '{"schema": "secaudit.baseline/2"}', "[" * 100_000, "\xff",
        '{"schema":"secaudit.baseline/1","made":"","target":"","key":null,"accepted":[{"check":"a"}]}',
        '{"schema":"secaudit.baseline/1","made":"","target":"","key":null,"accepted":[{"check":"a","path":"b",'
        '"found":"c","mark":"d","reason":" ","date":"2026-01-01"}]}',
        '{"schema":"secaudit.baseline/1","made":"","target":"","key":null,"accepted":[{"check":"a","path":"b",'
        '"found":"c","mark":"d","reason":"r","date":"soon"}]}',
    ],
)  # fmt: skip
def test_a_damaged_file_is_refused(shop: Path, tmp_path: Path, text: str) -> None:
    base = tmp_path / "base.json"
    base.write_bytes(text.encode("latin-1"))
    done = secaudit("audit", str(shop), "--no-save", "--baseline", str(base), state=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "option --baseline" in done.stderr


def test_a_fifo_or_a_missing_file_is_refused_and_texts_are_inert(shop: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name in ("fifo", "missing", "."):
        done = secaudit("audit", str(shop), "--baseline", str(tmp_path / name), state=tmp_path, timeout_s=30)
        assert done.returncode == 2
    base = tmp_path / "base.json"
    create(shop, tmp_path, base)
    data = json.loads(base.read_text())
    for entry in data["accepted"]:
        entry["reason"] = "\x1b[2J\nfail\tfake"
    base.write_text(json.dumps(data))
    for fmt in ("text", "plain", "json", "md"):
        shown = secaudit("audit", str(shop), "--no-save", "--baseline", str(base), "--format", fmt, state=tmp_path)
        assert "\x1b" not in shown.stdout + shown.stderr
        assert "\nfail\tfake" not in shown.stdout


ROW = st.fixed_dictionaries(
    {
        "resource": st.just("a.py"), "actual": st.sampled_from(["x", "y"]), "path": st.just("a.py"),
        "line": st.integers(1, 9), "pass": st.just(0), "fingerprint": st.sampled_from(["f1", "f2", "f3"]),
    }
)  # fmt: skip


def _entry(row: dict[str, object]) -> Acceptance:
    return Acceptance("c", "a.py", "x", mark_of("c", row), "r", "2026-01-01", value=str(row["fingerprint"]))


@given(old=st.lists(ROW, max_size=6), new=st.lists(ROW, max_size=6), same_key=st.booleans())
def test_what_was_accepted_is_accepted_again_and_never_more_of_it(
    old: list[dict[str, object]], new: list[dict[str, object]], same_key: bool
) -> None:
    """Laws: the same findings are all accepted; of each mark never more than the file holds, unless values are equal."""
    baseline = Baseline("secaudit.baseline/1", "", "", "k", tuple(map(_entry, old)))
    key = "k" if same_key else "other"
    assert len(Known(baseline, "", "2026-02-01", key).accept("c", old)) == len(old)
    accepted = Known(baseline, "", "2026-02-01", key).accept("c", new)
    for number in accepted:
        marks = [entry for entry in baseline.accepted if entry.mark == mark_of("c", new[number])]
        assert marks
        if same_key:
            assert str(new[number]["fingerprint"]) in {entry.value for entry in marks}
        else:
            assert sum(mark_of("c", row) == marks[0].mark for row in new) <= len(marks)
    assert Known(baseline, "", "2026-02-01", key).accept("another-check", new) == {}
