"""`standards coverage` promises nothing: "checks" only where checks alone can show all of a control."""

from __future__ import annotations

from pathlib import Path

from secaudit.app.coverage import coverage

STANDARD = """\
id: house-rules
title: House rules
publisher: Test
version: "1"
text: own-words
notice: Made for a test.
groups: [{id: a, title: All}]
controls:
  - {id: decided, title: Decided, group: a, objectives: [first], guidance: Text.}
  - {id: supported, title: Supported, group: a, objectives: [second], guidance: Text.}
  - {id: asked, title: Supported and asked, group: a, objectives: [third], guidance: Text.}
  - {id: shown-only, title: Only indicated, group: a, objectives: [fourth], guidance: Text.}
  - {id: other, title: Another target, group: a, objectives: [fifth], guidance: Text.}
  - {id: both, title: Decided and asked, group: a, objectives: [first, fourth], guidance: Text.}
  - {id: never, title: Never, group: a, not_assessable: No way., guidance: Text.}
"""
OBJECTIVE = "  - {{id: {name}, title: Title of it, kind: technical, evidence: [{evidence}], why: Because.}}\n"
CHECK = """\
id: house-{name}
title: There are users for {name}
fail_title: There are no users for {name}
severity: low
objective: {name}
role: {role}
select: users
expect: {{uid: 1000}}
on_empty: pass
why: Because.
verify: getent passwd
fix: {{any: getent passwd}}
examples:
  healthy: {{users: [{{uid: 1000}}]}}
  failing: {{users: [{{uid: 1001}}]}}
"""


def test_a_control_is_covered_by_what_decides_it(tmp_path: Path) -> None:
    objectives = {
        "first": "host",
        "second": "host",
        "third": "host, question",
        "fourth": "host, question",
        "fifth": "site",
    }
    (tmp_path / "standards").mkdir()
    (tmp_path / "standards" / "house-rules.yaml").write_text(STANDARD, encoding="utf-8")
    (tmp_path / "standards" / "readiness.yaml").write_text(
        'id: readiness\ntitle: Own\npublisher: Test\nversion: "1"\ntext: full\nobjectives:\n'
        + "".join(OBJECTIVE.format(name=name, evidence=evidence) for name, evidence in objectives.items()),
        encoding="utf-8",
    )
    folder = tmp_path / "checks" / "host" / "house"
    folder.mkdir(parents=True)
    for name, role in (
        ("first", "determines"),
        ("second", "supports"),
        ("third", "supports"),
        ("fourth", "indicates"),
    ):
        (folder / f"house-{name}.yaml").write_text(CHECK.format(name=name, role=role), encoding="utf-8")
    found = coverage("house-rules", (tmp_path,))
    assert {row[0]: (row[1], row[3]) for row in found.rows} == {
        "decided": ("checks", 1),
        "supported": ("checks, in part", 1),
        "asked": ("checks and people", 1),
        "shown-only": ("people", 0),
        "other": ("other targets", 0),
        "both": ("checks and people", 1),
        "never": ("nothing", 0),
    }
    assert "   7  controls in all" in found.footer


def test_what_ships_says_the_truth_about_malware() -> None:
    rows = {row[0]: row for row in coverage("cis-controls-8.1").rows}
    assert rows["4.4"][1] == "checks"
    assert rows["7.6"][1:4] == ("nothing", 0, 0)
    assert rows["14.1"][1] == "people"
