"""http_redirect_parameters: whether a link of the site can be made to lead elsewhere. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple
from urllib.parse import urlencode, urlsplit

from secaudit.tableapi import Net, Partial, Planned, Target, table
from secaudit.tables.network._active import (
    Ask,
    Front,
    check_stays,
    first_problem,
    front,
    joined,
    own_paths,
    plan_front,
    send_all,
    site_of,
)
from secaudit.tables.network._behaviour import REDIRECTS, leaves

WHAT = "GET a link of the first page with another redirect"
MOST = 2
FOREIGN = "secaudit-redirect.example"


class Row(NamedTuple):
    """One parameter of one link that was changed."""

    path: str
    """Of the link, without its query."""
    parameter: str
    value: str
    """What was sent: a foreign address, with and without its scheme."""
    status: int | None
    location: str
    """Where the answer leads to; empty when nowhere."""
    leaves: int | None
    """1: the answer sends the visitor to the foreign address."""


def plan(net: Net) -> Iterator[Planned]:
    """Up to two parameters, two values each."""
    site = site_of(net)
    yield from plan_front(net)
    yield Planned("http", site.host, site.port, WHAT, 2 * MOST, "active")


@table(targets={"site"}, timeout_s=60.0, plan=plan)
def http_redirect_parameters(target: Target) -> Iterator[Row]:
    """Parameters of links of the first page that are named as redirects are, two rows each.

    Links that are called logout, delete or the like are left alone.

    Raises:
        NotCovered: active questions were not asked for.
        Partial: not all requests were answered.
    """
    target.net.require("active", "trying where redirect parameters lead to")
    page = front(target)
    jobs = [
        (path, name, value) for path, name in _found(page)[:MOST] for value in (f"https://{FOREIGN}/", f"//{FOREIGN}/")
    ]
    asks = [Ask(WHAT, _changed(path, name, value)) for path, name, value in jobs]
    answers = send_all(target.net, page.site, asks)
    for (path, name, value), answer in zip(jobs, answers, strict=True):
        location = answer.header("location") or "" if not answer.problem else ""
        moved = answer.status is not None and 300 <= answer.status < 400
        foreign = (urlsplit(joined(page.site.url, location)).hostname or "") == FOREIGN if location else False
        off = None if answer.problem else int(moved and foreign)
        yield Row(path.partition("?")[0][:300], name, value, answer.status, location[:300], off)
    if problem := first_problem(answers):
        raise Partial(f"not all requests were answered: {problem}")
    check_stays(page)


def _found(page: Front) -> list[tuple[str, str]]:
    pairs: dict[tuple[str, str], tuple[str, str]] = {}
    for path in own_paths(page, [link.url for link in page.page.links]):
        for part in urlsplit(path).query.split("&")[:20]:
            name, sign, _ = part.partition("=")
            if sign and name.lower() in REDIRECTS and not leaves(path):
                pairs.setdefault((path.partition("?")[0], name), (path, name))
    return list(pairs.values())


def _changed(path: str, name: str, value: str) -> str:
    place, _, query = path.partition("?")
    parts = [part for part in query.split("&") if part.partition("=")[0] != name]
    return place + "?" + "&".join([*parts, urlencode({name: value})])
