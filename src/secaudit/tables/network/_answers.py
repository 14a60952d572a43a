"""The answers of the visit, each with its page where it is HTML."""

from __future__ import annotations

from typing import NamedTuple

from secaudit.protocols.http import Exchange, Page, read_page
from secaudit.tableapi import Target
from secaudit.tables.network._text import text_of
from secaudit.tables.network._visit import is_html, visit


class Answer(NamedTuple):
    """One request that was answered."""

    number: int
    exchange: Exchange
    is_page: int
    is_first: int
    """1 for the first of its chain."""
    is_redirect: int
    page: Page | None
    """Its content, when it is HTML and no redirect."""


def answers_of(target: Target) -> tuple[Answer, ...]:
    """All answers whose head was read whole, made once in a run.

    Raises:
        NotCovered: the consent does not reach to the site.
    """
    return target.shared("http-answers", _make)


def _make(target: Target) -> tuple[Answer, ...]:
    seen = visit(target)
    made = []
    for hop in seen.hops:
        found = hop.exchange
        if found.outcome != "ok":
            continue
        redirect = bool(hop.location_kind)
        page = read_page(text_of(found), found.url) if not redirect and is_html(found) else None
        is_page = int(seen.page is not None and seen.page.number == hop.number)
        made.append(Answer(hop.number, found, is_page, int(hop.hop == 0), int(redirect), page))
    return tuple(made)
