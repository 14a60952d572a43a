"""What people see, kept as readable files and compared whole. SECAUDIT_ACCEPT=1 accepts a change; then read the diff."""

from __future__ import annotations

import os
from pathlib import Path


def assert_accepted(file: Path, text: str) -> None:
    """The text is the accepted one, character for character."""
    if os.environ.get("SECAUDIT_ACCEPT"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    assert text == file.read_text(encoding="utf-8"), f"{file.name}: see the top of tests/accepted.py"
