"""How this program was started."""

from __future__ import annotations

import os
import shlex
import shutil
import sys


def program_words() -> list[str]:
    """The words that start the `secaudit` that runs now, with absolute paths, for commands behind sudo.

    sudo does not look where pipx and uv install, so a bare name would not be found.
    """
    started = sys.argv[0]
    name = os.path.basename(started)
    if name == "secaudit":
        path = os.path.abspath(started) if "/" in started else shutil.which(started)
        if path and os.path.exists(path):
            return [path]
    if name == "__main__.py":
        return [sys.executable, "-m", "secaudit"]
    beside = os.path.join(os.path.dirname(sys.executable), "secaudit")
    return [beside] if os.path.exists(beside) else ["secaudit"]


def program_path() -> str:
    """The same as one text, as a shell reads it."""
    return shlex.join(program_words())


def short_words() -> list[str]:
    """`secaudit` where a shell finds the one that runs now, else the same with absolute paths."""
    words, found = program_words(), shutil.which("secaudit")
    if found is not None and os.path.realpath(found) == os.path.realpath(words[0]):
        return ["secaudit"]
    return words
