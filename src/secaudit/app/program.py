"""How this program was started."""

from __future__ import annotations

import os
import shutil
import sys


def program_path() -> str:
    """The absolute path of the `secaudit` that runs now, for commands that a person pastes behind sudo."""
    started = sys.argv[0]
    if os.path.basename(started) == "secaudit":
        path = os.path.abspath(started) if "/" in started else shutil.which(started)
        if path and os.path.exists(path):
            return path
    beside = os.path.join(os.path.dirname(sys.executable), "secaudit")
    return beside if os.path.exists(beside) else "secaudit"


def program_name() -> str:
    """`secaudit` where a shell finds the one that runs now, else its absolute path."""
    path, found = program_path(), shutil.which("secaudit")
    if found is not None and os.path.realpath(found) == os.path.realpath(path):
        return "secaudit"
    return path
