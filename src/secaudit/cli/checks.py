"""secaudit checks: list, show, new, test, lint."""

from __future__ import annotations

from pathlib import Path

import click

from secaudit.cli import options


@click.group()
def checks() -> None:
    """List, show, write, test and lint checks.

    \b
    Examples:
      secaudit checks list 'ssh-*'
      secaudit checks new ssh-banner --table sshd_config
      secaudit checks test ssh-banner
    """


@checks.command("list")
@click.argument("patterns", nargs=-1)
@click.option("--target", "kind", help="Only checks that can be made on this kind of target: host, root.")
@options.content
@options.output_format("text", "plain", "json")
def list_(patterns: tuple[str, ...], kind: str | None, content: tuple[Path, ...], fmt: str) -> None:
    """List the checks that fit PATTERNS: an id with *, topic:ssh, tag:desktop, a severity.

    \b
    Examples:
      secaudit checks list topic:ssh
      secaudit checks list --target root
    """
    from secaudit.app.checks import list_checks
    from secaudit.terminal.listing import show_listing

    show_listing(list_checks(patterns, content, kind), fmt)


@checks.command()
@click.argument("check_id", shell_complete=options.complete_check)
@click.option("--sql", is_flag=True, help="Only the query, for: secaudit query.")
@options.content
def show(check_id: str, sql: bool, content: tuple[Path, ...]) -> None:
    """Show the file of a check, or the query that it becomes.

    \b
    Example:
      secaudit query "$(secaudit checks show ssh-root-login --sql)"
    """
    from secaudit.app.checks import check_source
    from secaudit.terminal.text import echo

    echo(check_source(check_id, content, sql=sql))


@checks.command()
@click.argument("check_id")
@click.option(
    "--table", "table", required=True, help="The table that the check asks.", shell_complete=options.complete_table
)
@click.option("--topic", default=None, help="The folder; the first word of the id when left out.")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), help="A content folder; default: your own.")
def new(check_id: str, table: str, topic: str | None, into: Path | None) -> None:
    """Write a new check with both examples, from the columns of a table.

    \b
    Example:
      secaudit checks new ssh-banner --table sshd_config
    """
    from secaudit.app.checks import new_check
    from secaudit.terminal.text import echo

    path = new_check(check_id, table, topic, into)
    echo(f"written: {path}")
    echo(f"next:    fill it in, then: secaudit checks test {check_id} && secaudit checks lint {check_id}")


@checks.command()
@click.argument("patterns", nargs=-1, shell_complete=options.complete_check)
@options.content
@click.pass_context
def test(ctx: click.Context, patterns: tuple[str, ...], content: tuple[Path, ...]) -> int:
    """Run the examples of checks. Exit code 1 when one says something else than it should.

    \b
    Example:
      secaudit checks test 'ssh-*'
    """
    from secaudit.app.content import test_checks
    from secaudit.terminal.authoring import show_tests

    return show_tests(test_checks(patterns, content))


@checks.command()
@click.argument("patterns", nargs=-1, shell_complete=options.complete_check)
@click.option("--publish", is_flag=True, help="Note new ids in the ledger checks/ids.txt.")
@options.content
def lint(patterns: tuple[str, ...], publish: bool, content: tuple[Path, ...]) -> int:
    """Look for mistakes and for checks that could pass wrongly. Exit code 1 when there are any.

    Examples are spoiled one column at a time: a verdict may only move towards fail or unknown.

    \b
    Example:
      secaudit checks lint
    """
    from secaudit.app.content import lint_content, publish_new_ids
    from secaudit.terminal.authoring import show_lint

    code = show_lint(lint_content(patterns, content))
    if publish and code == 0:
        publish_new_ids(content)
    return code
