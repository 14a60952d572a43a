"""`checks new` writes a check that is sound as it stands, in the folder of the table's family."""

from __future__ import annotations

from pathlib import Path

import pytest

from runprogram import secaudit


@pytest.mark.parametrize(
    ("table", "family"), [("sshd_config", "host"), ("project_files", "project"), ("http_headers", "network")]
)
def test_a_new_check_is_sound_and_lies_with_its_family(tmp_path: Path, table: str, family: str) -> None:
    own = tmp_path / "own"
    done = secaudit("checks", "new", "own-check", "--table", table, "--into", str(own), state=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [path.relative_to(own).as_posix() for path in own.rglob("*.yaml")] == [f"checks/{family}/own/own-check.yaml"]
    lint = secaudit("checks", "lint", "own-check", "--content", str(own), state=tmp_path)
    assert lint.returncode == 0, lint.stdout + lint.stderr
    again = secaudit("checks", "new", "own-check", "--table", table, "--into", str(own), state=tmp_path)
    assert again.returncode == 2
    assert "exists" in again.stderr
