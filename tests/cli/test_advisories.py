"""`advisories`: what a person reads after importing, and in the status."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from runprogram import secaudit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "advisories"))
from osvtest import filler, make_zip, record


def test_without_data_the_status_says_how_to_get_some(tmp_path: Path) -> None:
    done = secaudit("advisories", "status", state=tmp_path / "state")
    assert done.returncode == 0
    assert done.stdout.count("no data") == 8
    assert "fetch them: secaudit advisories update" in done.stdout


def test_import_says_what_was_taken_and_what_was_not(tmp_path: Path) -> None:
    gone = record("thing", id="GONE-1", withdrawn="2024-01-01T00:00:00Z", versions=["1"])
    path = make_zip(tmp_path / "all.zip", [*filler("PyPI"), gone])
    done = secaudit("advisories", "import", str(path), state=tmp_path / "state")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "PyPI: 120 advisories as of 2026-11-22, from all.zip",
        "  left out: 1 that were withdrawn",
    ]
    shown = secaudit("advisories", "status", "--format", "json", "--old-days", "100000", state=tmp_path / "state")
    rows = {row["ecosystem"]: row for row in json.loads(shown.stdout)}
    assert (rows["PyPI"]["advisories"], rows["PyPI"]["date"], rows["PyPI"]["state"]) == (120, "2026-11-22", "fresh")
    assert rows["npm"]["state"] == "no data"


def test_old_and_damaged_data_is_called_so(tmp_path: Path) -> None:
    old = [{**item, "modified": "2020-01-01T00:00:00Z"} for item in filler("npm")]
    for path in (make_zip(tmp_path / "npm" / "all.zip", old), make_zip(tmp_path / "Go" / "all.zip", filler("Go"))):
        assert secaudit("advisories", "import", str(path), state=tmp_path / "state").returncode == 0
    (tmp_path / "state/advisories/Go.sqlite").write_bytes(b"not a database at all")
    done = secaudit("advisories", "status", state=tmp_path / "state")
    assert done.returncode == 0
    lines = {line.split()[0]: line for line in done.stdout.splitlines() if line}
    assert "old" in lines["npm"].split()
    assert "damaged" in lines["Go"]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("import", "missing.zip"), "No such file"),
        (("import", ".", "--ecosystem", "Hex"), 'no ecosystem "Hex"'),
        (("import", ".", "--as-of", "yesterday"), '"yesterday" is no day'),
        (("import", ".", "--as-of", "2999-01-01"), "still to come"),
        (("update", "--ecosystem", "pip"), 'no ecosystem "pip"'),
        (("update", "--url", "http://example.org"), "not an https address"),
    ],
)
def test_mistakes_are_named_with_a_way_out(tmp_path: Path, words: tuple[str, ...], text: str) -> None:
    done = secaudit("advisories", *words, state=tmp_path / "state", cwd=tmp_path)
    assert done.returncode == 2
    assert text in done.stderr
    assert len(done.stderr.splitlines()) >= 2, "an error says how to mend it"
    assert not (tmp_path / "state" / "advisories").exists()


def test_names_in_an_archive_cannot_act_on_the_terminal(tmp_path: Path) -> None:
    for name in ("a\x1b[2Jb.zip", "a\nnpm: 9 advisories.zip", "a\udcff.zip"):
        path = make_zip(tmp_path / name, filler("PyPI"))
        done = secaudit("advisories", "import", str(path), state=tmp_path / "state")
        assert (done.returncode, len(done.stdout.splitlines())) == (0, 1), done.stderr
        assert "\x1b" not in done.stdout + secaudit("advisories", "status", state=tmp_path / "state").stdout


def test_every_command_has_an_example_in_its_help(tmp_path: Path) -> None:
    for words in ((), ("import",), ("update",), ("status",)):
        done = secaudit("advisories", *words, "--help", state=tmp_path / "state")
        assert "secaudit advisories" in done.stdout.split("Example", 1)[1]
