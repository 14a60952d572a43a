"""Lists and pages: what `list`, `show`, `history` and `explain` print, in text, plain or JSON."""

from __future__ import annotations

import json
import shutil
import sys
from textwrap import wrap

import click

from secaudit.app.listing import Listing, Page
from secaudit.reporting.visible import visible
from secaudit.terminal import shell
from secaudit.terminal.console import PROSE_WIDTH, signs_for, wants_color
from secaudit.terminal.text import echo, encodable, write_document

LABEL = 11


def show_listing(listing: Listing, fmt: str) -> None:
    """Print a list: text in columns, plain with tabs and no header, or JSON objects."""
    if fmt == "json":
        rows = [dict(zip(listing.columns, row, strict=True)) for row in listing.rows]
        write_document(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", is_json=True)
        return
    texts = [["" if cell is None else str(cell) for cell in row] for row in listing.rows]
    if fmt == "plain":
        for row in texts:
            click.echo(encodable("\t".join(visible(cell) for cell in row)))
        return
    if not texts and listing.footer:
        echo(listing.footer)
        return
    shown = [[encodable(visible(cell)) for cell in row] for row in texts]
    head = list(listing.columns)
    widths = [max([len(head[i]), *(len(row[i]) for row in shown)]) for i in range(len(head))]
    width = shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else 10_000
    _say(_row(head, widths, width), bold=True)
    for row in shown:
        click.echo(_row(row, widths, width))
    if listing.footer:
        click.echo()
        echo(listing.footer)


def _row(cells: list[str], widths: list[int], width: int) -> str:
    """Columns side by side. Only prose in the last one may be cut to the terminal's width, marked by dots; no path."""
    line = "  ".join(cell.ljust(size) for cell, size in zip(cells, widths, strict=True)).rstrip()
    room = width - sum(widths[:-1]) - 2 * (len(widths) - 1)
    if len(line) <= width or room < 20 or "/" in cells[-1]:
        return line
    return line[: width - 3].rstrip() + "..."


def _say(text: str, **style: bool | str) -> None:
    """Print a line with a style where colour is wanted."""
    if wants_color("auto", sys.stdout):
        click.echo(click.style(text, **style), color=True)  # type: ignore[arg-type]
    else:
        click.echo(text)


def show_page(page: Page, fmt: str = "text") -> None:
    """Print a page: a heading, then labelled paragraphs and commands."""
    if fmt == "json":
        data = {
            "title": page.title,
            "subtitle": page.subtitle,
            **{label.lower(): text for label, text, _ in page.parts},
        }
        write_document(json.dumps(data, ensure_ascii=False, indent=1) + "\n", is_json=True)
        return
    width = min(shutil.get_terminal_size((80, 24)).columns, PROSE_WIDTH)
    _say(encodable(visible(page.title)), bold=True)
    for line in _wrapped(page.subtitle, width):
        echo(line)
    click.echo()
    signs = signs_for(sys.stdout)
    for label, text, verbatim in page.parts:
        if label == "Here" and page.status is not None:
            text = f"{signs.of(page.status)} {text}"
        lines = _verbatim(text) if verbatim else [(LABEL + 2, line) for line in _wrapped(text, width - LABEL - 2)]
        for number, (indent, line) in enumerate(lines):
            head = f"  {label:<{LABEL}}" if number == 0 else " " * indent
            echo(f"{head}{line}".rstrip())


def _wrapped(text: str, width: int) -> list[str]:
    """Sentences in lines; words, commands and paths in them stay whole."""
    return [
        piece
        for line in text.rstrip("\n").split("\n")
        for piece in wrap(visible(line), max(30, width), break_long_words=False, break_on_hyphens=False) or [""]
    ]


def _verbatim(text: str) -> list[tuple[int, str]]:
    """Each line with its indent: none where a space in front would change what a pasted command does."""
    lines = text.rstrip("\n").split("\n")
    exact = {line.number for command in shell.commands(text) for line in command if line.kind is shell.Kind.EXACT}
    return [(0 if number in exact else LABEL + 2, line) for number, line in enumerate(lines)]
