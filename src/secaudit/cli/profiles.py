"""secaudit profiles: list, show."""

from __future__ import annotations

from pathlib import Path

import click

from secaudit.cli import options


@click.group()
def profiles() -> None:
    """List and show profiles: selections of checks.

    \b
    Examples:
      secaudit profiles list
      secaudit profiles show server
    """


@profiles.command("list")
@options.output_format("text", "plain", "json")
@options.content
def list_(fmt: str, content: tuple[Path, ...]) -> None:
    """List all profiles.

    \b
    Example:
      secaudit profiles list
    """
    from secaudit.app.profiles import list_profiles
    from secaudit.terminal.listing import show_listing

    show_listing(list_profiles(content), fmt)


@profiles.command()
@click.argument("profile", shell_complete=options.complete_profile)
@options.output_format("text", "json")
@options.content
def show(profile: str, fmt: str, content: tuple[Path, ...]) -> None:
    """Show what a profile selects, leaves out and sets.

    \b
    Example:
      secaudit profiles show freelancer
    """
    from secaudit.app.profiles import show_profile
    from secaudit.terminal.listing import show_page

    show_page(show_profile(profile, content), fmt)
