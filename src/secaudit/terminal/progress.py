"""One line on stderr that shows how far the audit is, and disappears. Only on a terminal, after half a second."""

from __future__ import annotations

import os
import sys
import time

from secaudit.engine.collect import Progress
from secaudit.reporting.visible import visible
from secaudit.terminal.console import is_accessible
from secaudit.terminal.text import encodable

DELAY_S = 0.5
ERASE = "\r\x1b[K"


class ProgressLine:
    """An observer for `collect`. Use it as a context manager, so that the line is removed at the end."""

    def __init__(self, *, quiet: bool = False) -> None:
        can_erase = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._active = can_erase and not quiet and not is_accessible()
        self._begun = time.monotonic()
        self._shown = False

    def __call__(self, progress: Progress) -> None:
        self.tell(f"reading tables {progress.done}/{progress.total}  {progress.name}  {progress.detail}".rstrip())

    def tell(self, message: str) -> None:
        """Show how far it is."""
        if not self._active or time.monotonic() - self._begun < DELAY_S:
            return
        self._shown = True
        text = encodable(visible(message), err=True)
        sys.stderr.write(ERASE + text[: _columns() - 1])  # a line that wraps could not be erased
        sys.stderr.flush()

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            sys.stderr.write(ERASE)
            sys.stderr.flush()


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except OSError:
        return 80
