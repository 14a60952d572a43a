"""secaudit diff."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from secaudit.cli import options
from secaudit.model import Severity


@click.command()
@click.argument("old", required=False)
@click.argument("new", required=False)
@click.option("--target", help="The newest two runs of this target, as history names it.")
@click.option("--format", "fmt", type=click.Choice(["text", "plain", "json"]), help="How to print.")
@click.option(
    "--fail-on",
    type=click.Choice([*(str(item) for item in Severity), "never"]),
    default="low",
    show_default=True,
    help="Exit code 1 when something of this severity or above got worse.",
)
@options.content
@options.color
def diff(
    old: str | None,
    new: str | None,
    target: str | None,
    fmt: str | None,
    fail_on: str,
    content: tuple[Path, ...],
    color: str,
) -> int:
    """Say what changed between two stored runs of one target. Default: the newest run and the one before it.

    OLD and NEW are ids, how they begin, or files written by audit -o run.json. What comes from other checks is told
    apart from what changed on the target.

    \b
    Examples:
      secaudit diff
      secaudit diff --target https://shop.example/
      secaudit diff 20261122 20261129 --format plain
      secaudit audit https://shop.example/ ... -q >last.txt; secaudit diff --fail-on medium || mail -s 'got worse' me
    """
    from secaudit.app.diffing import diff as compare_runs
    from secaudit.errors import UsageError
    from secaudit.terminal.diff_view import show_difference

    if target is not None and old is not None:
        raise UsageError("name runs, or a target (option --target)", (("help", "secaudit diff --help"),))
    found = compare_runs(old, new, target, content)
    show_difference(found, fmt or ("text" if sys.stdout.isatty() else "plain"), color)
    return 1 if fail_on != "never" and found.worse(Severity(fail_on)) else 0
