"""secaudit doctor."""

from __future__ import annotations

from pathlib import Path

import click

from secaudit.cli import options


@click.command()
@options.content
def doctor(content: tuple[Path, ...]) -> None:
    """Say what this program can see here, which content is in force, and what would help.

    \b
    Example:
      secaudit doctor
    """
    import sys

    from secaudit.app.examining import examine
    from secaudit.terminal.console import signs_for
    from secaudit.terminal.text import echo

    signs = signs_for(sys.stdout)
    for finding in examine(content):
        echo(f"  {signs.passed if finding.is_good else '!'} {finding.text}")
        if finding.fix:
            echo(f"    {finding.fix}")
