"""Print plain lines. Text from anywhere goes through `visible`, so nothing in it can act on the terminal."""

from __future__ import annotations

import sys

import click

from secaudit.reporting.visible import visible


def echo(text: str, *, err: bool = False) -> None:
    """Print text of one or more lines."""
    for line in text.rstrip("\n").split("\n"):
        click.echo(encodable(visible(line), err=err), err=err)


def encodable(text: str, *, err: bool = False) -> str:
    """The text with what this terminal cannot show replaced by escapes."""
    encoding = (sys.stderr if err else sys.stdout).encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode(encoding, "backslashreplace").decode(encoding)
    return text
