"""Fixtures of the tests of advisories."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test keeps its data in a folder of its own."""
    state = tmp_path / "state"
    monkeypatch.setenv("SECAUDIT_STATE", str(state))
    return state
