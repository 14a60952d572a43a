"""SARIF: valid, one result for each failing row with a file, nothing left out in silence, and nothing that acts."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from sample import assemble, blind_run, clean_run, large_run, small_run

from projecttest import make_project
from runprogram import secaudit
from sample_results import result
from secaudit.engine.acceptance import mark_of
from secaudit.model import Result, Run, Severity, Status
from secaudit.reporting import sarif

REFERENCE = next(
    (place / "shared" / "reference" for place in Path(__file__).parents if (place / "shared/reference").is_dir()), None
)
RUNS = {"small": small_run, "clean": clean_run, "blind": blind_run, "large": large_run}


def of(run: Run) -> dict[str, Any]:
    document = json.loads(sarif.render(run, mark_of))
    assert (document["version"], len(document["runs"])) == ("2.1.0", 1)
    found: dict[str, Any] = document["runs"][0]
    return found


def notes_of(run: dict[str, Any]) -> list[dict[str, Any]]:
    notes: list[dict[str, Any]] = run["invocations"][0]["toolExecutionNotifications"]
    return notes


@pytest.mark.parametrize("name", RUNS)
def test_it_is_valid(name: str) -> None:
    path = None if REFERENCE is None else REFERENCE / "schemas" / "sarif-2.1.0.schema.json"
    if path is None or not path.is_file():
        pytest.skip("the schema of SARIF is not here; it is not part of the project")
    schema = json.loads(path.read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert [error.message for error in validator.iter_errors(json.loads(sarif.render(RUNS[name](), mark_of)))] == []


@pytest.mark.parametrize("name", RUNS)
def test_every_failing_row_is_a_result_or_a_notification(name: str) -> None:
    run = RUNS[name]()
    made = of(run)
    rules = made["tool"]["driver"]["rules"]
    for item in run.results:
        rows = [row for row in item.rows if row.get("pass") == 0 and row.get("path")]
        results = [found for found in made["results"] if found["ruleId"] == item.check]
        notes = [note for note in notes_of(made) if note["associatedRule"]["id"] == item.check]
        if item.status is Status.FAIL:
            assert len(results) == len(rows)
            assert results or notes
        else:
            assert not results
            assert len(notes) == int(item.status is Status.UNKNOWN)
        for found in [*results, *(note["associatedRule"] | {"ruleId": item.check} for note in notes)]:
            assert rules[found.get("ruleIndex", found.get("index"))]["id"] == found["ruleId"]
    assert made["invocations"][0]["executionSuccessful"] is not run.partial


LINK = "[here](https://evil.example/) \x1b[2J\u202e"


def failing(*rows: dict[str, Any], total: int = 0, **words: Any) -> Result:
    made = result("no-secrets", Status.FAIL, Severity.HIGH)
    return replace(made, rows=rows, rows_total=total or len(rows), **words)


def test_a_result_says_what_and_where() -> None:
    row = {
        "pass": 0,
        "path": "src/a b#.py",
        "line": 7,
        "resource": "src/a b#.py:7",
        "actual": "a token",
        "expected": "none",
    }
    made = of(
        assemble(
            (failing(row, dict(row, line=9, resource="src/a b#.py:9"), references=("CWE-79", "https://x.example/a")),)
        )
    )
    first, second = made["results"]
    assert first["message"]["text"] == "Bad: a token, wanted none"
    assert (first["level"], first["locations"][0]["physicalLocation"]) == (
        "error", {"artifactLocation": {"uri": "src/a%20b%23.py", "uriBaseId": "%SRCROOT%"}, "region": {"startLine": 7}},
    )  # fmt: skip
    mark = mark_of("no-secrets", row)
    assert [found["partialFingerprints"][sarif.MARK] for found in (first, second)] == [f"{mark}:1", f"{mark}:2"]
    (rule,) = made["tool"]["driver"]["rules"]
    assert rule["properties"] == {"tags": ["security", "external/cwe/cwe-079"], "security-severity": "8.0"}
    assert rule["helpUri"] == "https://x.example/a"
    assert "Fix:\nsudo mend" in rule["help"]["text"]
    assert "\n    sudo mend" in rule["help"]["markdown"]


def test_files_of_a_machine_have_their_whole_address() -> None:
    (found,) = of(assemble((failing({"pass": 0, "path": "/etc/ssh/sshd_config\udcff", "line": 0}),)))["results"]
    place = found["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "file:///etc/ssh/sshd_config%FF"}}


@pytest.mark.parametrize(("severity", "level", "points"), [
    (Severity.CRITICAL, "error", "9.5"), (Severity.HIGH, "error", "8.0"), (Severity.MEDIUM, "warning", "5.5"),
    (Severity.LOW, "note", "3.0"), (Severity.INFO, "note", None),
])  # fmt: skip
def test_levels(severity: Severity, level: str, points: str | None) -> None:
    made = of(assemble((failing({"pass": 0, "path": "a"}, severity=severity),)))
    assert made["results"][0]["level"] == level
    assert made["tool"]["driver"]["rules"][0]["properties"].get("security-severity") == points


def test_accepted_findings_are_suppressed_and_stay() -> None:
    rows = ({"pass": 0, "path": "a", "accepted": "old (2026-01-01)"}, {"pass": 0, "path": "b"})
    made = of(assemble((failing(*rows),)))
    assert [found.get("suppressions") for found in made["results"]] == [
        [{"kind": "external", "status": "accepted", "justification": "old (2026-01-01)"}], None,
    ]  # fmt: skip


def test_what_has_no_file_or_no_room_is_said() -> None:
    rows = [{"pass": 0, "resource": f"thing {number}", "actual": "bad"} for number in range(5)]
    run = assemble((failing(*rows, total=80), result("blind", Status.UNKNOWN)))
    notes = [(note["descriptor"]["id"], note["message"]["text"]) for note in notes_of(of(run))]
    assert notes == [
        ("no-file", "Bad: thing 0: bad, thing 1: bad, thing 2: bad and 2 more"),
        ("not-listed", "Bad: in more places than are listed"),
        ("could-not-check", "Good: no reason was given"),
    ]


def test_hostile_texts_are_inert() -> None:
    row = {"pass": 0, "path": f"a\n{LINK}.py", "line": 1, "resource": LINK, "actual": LINK, "accepted": LINK}
    text = sarif.render(assemble((failing(row), replace(result("x", Status.UNKNOWN), reason=LINK))), mark_of)
    read = json.dumps(json.loads(text), ensure_ascii=False)
    for sign in ("\\u001b", "\u202e", "](", "](https"):
        assert sign not in read
    assert text.isascii()


def test_the_command_writes_it_for_a_project(tmp_path: Path) -> None:
    code = 'import os\nfrom flask import request\n\n\ndef a():\n    os.system("x " + request.args["q"])\n'
    project = make_project(tmp_path / "p", {"shop/app.py": code})
    done = secaudit(
        "audit", "--project", str(project), "-o", str(tmp_path / "a.sarif"), "--only", "python-*", "--only", "gov-readme",
        "--fail-on", "never", state=tmp_path / "state",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    shown = secaudit("report", "--format", "sarif", state=tmp_path / "state")
    assert shown.stdout == (tmp_path / "a.sarif").read_text(encoding="utf-8")
    run = json.loads(shown.stdout)["runs"][0]
    places = {
        (found["ruleId"], place["artifactLocation"]["uri"], place["region"]["startLine"])
        for found in run["results"]
        for place in [found["locations"][0]["physicalLocation"]]
    }
    assert ("python-commands-no-shell", "shop/app.py", 6) in places
    assert "gov-readme" in {note["associatedRule"]["id"] for note in notes_of(run)}
    assert re.fullmatch(r"secaudit/[\w-]+/", run["automationDetails"]["id"])
