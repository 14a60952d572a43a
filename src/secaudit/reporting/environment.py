"""The Jinja environments of the reports: strict, and inert for whatever text an audited system holds."""

from __future__ import annotations

import functools
from collections.abc import Callable

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from secaudit.content.root import content_root
from secaudit.reporting.compiled import KeptTemplates
from secaudit.reporting.visible import visible
from secaudit.reporting.words import listed


def environment(folder: str, finish: Callable[[str], str] = visible, **filters: Callable[..., object]) -> Environment:
    """Give the environment of one folder of `reports/`.

    Args:
        folder: its name.
        finish: is applied to every text that a template puts out, so that no template can forget it. A text marked
            with `ready` is left alone; the result of `finish` is escaped for HTML unless it is marked.
        filters: more filters, by name.
    """

    def finalize(value: object) -> object:
        return finish(value) if type(value) is str else value

    made = Environment(
        loader=FileSystemLoader(content_root() / "reports" / folder),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        optimized=False,  # a report is rendered once, so a quick compilation matters more (measured: 15 ms less)
    )
    options = (made.autoescape, made.trim_blocks, made.lstrip_blocks, made.keep_trailing_newline, made.optimized)
    made.bytecode_cache = KeptTemplates(folder, repr(options))
    made.filters.update({"listed": listed, **filters})
    return made


def ready(text: str) -> Markup:
    """Mark text as written for its place: our own style, script and data, or text that was escaped by the caller.

    The only place that does so.
    """
    return Markup(text)  # noqa: S704


@functools.cache
def part(folder: str, name: str) -> str:
    """Read a file of a report that is not a template."""
    return (content_root() / "reports" / folder / name).read_text(encoding="utf-8")
