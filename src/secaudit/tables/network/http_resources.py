"""http_resources: what the page that one visit ends at loads by itself. Nothing of it is fetched. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple
from urllib.parse import urlsplit

from secaudit.protocols.http.page import Resource
from secaudit.tableapi import Target, table
from secaudit.tables.network._sites import is_third_party, site_of
from secaudit.tables.network._text import cut
from secaudit.tables.network._visit import check_complete, page_of, plan_visit

_INTEGRITY = re.compile(
    r"\s*(?:sha(?:256-[A-Za-z0-9+/_-]{43}=?|384-[A-Za-z0-9+/_-]{64}|512-[A-Za-z0-9+/_-]{86}={0,2})"
    r"(?:\?\S*)?(?:\s+|\Z))+"
)


class HttpResource(NamedTuple):
    """One thing that the page loads."""

    url: str
    """Without its query."""
    page: str
    page_scheme: str
    line: int
    kind: str
    """script, style, frame, object, image, media, font, icon, manifest, preload."""
    tag: str
    scheme: str
    """http, https, data ..."""
    host: str
    """Empty for what stands in the page itself (data:)."""
    site: str
    """The part of the host that one owner has, as far as its name tells."""
    third_party: int
    """1 when it comes from another site than the page."""
    integrity: str
    """The attribute."""
    integrity_ok: int
    """1 when browsers can check the content by it: SHA-256 or better, of the right length."""
    crossorigin: str
    """anonymous or use-credentials; empty when it is not set."""
    sandboxed: int
    """1 for a frame with the attribute sandbox."""


@table(targets={"site"}, timeout_s=120.0, plan=plan_visit)
def http_resources(target: Target) -> Iterator[HttpResource]:
    """Yield one row per script, style, frame, image and the like that the page names in its HTML.

    What scripts load later is not seen.

    Raises:
        NotCovered: the consent does not reach to the site.
        Absent: the page is no HTML.
        Failed: there is no page to look at.
        Partial: only a part of the page was seen.
    """
    hop, page = page_of(target)
    for resource in page.resources:
        yield _row(resource, hop.exchange.url, hop.exchange.scheme, hop.exchange.host)
    check_complete(hop.exchange, page)


def _row(resource: Resource, page: str, scheme: str, page_host: str) -> HttpResource:
    try:
        parts = urlsplit(resource.url)
        own_scheme, host = parts.scheme.lower(), parts.hostname or ""
    except ValueError:
        own_scheme = host = ""
    cross = resource.crossorigin
    return HttpResource(
        url=cut(resource.url.split("?")[0].split("#")[0], 300),
        page=cut(page),
        page_scheme=scheme,
        line=resource.line,
        kind=resource.kind,
        tag=resource.tag[:40],
        scheme=cut(own_scheme, 40),
        host=cut(host, 300),
        site=cut(site_of(host), 300),
        third_party=int(is_third_party(host, page_host)),
        integrity=cut(resource.integrity, 300),
        integrity_ok=int(bool(_INTEGRITY.fullmatch(resource.integrity))),
        crossorigin="" if cross is None else ("use-credentials" if cross.lower() == "use-credentials" else "anonymous"),
        sandboxed=int(resource.sandbox is not None),
    )
