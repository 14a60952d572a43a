"""http_headers: every header of each answer of one visit, in its order. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.network._answers import answers_of
from secaudit.tables.network._text import cut
from secaudit.tables.network._visit import check_visit, plan_visit, visit


class HttpHeader(NamedTuple):
    """One header."""

    exchange: int
    """The number in http_exchanges."""
    url: str
    is_page: int
    position: int
    """From 1."""
    name: str
    """In lower case."""
    value: str
    """Cut to 2,000 characters. Of Set-Cookie without the cookie's value."""


@table(targets={"site"}, timeout_s=120.0, plan=plan_visit)
def http_headers(target: Target) -> Iterator[HttpHeader]:
    """Yield one row per header, also of redirects.

    Raises:
        NotCovered: the consent does not reach to the site.
        Partial: requests of the visit are missing.
    """
    for answer in answers_of(target):
        for position, header in enumerate(answer.exchange.reply.headers, 1):
            value = header.value
            if header.lower == "set-cookie":
                pair, semicolon, rest = value.partition(";")
                value = f"{pair.partition('=')[0]}=****{semicolon}{rest}"
            yield HttpHeader(
                answer.number, cut(answer.exchange.url), answer.is_page, position, header.lower, cut(value)
            )
    check_visit(visit(target))
