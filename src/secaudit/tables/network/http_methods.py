"""http_methods: what a site does with methods that visitors do not use. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Partial, Target, table
from secaudit.tables.network._active import check_stays, first_problem, front
from secaudit.tables.network._behaviour import methods, plan_methods


class Row(NamedTuple):
    """One method that was tried on the first page."""

    method: str
    path: str
    status: int | None
    """NULL when no answer came; a server that closes the connection at once refuses the method."""
    echoed: int | None
    """1: the answer holds a header of the request, as TRACE does."""
    multistatus: int | None
    """1: WebDAV answered without a login (207 with a multistatus document)."""
    allow: str | None
    """Methods of the header Allow, in upper case, each with a blank before and behind; empty when it was not sent."""
    page: int
    """1: the first page is an HTML page, so this is no API."""


@table(targets={"site"}, timeout_s=120.0, plan=plan_methods)
def http_methods(target: Target) -> Iterator[Row]:
    """OPTIONS, TRACE and PROPFIND on the first page, one row each. Source: RFC 9110 section 9, RFC 4918 section 9.1.

    Raises:
        NotCovered: active questions were not asked for.
        Partial: not all requests were answered.
    """
    target.net.require("active", "trying methods that visitors do not use")
    page = front(target)
    word, answers = methods(target)
    for answer in answers:
        if answer.problem:
            no = 0 if answer.is_refused and answer.ask.method != "OPTIONS" else None
            yield Row(answer.ask.method, answer.ask.path[:500], None, no, no, None, int(page.is_html))
            continue
        text = answer.view().text
        good = answer.status is not None and 200 <= answer.status < 300
        names = [name.strip().upper() for name in (answer.header("allow") or "").split(",")[:40]]
        yield Row(
            answer.ask.method,
            answer.ask.path[:500],
            answer.status,
            int(good and word in text) if answer.is_whole or word in text else None,
            int(answer.status == 207 and "multistatus" in text),
            "".join(f" {name[:30]} " for name in names if name),
            int(page.is_html),
        )
    if problem := first_problem(one for one in answers if not one.is_refused or one.ask.method == "OPTIONS"):
        raise Partial(f"not all methods could be tried: {problem}")
    check_stays(page)
