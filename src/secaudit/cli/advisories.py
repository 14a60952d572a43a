"""secaudit advisories: import, update, status."""

from __future__ import annotations

from pathlib import Path

import click

from secaudit.cli import options

force_option = click.option("--force", is_flag=True, help="Also take data with less than half of what is kept now.")


@click.group()
def advisories() -> None:
    """Keep lists of known holes in packages, for audits of projects.

    Audits use only what is kept here and never ask anybody. Without data, or with old data, they say "could not
    check".

    \b
    Examples:
      secaudit advisories status
      secaudit advisories update --ecosystem PyPI --ecosystem npm
      secaudit advisories import ~/Downloads/all.zip --ecosystem npm
    """


@advisories.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--ecosystem", help="Take only this one: PyPI, npm, Packagist, RubyGems, Go, crates.io, Maven, NuGet.")
@click.option("--as-of", metavar="DAY", help="The day on which it was fetched, if later than its latest change.")
@force_option
@options.quiet
def import_(path: Path, ecosystem: str | None, as_of: str | None, force: bool, quiet: bool) -> int:
    """Take over a list of holes from a file or folder. No network is used.

    PATH is an OSV zip of an ecosystem, a folder of OSV records (JSON or YAML), a cache folder of osv-scanner, or a
    single record, which is added to what is kept. A zip or folder replaces what is kept for its ecosystem.

    \b
    Examples:
      secaudit advisories import PyPI/all.zip
      secaudit advisories import ~/.cache/osv-scanner
      secaudit advisories import advisory-database/vulns --as-of 2026-11-28
    """
    from secaudit.app.advising import import_advisories
    from secaudit.terminal.progress import ProgressLine
    from secaudit.terminal.text import echo

    with ProgressLine(quiet=quiet) as line:
        taken = import_advisories(path, ecosystem=ecosystem, as_of=as_of, force=force, progress=line.tell)
    echo("\n".join(taken.lines))
    return 2 if taken.failed else 0


@advisories.command()
@click.option("--ecosystem", "ecosystems", multiple=True, help="Which one; all when left out. May be repeated.")
@click.option("--url", help="A mirror (https); default: SECAUDIT_ADVISORIES_URL, else the public data of OSV.")
@force_option
@options.quiet
def update(ecosystems: tuple[str, ...], url: str | None, force: bool, quiet: bool) -> int:
    """Fetch the public lists of OSV. This is the only command of advisories that uses the network.

    The addresses are shown first. Nothing about your projects is sent: whole lists are fetched.

    \b
    Examples:
      secaudit advisories update --ecosystem PyPI
      secaudit advisories update --url https://mirror.example.org/osv
    """
    from secaudit.app.advising import addresses, update_advisories
    from secaudit.terminal.progress import ProgressLine
    from secaudit.terminal.text import echo

    wanted = addresses(ecosystems, url)
    if not quiet:
        echo("\n".join(f"fetching {address}" for _, address in wanted), err=True)
    with ProgressLine(quiet=quiet) as line:
        taken = update_advisories(wanted, force=force, progress=line.tell)
    echo("\n".join(taken.lines))
    return 2 if taken.failed else 0


@advisories.command()
@click.option("--old-days", type=click.IntRange(0), default=7, show_default=True, help="Older data is called old.")
@options.output_format("text", "plain", "json")
def status(old_days: int, fmt: str) -> None:
    """Say what is kept: for each ecosystem the date, the age in days and the number of advisories.

    \b
    Example:
      secaudit advisories status
    """
    from secaudit.app.advising import status as use_case
    from secaudit.terminal.listing import show_listing

    show_listing(use_case(old_days), fmt)
