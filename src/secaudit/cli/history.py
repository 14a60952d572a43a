"""secaudit history."""

from __future__ import annotations

import click

from secaudit.cli import options


@click.command()
@options.output_format("text", "plain", "json")
def history(fmt: str) -> None:
    """List stored runs, newest first.

    \b
    Examples:
      secaudit history
      secaudit report 20261123          show a run again by how its id begins
    """
    from secaudit.app.listing_runs import list_runs
    from secaudit.terminal.listing import show_listing

    show_listing(list_runs(), fmt)


def last_line() -> None:
    """The score of the newest run, for the short help. Says nothing when there is none."""
    from secaudit.errors import StateError
    from secaudit.history.store import stored_runs
    from secaudit.terminal.text import echo

    try:
        summary = next((found for stored in stored_runs() if (found := stored.summary())), None)
    except StateError:
        return
    if summary is not None:
        echo(f"\nLast run: {summary.name}, {summary.low} to {summary.high} of 100, {summary.finished[:10]}")
