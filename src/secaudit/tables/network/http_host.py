"""http_host: whether a site believes a visitor about its own name. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Net, Partial, Planned, Target, table
from secaudit.tables.network._active import Ask, check_stays, front, plan_front, random_word, send, site_of, with_query

WHAT = "GET the first page with X-Forwarded-Host"
NAME = "secaudit-host.example"


class Row(NamedTuple):
    """One header that was sent."""

    header: str
    path: str
    status: int | None
    in_location: int | None
    """1: a redirect leads to the name of the header."""
    in_body: int | None
    """1: the name of the header stands in the page."""


def plan(net: Net) -> Iterator[Planned]:
    """One request beside the first page."""
    site = site_of(net)
    yield from plan_front(net)
    yield Planned("http", site.host, site.port, WHAT, 1, "active")


@table(targets={"site"}, timeout_s=60.0, plan=plan)
def http_host(target: Target) -> Iterator[Row]:
    """What X-Forwarded-Host with a foreign name does. The query is random, so that no cache keeps the answer.

    Raises:
        NotCovered: active questions were not asked for.
        Partial: it was not answered.
    """
    target.net.require("active", "asking with a foreign name in X-Forwarded-Host")
    page = front(target)
    path = with_query(page.site.path, f"secaudit={random_word()}")
    answer = send(target.net, page.site, Ask(WHAT, path, headers=(("X-Forwarded-Host", NAME),)))
    if answer.problem:
        yield Row("X-Forwarded-Host", path[:500], None, None, None)
        raise Partial(f"the request was not answered: {answer.problem}")
    inside = NAME in answer.view().text
    yield Row(
        "X-Forwarded-Host",
        path[:500],
        answer.status,
        int(NAME in (answer.header("location") or "").lower()),
        1 if inside else 0 if answer.is_whole else None,
    )
    check_stays(page)
