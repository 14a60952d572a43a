"""Start-up: `secaudit --version`, help and completion against `python -c pass`."""

from __future__ import annotations

import os
import sys

from bench.measure import in_turn, show

BUDGET = "at most 5 x python -c pass"


def run() -> None:
    """Measure and print."""
    program = os.path.join(os.path.dirname(sys.executable), "secaudit")
    completion = ["env", "_SECAUDIT_COMPLETE=bash_complete", "COMP_WORDS=secaudit a", "COMP_CWORD=1", program]
    found = in_turn(
        {
            "python -c pass": [sys.executable, "-c", "pass"],
            "secaudit --version": [program, "--version"],
            "secaudit --help": [program, "--help"],
            "completion": completion,
        },
        25,
    )
    show("Start-up", found, "python -c pass", BUDGET)
