"""Run what prints, and give the text that a person sees."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import pytest

from secaudit.model import Run
from secaudit.terminal.audit_view import AuditView, Surroundings

ENVIRONMENT = ("NO_COLOR", "FORCE_COLOR", "SECAUDIT_ACCESSIBLE", "TERM", "LINES", "TTY_COMPATIBLE", "TTY_INTERACTIVE")


class Screen:
    """A stdout of a given width and encoding that is not a terminal."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch
        self.columns = 80
        self.encoding = "utf-8"
        for name in ENVIRONMENT:
            monkeypatch.delenv(name, raising=False)

    def of(self, work: Callable[[], object]) -> str:
        """What the work prints to stdout, with ESC as a readable sign."""
        raw = io.BytesIO()
        out = io.TextIOWrapper(raw, encoding=self.encoding, newline="\n", write_through=True)
        self._patch.setenv("COLUMNS", str(self.columns))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stdout", out)
            work()
            out.flush()
        return raw.getvalue().decode(self.encoding).replace("\x1b", "␛")

    def audit(self, run: Run, around: Surroundings, color: str = "auto") -> str:
        """The view of a run."""
        return self.of(lambda: AuditView(run, around, color).show())


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    return Screen(monkeypatch)
