"""secaudit fix."""

from __future__ import annotations

from pathlib import Path

import click

from secaudit.cli import options
from secaudit.model import Severity


@click.command()
@click.argument("run", required=False)
@click.option(
    "--only",
    multiple=True,
    shell_complete=options.complete_check,
    help="Only these failing checks: an id with *, topic:ssh, tag:desktop, a severity, iso27001:A.8.5. Repeatable.",
)
@click.option(
    "--severity",
    type=click.Choice([str(item) for item in Severity]),
    help="All that failed from this severity up. Default: the five steps that an audit shows first.",
)
@click.option(
    "--format",
    "fmt",
    type=click.Choice(["sh", "ansible"]),
    default="sh",
    show_default=True,
    help="A shell script, or an Ansible playbook.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a file. For a script its undo script is written beside it: fix.sh and fix-undo.sh.",
)
@click.option("--undo", is_flag=True, help="Print the undo script of the same steps.")
@options.content
@options.quiet
def fix(
    run: str | None, only: tuple[str, ...], severity: str | None, fmt: str, output: Path | None, undo: bool,
    content: tuple[Path, ...], quiet: bool,
) -> None:  # fmt: skip
    """Print a script that mends what failed in a stored RUN. It changes nothing by itself: read it, then run it.

    RUN is an id, how it begins, or a run.json; default: the newest. Each step of the script says why, keeps a copy of
    what it touches, asks before it begins, and can be undone.

    \b
    Examples:
      secaudit fix -o fix.sh                      the first five steps, and fix-undo.sh beside it
      secaudit fix --only ssh-root-login | less   read one step
      secaudit fix --severity high -o fix.sh      all that failed from high up
      secaudit fix --format ansible -o fix.yml    the same steps as a playbook
      secaudit fix --undo > fix-undo.sh           what takes them back
    """
    from secaudit.app.fixing import FixRequest, make_fix
    from secaudit.cli.fix_run import show_fix

    request = FixRequest(
        run=run, only=only, severity=Severity(severity) if severity else None, fmt=fmt, undo=undo, output=output,
        content=content,
    )  # fmt: skip
    show_fix(make_fix(request), request, quiet=quiet)
