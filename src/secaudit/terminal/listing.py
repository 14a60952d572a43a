"""Lists and pages: what `list`, `show`, `history` and `explain` print, in text, plain or JSON."""

from __future__ import annotations

import json
import shutil
import sys
from textwrap import wrap

import click

from secaudit.app.listing import Listing, Page
from secaudit.reporting.visible import visible
from secaudit.terminal.console import PROSE_WIDTH, wants_color
from secaudit.terminal.text import echo, encodable

LABEL = 11


def show_listing(listing: Listing, fmt: str) -> None:
    """Print a list: text in columns, plain with tabs and no header, or JSON objects."""
    if fmt == "json":
        rows = [dict(zip(listing.columns, row, strict=True)) for row in listing.rows]
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
        return
    texts = [["" if cell is None else str(cell) for cell in row] for row in listing.rows]
    if fmt == "plain":
        for row in texts:
            click.echo("\t".join(visible(cell) for cell in row))
        return
    shown = [[visible(cell) for cell in row] for row in texts]
    head = list(listing.columns)
    widths = [max([len(head[i]), *(len(row[i]) for row in shown)]) for i in range(len(head))]
    width = shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else 10_000
    bold = wants_color("auto", sys.stdout)
    click.echo(click.style(_row(head, widths, width), bold=True) if bold else _row(head, widths, width))
    for row in shown:
        click.echo(encodable(_row(row, widths, width)))
    if listing.footer:
        click.echo()
        echo(listing.footer)


def _row(cells: list[str], widths: list[int], width: int) -> str:
    """Columns side by side. Only the last one, prose, may be cut to the terminal's width, marked by dots."""
    line = "  ".join(cell.ljust(size) for cell, size in zip(cells, widths, strict=True)).rstrip()
    room = width - sum(widths[:-1]) - 2 * (len(widths) - 1)
    if len(line) <= width or room < 20:
        return line
    return line[: width - 3].rstrip() + "..."


def show_page(page: Page, fmt: str = "text") -> None:
    """Print a page: a heading, then labelled paragraphs and commands."""
    if fmt == "json":
        data = {
            "title": page.title,
            "subtitle": page.subtitle,
            **{label.lower(): text for label, text, _ in page.parts},
        }
        sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=1) + "\n")
        return
    bold = wants_color("auto", sys.stdout)
    title = encodable(visible(page.title))
    click.echo(click.style(title, bold=True) if bold else title)
    if page.subtitle:
        echo(page.subtitle)
    click.echo()
    width = min(shutil.get_terminal_size((80, 24)).columns, PROSE_WIDTH) - LABEL - 2
    for label, text, verbatim in page.parts:
        lines = text.rstrip("\n").split("\n")
        if not verbatim:
            lines = [piece for line in lines for piece in (wrap(line, max(30, width)) or [""])]
        for number, line in enumerate(lines):
            echo(f"  {label if number == 0 else '':<{LABEL}}{line}".rstrip())
