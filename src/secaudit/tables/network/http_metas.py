"""http_metas: the meta elements of the page that one visit ends at. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.network._text import cut
from secaudit.tables.network._visit import check_complete, page_of, plan_visit


class HttpMeta(NamedTuple):
    """One meta element."""

    url: str
    line: int
    name: str
    """Of name, property or http-equiv, in lower case: generator, referrer, refresh ..."""
    http_equiv: int
    content: str


@table(targets={"site"}, timeout_s=120.0, plan=plan_visit)
def http_metas(target: Target) -> Iterator[HttpMeta]:
    """Yield one row per meta element with a name.

    Raises:
        NotCovered: the consent does not reach to the site.
        Absent: the page is no HTML.
        Failed: there is no page to look at.
        Partial: only a part of the page was seen.
    """
    hop, page = page_of(target)
    for meta in page.metas:
        yield HttpMeta(cut(page.url), meta.line, meta.name, meta.http_equiv, cut(meta.content, 500))
    check_complete(hop.exchange, page)
