"""secaudit baseline: create, show."""

from __future__ import annotations

from pathlib import Path

import click

from secaudit.cli import options


@click.group()
def baseline() -> None:
    """Accept old findings, so that new ones stand out. Accepted findings stay failures and stay visible.

    \b
    Examples:
      secaudit baseline create --project . -o baseline.json --reason 'before we began'
      secaudit audit . --baseline baseline.json
      secaudit baseline show baseline.json
    """


@baseline.command()
@click.option("--project", type=click.Path(path_type=Path), help="A folder of source code.")
@click.option("--root", type=click.Path(path_type=Path), help="A mounted file system or an archive of one.")
@click.option("--profile", shell_complete=options.complete_profile, help="Which checks. Default: as for audit.")
@click.option("--only", multiple=True, help="Accept findings of these checks only. As for audit.")
@click.option("--skip", multiple=True, help="Accept nothing of these checks. As for audit.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The file to write.")
@click.option("--reason", required=True, help="Why these findings are accepted.")
@click.option("--owner", help="Who accepts them.")
@click.option("--until", help="The last day on which they count, YYYY-MM-DD. Default: they do not expire.")
@click.option("--update", is_flag=True, help="Keep what is in the file and still found, and add what is new.")
@options.content
@options.quiet
def create(
    project: Path | None, root: Path | None, profile: str | None, only: tuple[str, ...], skip: tuple[str, ...],
    output: Path, reason: str, owner: str | None, until: str | None, update: bool, content: tuple[Path, ...],
    quiet: bool,
) -> None:  # fmt: skip
    """Audit, and write all that fails into a file of accepted findings. This machine when no target is named.

    \b
    Examples:
      secaudit baseline create --project . -o baseline.json --reason 'before we began'
      secaudit baseline create --project . -o baseline.json --reason 'ticket 12' --until 2027-03-31 --update
    """
    from secaudit.app.auditing import AuditRequest
    from secaudit.app.baselines import create as use_case
    from secaudit.errors import UsageError
    from secaudit.terminal.progress import ProgressLine
    from secaudit.terminal.text import echo

    if project is not None and root is not None:
        raise UsageError("name one target: --project or --root", (("help", "secaudit baseline create --help"),))
    request = AuditRequest(root=root, project=project, profile=profile, only=only, skip=skip, content=content)
    with ProgressLine(quiet=quiet) as progress:
        made = use_case(request, output, reason, owner=owner, until=until, update=update, observe=progress)
    if not quiet:
        echo(f"written: {output}\n{made}", err=True)


@baseline.command()
@click.argument("file", type=click.Path(path_type=Path))
@options.output_format("text", "plain", "json")
def show(file: Path, fmt: str) -> None:
    """List what a file accepts, until when, and why.

    \b
    Example:
      secaudit baseline show baseline.json
    """
    from secaudit.app.baselines import show as use_case
    from secaudit.terminal.listing import show_listing

    show_listing(use_case(file), fmt)
