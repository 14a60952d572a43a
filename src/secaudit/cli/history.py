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
