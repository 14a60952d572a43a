"""secaudit report."""

from __future__ import annotations

import sys

import click

from secaudit.app.output import ON_STDOUT, SUFFIXES
from secaudit.cli import options


@click.command()
@click.argument("run", required=False)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    help=f"Write a file; its ending says the format ({' '.join(SUFFIXES)}), or FORMAT=FILE.",
)
@click.option("--format", "fmt", type=click.Choice(["text", *ON_STDOUT]), help="What stdout shows.")
@click.option("--open", "open_", is_flag=True, help="Open the HTML report in a browser.")
@click.option("--top", type=click.IntRange(1, 1000), default=5, show_default=True, help="How many fixes to show.")
@click.option("--all", "everything", is_flag=True, help="Show every finding.")
@options.color
def report(
    run: str | None, outputs: tuple[str, ...], fmt: str | None, open_: bool, top: int, everything: bool, color: str
) -> None:
    """Show a stored RUN again, or write it as a file. RUN is an id, how it begins, or a run.json; default: the newest.

    \b
    Examples:
      secaudit report --open
      secaudit report -o report.html -o summary.md
      secaudit report 20261123T1748 --format plain
      secaudit report --format sarif > secaudit.sarif
    """
    from secaudit.cli.report_run import open_in_browser, show_again, write_again

    if outputs:
        write_again(run, outputs)
    if open_:
        open_in_browser(run)
    if not outputs and not open_:
        show_again(
            run, fmt or ("text" if sys.stdout.isatty() else "plain"), top=top, everything=everything, color=color
        )
