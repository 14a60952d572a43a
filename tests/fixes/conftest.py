"""Says at the end which fixes were tried and which were not."""

from __future__ import annotations

import textwrap

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    ran = {
        report.nodeid
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        if "test_fix_works[" in report.nodeid
    }
    if not ran:
        return
    from cases import load_not_run, reasons_not_run
    from workers import THOROUGH

    after = (
        "all checks were looked at after each"
        if THOROUGH
        else "only its own check was looked at (all: make test-fixes)"
    )
    terminalreporter.write_line(f"\nfixes tried: {len(ran)}; {after}. Not tried: {len(load_not_run())}")
    if THOROUGH:
        for reason, checks in reasons_not_run().items():
            terminalreporter.write_line(f"  {reason}")
            terminalreporter.write_line(
                textwrap.indent(textwrap.fill(" ".join(checks), 100, break_on_hyphens=False), "    ")
            )
