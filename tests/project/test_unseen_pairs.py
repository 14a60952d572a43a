"""64 modules, insecure and secure, written before their author had looked at any rule. All were right at first sight.

Each insecure one fails a check of severity medium or above in its own file; no secure one does.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from projecttest import make_project
from runprogram import secaudit

HERE = Path(__file__).parent
ABOUT_THE_APPLICATION = {"app-node-security-headers", "flask-csrf", "flask-session-cookie-secure"}
"""What a module of a few lines does not set, whatever it does otherwise."""


def pairs() -> dict[str, tuple[str, str]]:
    """File name -> the insecure and the secure text."""
    found = {}
    for part in (HERE / "unseen_pairs.txt").read_text(encoding="utf-8").split("=== ")[1:]:
        name, _, text = part.partition("\n")
        insecure, _, secure = text.partition("\n---\n")
        found[name] = (insecure + "\n", secure)
    return found


PAIRS = pairs()


def failing(folder: Path, which: int, state: Path) -> dict[str, set[str]]:
    """File -> the checks of severity medium or above that fail because of it."""
    files = {f"src/{name}": pair[which] for name, pair in PAIRS.items()}
    project = make_project(folder, files, git=False)
    done = secaudit("audit", "--project", str(project), "--format", "json", "--no-save", state=state)
    found: dict[str, set[str]] = {}
    for result in json.loads(done.stdout)["results"]:
        if result["status"] == "fail" and result["severity"] in ("critical", "high", "medium"):
            for row in result["rows"]:
                if row["pass"] == 0 and str(row.get("path", "")).startswith("src/"):
                    found.setdefault(row["path"].removeprefix("src/"), set()).add(result["check"])
    return found


def test_there_are_pairs_of_three_languages() -> None:
    assert len(PAIRS) == 64
    assert {name.partition("_")[0] for name in PAIRS} == {"py", "js", "php"}


@pytest.mark.parametrize(("which", "word"), [(0, "insecure"), (1, "secure")])
def test_insecure_modules_fail_and_secure_ones_do_not(which: int, word: str, tmp_path: Path) -> None:
    found = failing(tmp_path / word, which, tmp_path / "state")
    if which == 0:
        assert [name for name in PAIRS if not found.get(name, set()) - ABOUT_THE_APPLICATION] == []
    else:
        assert {
            name: checks - ABOUT_THE_APPLICATION for name, checks in found.items() if checks - ABOUT_THE_APPLICATION
        } == {}
