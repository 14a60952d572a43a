"""The HTML report: one file, complete without scripts, without network and without trust in the audited system."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence

from jinja2 import Template
from markupsafe import Markup

from secaudit.evidence.document import run_parts
from secaudit.model import Run
from secaudit.reporting.environment import environment, part, ready
from secaudit.reporting.view import HistoryPoint, build_page
from secaudit.reporting.visible import visible_lines
from secaudit.reporting.words import Mark

_ISLAND_UNSAFE = re.compile("[<\ud800-\udfff]")


def render(run: Run, earlier: Sequence[HistoryPoint] = ()) -> str:
    """Give the report as the text of one HTML file, see `parts`."""
    return "".join(parts(run, earlier, run_parts(run)))


def parts(run: Run, earlier: Sequence[HistoryPoint], document: Iterable[str]) -> Iterator[str]:
    """Give the report, one HTML file, in short parts.

    Args:
        run: what to show.
        earlier: runs of the same target before this one, oldest first.
        document: the run as JSON, which the file carries; in parts.
    """
    style, script = part("html", "report.css"), part("html", "report.js")
    return _template().generate(
        page=build_page(run, earlier),
        run=run,
        style=ready(style),
        script=ready(script),
        style_hash=ready(_hash(style)),
        script_hash=ready(_hash(script)),
        island=(ready(_island(text)) for text in document),
    )


@functools.cache
def _template() -> Template:
    return environment("html", lines=_lines, badge=badge, sign=sign).get_template("report.html.j2")


@functools.cache
def badge(mark: Mark) -> Markup:
    """Give a state as its sign and its word."""
    return ready('<span class="mark {}"><span aria-hidden="true">{}</span> {}</span>').format(*mark)


@functools.cache
def sign(mark: Mark) -> Markup:
    """Give a state as its sign alone, for lists of links; the word is there for those who listen."""
    text = ready('<span class="{}" aria-hidden="true">{}</span><span class="hear">{}: </span>')
    return text.format(*mark)


def _lines(text: str) -> Markup:
    """Keep the line breaks of a command."""
    return Markup.escape(visible_lines(text.rstrip("\n")))


def _hash(text: str) -> str:
    """Give the source expression of a Content Security Policy (CSP3 section 2.3.1)."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def _island(json_text: str) -> str:
    """Make JSON safe inside a script element: no tag can begin, and what UTF-8 cannot hold is written as an escape.

    Both only occur inside JSON strings, so the value stays the same.
    """
    return _ISLAND_UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", json_text)
