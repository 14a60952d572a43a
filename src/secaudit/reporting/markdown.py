"""The Markdown report: short, to paste into an issue or a mail."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from jinja2 import Template
from markupsafe import Markup

from secaudit.model import Run
from secaudit.reporting.environment import environment, ready
from secaudit.reporting.view import HistoryPoint, build_page
from secaudit.reporting.visible import visible, visible_lines

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~&!$]")
_ACTIVE = re.compile(r"[@#]\w|://|www\.", re.IGNORECASE)
"""What GitHub and mail programs turn into a mention or a link without being asked."""

_BACKTICKS = re.compile("`+")


def render(run: Run, earlier: Sequence[HistoryPoint] = ()) -> str:
    """Give the report as Markdown (CommonMark with GitHub's tables).

    Args:
        run: what to show.
        earlier: runs of the same target before this one, oldest first.
    """
    return _template().render(page=build_page(run, earlier), run=run)


@functools.cache
def _template() -> Template:
    return environment("md", escape, code=code, cell=cell, tabled=tabled, block=block).get_template("report.md.j2")


def escape(text: str) -> Markup:
    """Give text that Markdown shows as it is. Text that would become a link or a mention is set as code."""
    shown = visible(text)
    if _ACTIVE.search(shown):
        return code(text)
    return ready(_SPECIAL.sub(r"\\\g<0>", shown))


def code(text: str) -> Markup:
    """Give a code span (CommonMark 0.31 section 6.1): the fence is longer than any run of backticks inside."""
    shown = visible(text) or "(empty)"
    fence = "`" * (_longest(shown) + 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return ready(f"{fence}{pad}{shown}{pad}{fence}")


def cell(text: str) -> Markup:
    """Give a code span inside a table, where a bar would end the cell."""
    return ready(code(text).replace("|", "\\|"))


def tabled(text: str) -> Markup:
    """Give text inside a table."""
    return cell(text) if _ACTIVE.search(text) else escape(text)


def block(text: str) -> Markup:
    """Give a block of commands."""
    shown = visible_lines(text.rstrip("\n"))
    fence = "`" * max(3, _longest(shown) + 1)
    return ready(f"{fence}sh\n{shown}\n{fence}")


def _longest(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)
