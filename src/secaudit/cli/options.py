"""Options and completions that several commands share. The same option means the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

F = TypeVar("F", bound=Callable[..., Any])

content = click.option(
    "--content",
    "content",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A folder with checks/ and standards/ of your own; wins over ours by id. May be repeated.",
)


def output_format(*names: str, default: str | None = None) -> Callable[[F], F]:
    """`--format`, with the given choices; text on a terminal and plain in a pipe when not given."""
    return click.option("--format", "fmt", type=click.Choice(names), default=default or names[0], help="How to print.")


def _ids(folder: str, incomplete: str) -> list[CompletionItem]:
    """Ids from file names, without reading a file."""
    from secaudit.content.root import content_root

    paths = (content_root() / folder).rglob("*.yaml")
    found = {path.stem for path in paths if "/_" not in path.as_posix()}
    return [CompletionItem(name) for name in sorted(found) if name.startswith(incomplete)]


def complete_check(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return _ids("checks", incomplete)


def complete_standard(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [item for item in _ids("standards", incomplete) if item.value not in _profile_names()]


def complete_profile(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return _ids("standards/profiles", incomplete)


def _profile_names() -> set[str]:
    return {str(item.value) for item in _ids("standards/profiles", "")}


def complete_table(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from secaudit.engine.registry import table_modules

    return [CompletionItem(name) for name in table_modules() if name.startswith(incomplete)]


def complete_anything(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return _ids("checks", incomplete) + complete_table(ctx, param, incomplete)


quiet = click.option("-q", "--quiet", is_flag=True, help="No progress and no notes on stderr; errors only.")

color = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="auto: on a terminal, unless NO_COLOR is set.",
)
