"""The process that searches code. It is one of its own, because a parser may crash or never end on hostile text.

It runs in a folder with the files to search and prints one line of JSON before and one after each of them, so that
whoever started it knows which file was the last. Names are `<number>.<ending>`.
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import sys
from typing import Sequence

FILE_CPU_S = 6
"""How much of the processor one file may take; then the process is ended by the system."""

FILE_TIMEOUT_S = 60
"""How long one file may take on a busy machine, and where the system cannot count processor time."""

MEMORY_BYTES = 2 * 1024 * 1024 * 1024


def main(arguments: Sequence[str]) -> int:
    """Search the files of the current folder with the rules of the languages that are named."""
    try:
        import ast_grep_py  # noqa: F401  without it no file can be searched
    except ImportError as error:
        _say({"missing": str(error)[:200]})
        return 1
    from secaudit.codesearch.rules import load_rules
    from secaudit.codesearch.search import search_text
    from secaudit.codesearch.templates import load_template_rules

    _limit_memory()
    sys.setrecursionlimit(5000)
    sets = {language: load_rules(language) for language in arguments}
    templates = load_template_rules()
    null = open(os.devnull, "w")  # noqa: SIM115  it is needed until the end
    for name in sorted(os.listdir("."), key=lambda item: int(item.partition(".")[0])):
        _say({"file": name})
        _limit_time(FILE_CPU_S)
        faulthandler.dump_traceback_later(FILE_TIMEOUT_S, exit=True, file=null)
        with open(name, "rb") as file:
            text = file.read().decode("utf-8", "replace")
        places, problem = search_text(text, name.partition(".")[2], sets, templates)
        faulthandler.cancel_dump_traceback_later()
        _limit_time(0)
        _say({"done": name, "problem": problem, "places": [list(place) for place in places]})
    return 0


def _say(row: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


def _limit_time(seconds: int) -> None:
    """End this process when so much processor time is used from now on; 0 takes that back."""
    if hasattr(signal, "setitimer"):  # what SIGPROF does by itself is to end the process, also inside a library
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # not on this system
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
