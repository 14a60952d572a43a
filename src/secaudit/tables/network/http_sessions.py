"""http_sessions: whether the session ids of a site can be guessed. Not in osquery."""

from __future__ import annotations

import math
from typing import Iterator, NamedTuple

from secaudit.protocols.http.values import parse_set_cookie
from secaudit.tableapi import Net, Partial, Planned, Target, table
from secaudit.tables.network._active import (
    Answer,
    Ask,
    check_stays,
    first_problem,
    front,
    plan_front,
    send_all,
    site_of,
)
from secaudit.tables.network._cookies import cookies_of

AGAIN = "GET the first page as a new visitor"
VISITS = 3


class Row(NamedTuple):
    """One cookie that is called like a session's. Its values are not kept."""

    name: str
    visits: int
    """New visitors that got it."""
    distinct_values: int | None
    """How many different values they got. NULL when all are the same and hold data rather than an id: a signed or
    encoded session of nobody looks the same for all, and so does a word such as `guest`."""
    length: int
    """Characters of the shortest value."""
    bits: int | None
    """How much chance its changing characters can hold at most. NULL with fewer than two values."""


def plan(net: Net) -> Iterator[Planned]:
    """The first page three times."""
    site = site_of(net)
    yield from plan_front(net)
    yield Planned("http", site.host, site.port, AGAIN, VISITS, "active")


@table(targets={"site"}, timeout_s=60.0, plan=plan)
def http_sessions(target: Target) -> Iterator[Row]:
    """Session cookies that three new visitors of the first page get, one row for each name.

    Raises:
        NotCovered: active questions were not asked for.
        Partial: not all requests were answered.
    """
    net = target.net
    net.require("active", "visiting three times to compare session ids")
    page = front(target)
    known = [page.answer] if page.is_first else []  # behind a redirect we sent cookies, so it was no new visitor
    fresh = send_all(net, page.site, [Ask(AGAIN, page.site.path)] * (VISITS - len(known)))
    answers = [*known, *fresh]
    values: dict[str, list[str]] = {}
    for answer in answers:
        for name, value in _sessions(answer, target.now_s):
            values.setdefault(name, []).append(value)
    for name, found in sorted(values.items()):
        different = None if _is_data(found) else len(set(found))
        bits = bits_of(found) if len(found) > 1 else None
        yield Row(name[:100], len(found), different, min(len(value) for value in found), bits)
    if problem := first_problem(answers):
        raise Partial(f"not all visits were answered: {problem}")
    check_stays(page)


def _sessions(answer: Answer, now_s: int) -> Iterator[tuple[str, str]]:
    if answer.exchange is None or answer.problem:
        return
    seen: dict[str, str] = {}
    names = {cookie.name for cookie in cookies_of(answer.exchange, now_s) if cookie.purpose == "session"}
    for header in answer.exchange.reply.all("set-cookie"):
        cookie = parse_set_cookie(header)
        if cookie is None or not cookie.value or cookie.attributes.get("max-age", "") in ("0", "-1"):
            continue
        if cookie.name in names:
            seen[cookie.name] = cookie.value
    yield from seen.items()


def _is_data(values: list[str]) -> bool:
    """Whether equal values are content, and no id that should differ."""
    first = values[0]
    return len(set(values)) == 1 and (len(first) < 16 or any(sign in first for sign in ".:{%=&|") or first[:2] == "ey")


def bits_of(values: list[str]) -> int:
    """How much chance the values can hold at most: their places that change, by the alphabet seen there.

    An estimate from above: it can show that an id is too short, never that it is random.
    """
    width = min(len(value) for value in values)
    changing = [place for place in range(width) if len({value[place] for value in values}) > 1]
    if not changing:
        return 0
    seen = {char for value in values for char in value}
    if seen <= set("0123456789"):
        size = 10
    elif seen <= set("0123456789abcdef-") or seen <= set("0123456789ABCDEF-"):
        size = 16
    elif seen <= set("0123456789abcdefghijklmnopqrstuvwxyz") or seen <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        size = 36
    else:
        size = 64
    places = changing[-1] - changing[0] + 1  # a place inside that happens to be the same is random too
    return int(places * math.log2(size))
