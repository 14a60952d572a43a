"""secaudit import."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("import")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--project", type=click.Path(path_type=Path), default=".", help="Which project. Default: this folder.")
@click.option("--format", "name", help="Of which tool the file is. Default: found out.")
@click.option("--prefix", default="", help="What paths in the file begin with, where the tool ran in another folder.")
@click.option("--list", "listed", is_flag=True, help="List what is imported for the project.")
@click.option("--remove", multiple=True, help="Remove an import by id or tool, or `all`. Repeatable.")
def import_(
    files: tuple[Path, ...], project: Path, name: str | None, prefix: str, listed: bool, remove: tuple[str, ...]
) -> None:
    """Take over the findings in FILES of other tools, for later audits of a project. They can only add failures.

    Known are SARIF 2.1.0 and the JSON of gitleaks, bandit, semgrep, npm audit, pip-audit and trivy. Values of secrets
    are not kept. What is imported lies in your state folder, never in the project.

    \b
    Examples:
      bandit -r . -f json -o bandit.json ; secaudit import bandit.json
      secaudit import gitleaks.json results.sarif --project shop
      secaudit import --list
      secaudit import --remove bandit
    """
    from secaudit.app.imports import import_file, list_imports, remove_imports
    from secaudit.errors import UsageError
    from secaudit.reporting.words import count_of
    from secaudit.terminal.listing import show_listing
    from secaudit.terminal.text import echo

    if not files and not listed and not remove:
        raise UsageError("name a file, --list or --remove", (("help", "secaudit import --help"),))
    if remove:
        echo(f"removed: {count_of(remove_imports(project, remove), 'import')}", err=True)
    for file in files:
        echo(str(import_file(file, project, name, prefix)))
    if listed:
        show_listing(list_imports(project), "text")
