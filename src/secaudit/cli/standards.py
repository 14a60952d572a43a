"""secaudit standards: list, show, coverage."""

from __future__ import annotations

from pathlib import Path

import click

from secaudit.cli import options


@click.group()
def standards() -> None:
    """List and show standards and what covers them.

    \b
    Examples:
      secaudit standards list
      secaudit standards coverage iso27001-2022
    """


@standards.command("list")
@options.output_format("text", "plain", "json")
@options.content
def list_(fmt: str, content: tuple[Path, ...]) -> None:
    """List all standards.

    \b
    Example:
      secaudit standards list
    """
    from secaudit.app.standards import list_standards
    from secaudit.terminal.listing import show_listing

    show_listing(list_standards(content), fmt)


@standards.command()
@click.argument("standard", shell_complete=options.complete_standard)
@options.output_format("text", "plain", "json")
@options.content
def show(standard: str, fmt: str, content: tuple[Path, ...]) -> None:
    """Show the controls of STANDARD with their objectives; `readiness` shows our objectives.

    \b
    Example:
      secaudit standards show owasp-top10-2025
    """
    from secaudit.app.standards import show_standard
    from secaudit.terminal.listing import show_listing

    show_listing(show_standard(standard, content), fmt)


@standards.command()
@click.argument("standard", shell_complete=options.complete_standard)
@click.option("--all", "whole", is_flag=True, help="Show every control, also of a long standard.")
@options.output_format("text", "plain", "json")
@options.content
def coverage(standard: str, whole: bool, fmt: str, content: tuple[Path, ...]) -> None:
    """Show who can answer for each control: checks, people, other targets, or nothing.

    A standard of more than 200 controls is counted by chapter.

    \b
    Examples:
      secaudit standards coverage iso27001-2022
      secaudit standards coverage owasp-asvs-5.0 --all
    """
    from secaudit.app.coverage import coverage as use_case
    from secaudit.terminal.listing import show_listing

    show_listing(use_case(standard, content, whole=whole), fmt)
