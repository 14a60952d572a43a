"""What `secaudit` alone says: three examples and the last score. It never starts an audit."""

from __future__ import annotations

import click

from secaudit import __version__

TEXT = f"""\
secaudit {__version__}: an audit of this computer for ISO 27001 and OWASP

  secaudit audit                      see what to fix first; no setup needed
  secaudit audit -o report.html       and write a report for a client
  secaudit explain ssh-root-login     why a check matters and how to fix it

Nothing is changed on this machine, and nothing is sent anywhere.
"""


def show_start() -> None:
    """Print it."""
    click.echo(TEXT)
    if line := _last_score():
        from secaudit.terminal.text import echo

        echo(line)
    click.echo("All commands: secaudit --help")


def _last_score() -> str | None:
    """The score of the newest run; None when there is none."""
    from secaudit.errors import StateError
    from secaudit.history.store import stored_runs
    from secaudit.reporting.words import day

    try:
        summary = next((found for stored in stored_runs() if (found := stored.summary())), None)
    except StateError:
        return None
    if summary is None:
        return None
    score = f"{summary.low}" if summary.low == summary.high else f"{summary.low} to {summary.high}"
    grade = f"grade {summary.grade}" if summary.grade else "no grade"
    return f"Last score:   {score} of 100, {grade}, {summary.name}, {day(summary.finished)}"
