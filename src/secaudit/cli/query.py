"""secaudit query."""

from __future__ import annotations

from pathlib import Path

import click

from secaudit.cli import options


@click.command()
@click.argument("sql")
@click.option("--root", type=click.Path(path_type=Path), help="Ask a mounted file system, or an archive of one.")
@click.option("--project", type=click.Path(path_type=Path), help="Ask a project.")
@click.option("--run", "run", help="Ask a stored run, by its id or how it begins.")
@click.option("--replay", type=click.Path(path_type=Path), help="Ask a recorded snapshot.jsonl.")
@click.option("--files", multiple=True, help="Path pattern for the tables file, paths and path_chain. May be repeated.")
@options.output_format("text", "plain", "json")
def query(
    sql: str, root: Path | None, project: Path | None, run: str | None, replay: Path | None, files: tuple[str, ...],
    fmt: str,
) -> None:  # fmt: skip
    """Put an SQL question to the tables. Only SELECT is possible.

    Tables that could not be read completely are named on stderr.

    \b
    Examples:
      secaudit query "SELECT username, shell FROM users WHERE can_log_in = 1"
      secaudit query --files '/etc/ssh/*' "SELECT path, mode_octal FROM file"
      secaudit query --root /mnt/disk --format json "SELECT * FROM os_version"
    """
    from secaudit.app.querying import query as use_case
    from secaudit.reporting.visible import visible
    from secaudit.terminal.listing import show_listing
    from secaudit.terminal.text import echo

    listing, notes = use_case(sql, root=root, project=project, run=run, replay=replay, files=files)
    show_listing(listing, fmt)
    for note in notes:
        echo(visible(f"note: {note}"), err=True)  # one line: a name in it cannot begin another
