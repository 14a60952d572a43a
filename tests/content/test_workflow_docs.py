"""The pages about the daily work: their commands exist, their CI files are pinned, and nothing is promised that is not there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
import yaml

from secaudit.app.output import FORMATS, SUFFIXES
from secaudit.cli.main import main
from secaudit.importing.intake import formats

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
PAGES = [DOCS / name for name in ("ci.md", "baseline.md", "import.md")]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def command_lines(page: Path) -> list[str]:
    text = "\n".join([*blocks(page, "sh"), *blocks(page, "yaml")])
    return re.findall(r"(?:^|[ -]|exec )(secaudit (?:audit|baseline|import)[^\n]*)", text, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_command_on_the_page_is_one_that_exists(page: Path) -> None:
    lines = command_lines(page)
    assert lines
    for line in lines:
        words = shlex.split(line)[1:]
        command: click.Command = main
        context = click.Context(main)
        while isinstance(command, click.Group):
            found = command.get_command(context, words.pop(0))
            assert found is not None, line
            command = found
        command.make_parser(context).parse_args(words)


def test_actions_are_pinned_by_commit_and_the_job_may_only_read() -> None:
    (github,) = [yaml.safe_load(text) for text in blocks(DOCS / "ci.md", "yaml") if "runs-on" in text]
    assert github["permissions"] == {"contents": "read"}
    for step in github["jobs"]["audit"]["steps"]:
        if "uses" in step:
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step["uses"]), step["uses"]
    checkout = github["jobs"]["audit"]["steps"][0]["with"]
    assert checkout == {"fetch-depth": 0, "persist-credentials": False}


def test_only_formats_that_exist_are_promised() -> None:
    text = (DOCS / "ci.md").read_text(encoding="utf-8")
    for name in re.findall(r"-o [\w/]+(\.\w+)", text):
        assert name in SUFFIXES
    assert ("sarif" in FORMATS) == ("SARIF and JUnit are not written" not in text)
    listed = (DOCS / "import.md").read_text(encoding="utf-8").lower().replace(" audit", "-audit")
    for name in formats():
        assert name in listed
