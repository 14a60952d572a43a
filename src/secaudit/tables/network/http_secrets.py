"""http_secrets: keys and tokens of known makers in the page and its own scripts, masked. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Partial, Target, table
from secaudit.tables.network._scripts import plan_scripts, scripts_of
from secaudit.tables.network._text import cut
from secaudit.tables.network._visit import check_complete, page_of
from secaudit.tables.project._formats import find_formats
from secaudit.tables.project._keyfiles import find_private_keys

PUBLIC = frozenset(("google-api-key", "stripe-test-key", "sentry-dsn", "mapbox-public-token"))
"""Kinds that makers want in pages, restricted to the page's address, or that open nothing."""


class HttpSecret(NamedTuple):
    """One key or token."""

    url: str
    """Of the page or the script."""
    line: int
    rule_id: str
    """Whose it is."""
    mask: str
    """A public beginning at most."""
    fingerprint: str
    """A keyed mark of the value."""
    confidence: str
    """high, medium, low."""
    meant_public: int
    """1 for a kind that makers want in pages; check that it is restricted to your address."""


@table(targets={"site"}, timeout_s=120.0, plan=plan_scripts)
def http_secrets(target: Target) -> Iterator[HttpSecret]:
    """Yield one row per secret that has the form of a known maker, and per private key; none when there is none.

    The page is read, and at most 32 of its own scripts, as a browser would.

    Raises:
        NotCovered: the consent does not reach to the site.
        Absent: the page is no HTML.
        Failed: there is no page to look at, or a library that the search needs is not installed.
        Partial: a part of the page or a script of it was not seen.
    """
    hop, page = page_of(target)
    found = scripts_of(target)
    texts = [(page.url, hop.exchange.reply.body)]
    texts += [(one.url, one.text.encode("utf-8", "replace")) for one in found.scripts if one.url and one.text]
    for url, data in texts:
        for hit in (*find_private_keys(data), *find_formats(data)):
            yield HttpSecret(
                cut(url.split("?")[0], 300), data.count(b"\n", 0, hit.start) + 1, hit.rule_id, hit.mask,
                target.fingerprint(hit.value), hit.confidence, int(hit.rule_id in PUBLIC),
            )  # fmt: skip
    check_complete(hop.exchange, page)
    if found.problem:
        raise Partial(found.problem)
