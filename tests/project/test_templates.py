"""Page templates: values that are not escaped, escaping switched off, forms without a token."""

from __future__ import annotations

from pathlib import Path

import pytest

from projecttest import make_project, project_rows, read_project
from secaudit.model import TableStatus

TABLE = "code_findings_html"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>{{ comment }}</p>", []),
        ("<p>{{ comment|safe }}</p>", [("xss", "medium", 1)]),
        ("<p>\n{{ comment | safe }}</p>", [("xss", "medium", 2)]),
        ("<p>{{ comment|upper|safe }}</p>", [("xss", "medium", 1)]),
        ("<p>{{ request.args.q|safe }}</p>", [("xss", "high", 1)]),
        ("<p>{{ comment|raw }}</p>", [("xss", "medium", 1)]),
        ("<p>{{ comment|safer }}</p>", []),
        ("<p>{{ data|tojson|safe }}</p>", []),
        ("<p>{{ '<b>'|safe }}</p>", []),
        ("<p>{{ comment|safe", []),
        ("{% autoescape off %}<p>{{ x }}</p>{% endautoescape %}", [("autoescape-off", "high", 1)]),
        ("{%- autoescape false -%}<p>{{ x }}</p>{% endautoescape %}", [("autoescape-off", "high", 1)]),
        ("{% autoescape on %}<p>{{ x }}</p>{% endautoescape %}", []),
        ("{% autoescape off %}Hello {{ x }}{% endautoescape %}", []),
        ('{{ x }}<form method="post"><input name="a"></form>', [("csrf-off", "medium", 1)]),
        ('<form method="POST">{% csrf_token %}<input name="a"></form>', []),
        ('<form method="post">{{ form.hidden_tag() }}</form>', []),
        ('<form method="get">{{ x }}</form>', []),
        ("<form>{{ x }}</form>", []),
        ('<form method="post" action="https://pay.example/">{{ x }}</form>', []),
        ("<form method=post><input></form>", []),
    ],
)
def test_places(tmp_path: Path, text: str, expected: list[tuple[str, str, int]]) -> None:
    rows = project_rows(TABLE, make_project(tmp_path / "p", {"templates/a.html": text}))
    assert [(row["weakness"], row["confidence"], row["line"]) for row in rows] == expected


def test_templates_of_tests_are_left_out(tmp_path: Path) -> None:
    assert project_rows(TABLE, make_project(tmp_path / "p", {"tests/a.html": "<p>{{ x|safe }}</p>"})) == []


def test_without_templates_it_is_absent(tmp_path: Path) -> None:
    assert read_project(TABLE, make_project(tmp_path / "p", {"a.py": ""})).status == TableStatus.ABSENT


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("{{" * 300_000 + "</", TableStatus.OK),
        ("<form" * 200_000 + "{{ </", TableStatus.OK),
        ("<form method=post>{{" * 40_000 + "</p>", TableStatus.PARTIAL),  # not each of the 40,000 is a row
    ],
)
def test_hostile_templates_end_in_time(tmp_path: Path, text: str, status: TableStatus) -> None:
    data = read_project(TABLE, make_project(tmp_path / "p", {"a.html": text}))
    assert data.status == status
