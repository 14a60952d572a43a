"""Print plain lines. Text from anywhere goes through `visible`, so nothing in it can act on the terminal."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence

import click

from secaudit.reporting.visible import visible, visible_lines


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


def write_document(document: str | Sequence[bytes], *, is_json: bool = False) -> None:
    """Write a whole document to stdout: a text, or its UTF-8 in parts.

    For a program it is the same bytes as in a file: UTF-8 with LF, whatever the locale. On a terminal, what could act
    on it is shown as escapes; in JSON these are JSON's own, so the value is the same.
    """
    parts = (document.encode("utf-8", "backslashreplace"),) if isinstance(document, str) else document
    if sys.stdout.isatty():  # a lone surrogate has become \udce9, also in JSON
        text = b"".join(parts).decode()
        safe = _json_escapes(text) if is_json else visible_lines(text)
        sys.stdout.write(encodable(safe))
        return
    sys.stdout.flush()
    sys.stdout.buffer.writelines(parts)
    sys.stdout.buffer.flush()


def _json_escapes(text: str) -> str:
    encoding = sys.stdout.encoding or "ascii"

    def escape(match: re.Match[str]) -> str:
        character = match[0]
        try:
            character.encode(encoding)
        except UnicodeEncodeError:
            return json.dumps(character)[1:-1]
        return character if visible(character) == character else json.dumps(character)[1:-1]

    return re.sub(r"[^\x20-\x7e\n\t]", escape, text)
