"""Every accuracy case: the real program says what the case says, and secaudit's verdict is the one that follows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from worlds import Case, change, load_cases, may_mount, real_answer, verdicts, world

from debian_roots import needs_roots

CASES = load_cases()
SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "make_accuracy.py"


needs_mounts = pytest.mark.skipif(
    not may_mount() and not os.environ.get("CI"), reason="needs root and the right to mount"
)


@needs_roots
@needs_mounts
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_verdict_is_what_the_real_program_does(case: Case, tmp_path: Path) -> None:
    with world(case.suite, tmp_path) as root:
        change(case, root)
        assert real_answer(case, root) == case.answer.strip()
        assert verdicts(case, root) == dict(case.verdicts)


def test_the_page_is_that_of_the_cases() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_there_are_many_cases_about_many_settings() -> None:
    assert len({case.setting for case in CASES}) >= 40
