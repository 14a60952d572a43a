"""http_traces: things in the page that were not meant for visitors. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.network._text import cut, text_of
from secaudit.tables.network._traces import traces_of
from secaudit.tables.network._visit import check_complete, page_of, plan_visit


class HttpTrace(NamedTuple):
    """One thing that was seen."""

    url: str
    scheme: str
    """Of the page."""
    line: int
    """In the page; 0 for what stands in no line."""
    kind: str
    """private_address, internal_name, credential, source_code, default_page, session_in_url."""
    place: str
    """comment, page, link, form, script, image ..., or `header NAME`."""
    rule: str
    """Which pattern, product or name."""
    text: str
    """What stands there, without values of secrets."""


@table(targets={"site"}, timeout_s=120.0, plan=plan_visit)
def http_traces(target: Target) -> Iterator[HttpTrace]:
    """Yield one row per trace of the page and its headers; none for a clean page.

    Raises:
        NotCovered: the consent does not reach to the site.
        Absent: the page is no HTML.
        Failed: there is no page to look at.
        Partial: only a part of the page was seen.
    """
    hop, page = page_of(target)
    own = {hop.exchange.host, *target.net.addresses(hop.exchange.host)}
    for trace in traces_of(hop.exchange, page, text_of(hop.exchange), own):
        yield HttpTrace(
            cut(page.url), hop.exchange.scheme, trace.line, trace.kind, cut(trace.place, 300), cut(trace.rule, 100),
            cut(trace.text, 300),
        )  # fmt: skip
    check_complete(hop.exchange, page)
