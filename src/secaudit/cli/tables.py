"""secaudit tables: list, show."""

from __future__ import annotations

import click

from secaudit.cli import options


@click.group(invoke_without_command=True)
@click.pass_context
def tables(ctx: click.Context) -> None:
    """List the tables, or show the columns of one.

    \b
    Examples:
      secaudit tables
      secaudit tables show sshd_config
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_, fmt="text")


@tables.command("list")
@options.output_format("text", "plain", "json")
def list_(fmt: str) -> None:
    """List all tables.

    \b
    Example:
      secaudit tables list --format plain
    """
    from secaudit.app.tables import list_tables
    from secaudit.terminal.listing import show_listing

    show_listing(list_tables(), fmt)


@tables.command()
@click.argument("name", shell_complete=options.complete_table)
@options.output_format("text", "json")
def show(name: str, fmt: str) -> None:
    """Show the columns of a table and where its rows come from.

    \b
    Example:
      secaudit tables show users
    """
    from secaudit.app.tables import show_table
    from secaudit.terminal.listing import show_page

    show_page(show_table(name), fmt)
