"""secaudit explain."""

from __future__ import annotations

from pathlib import Path

import click

from secaudit.cli import options


@click.command()
@click.argument("name", shell_complete=options.complete_anything)
@options.output_format("text", "json")
@options.content
def explain(name: str, fmt: str, content: tuple[Path, ...]) -> None:
    """Say what NAME means: a check, control, objective, table, or exit-codes.

    For a check: why it matters, what was seen here, how to verify it by hand, how to fix and undo it.

    \b
    Examples:
      secaudit explain ssh-root-login
      secaudit explain iso27001:A.8.13
      secaudit explain disks-encrypted
      secaudit explain exit-codes
    """
    from secaudit.app.explaining import explain as use_case
    from secaudit.terminal.listing import show_page

    show_page(use_case(name, content), fmt)
