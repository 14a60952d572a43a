"""http_traces: things in the page that were not meant for visitors. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Partial, Target, table
from secaudit.tables.network._scripts import plan_scripts, scripts_of
from secaudit.tables.network._text import cut, text_of
from secaudit.tables.network._traces import traces_of
from secaudit.tables.network._visit import check_complete, page_of


class HttpTrace(NamedTuple):
    """One thing that was seen."""

    url: str
    scheme: str
    """Of the page."""
    line: int
    """In the page; 0 for what stands in no line."""
    kind: str
    """private_address, internal_name, credential, source_code, default_page, session_in_url, plain_websocket."""
    place: str
    """comment, page, link, form, script, `header NAME`, or the address of a script."""
    rule: str
    """Which pattern, product or name."""
    text: str
    """What stands there, without values of secrets."""


@table(targets={"site"}, timeout_s=120.0, plan=plan_scripts)
def http_traces(target: Target) -> Iterator[HttpTrace]:
    """Yield one row per trace in the page, its headers, and for web sockets its own scripts; none for a clean page.

    Raises:
        NotCovered: the consent does not reach to the site.
        Absent: the page is no HTML.
        Failed: there is no page to look at.
        Partial: a part of the page or a script of it was not seen.
    """
    hop, page = page_of(target)
    found = scripts_of(target)
    own = {hop.exchange.host, *target.net.addresses(hop.exchange.host)}
    scripts = [(one.url, one.line, one.text) for one in found.scripts if one.text]
    for trace in traces_of(hop.exchange, page, text_of(hop.exchange), scripts, own):
        yield HttpTrace(
            cut(page.url), hop.exchange.scheme, trace.line, trace.kind, cut(trace.place, 300), cut(trace.rule, 100),
            cut(trace.text, 300),
        )  # fmt: skip
    check_complete(hop.exchange, page)
    if found.problem:
        raise Partial(found.problem)
