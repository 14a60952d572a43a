"""One line on stderr that shows how far the audit is, and disappears. Only on a terminal, after half a second."""

from __future__ import annotations

import sys
import time

from secaudit.engine.collect import Progress
from secaudit.terminal.console import is_accessible

DELAY_S = 0.5


class ProgressLine:
    """An observer for `collect`. Use it as a context manager, so that the line is removed at the end."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._active = not quiet and sys.stderr.isatty() and not is_accessible()
        self._begun = time.monotonic()
        self._shown = False

    def __call__(self, progress: Progress) -> None:
        if not self._active or time.monotonic() - self._begun < DELAY_S:
            return
        self._shown = True
        sys.stderr.write(f"\r\x1b[Kreading tables {progress.done}/{progress.total}  {progress.name}")
        sys.stderr.flush()

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
