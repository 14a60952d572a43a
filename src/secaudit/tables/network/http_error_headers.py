"""http_error_headers: security headers of the first page that a missing page lacks. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Net, Partial, Planned, Target, table
from secaudit.tables.network._active import check_stays, controls, front, plan_controls, plan_front

HEADERS = (
    "strict-transport-security", "content-security-policy", "x-content-type-options", "x-frame-options",
)  # fmt: skip
"""Those that matter on a page without content of its own."""


class Row(NamedTuple):
    """One header that the first page has."""

    header: str
    page_status: int
    error_status: int | None
    """NULL when no answer came."""
    on_error: int | None
    """1: the answer to a path that does not exist has it too."""


def plan(net: Net) -> Iterator[Planned]:
    """The first page and the controls."""
    yield from plan_front(net)
    yield from plan_controls(net)


@table(targets={"site"}, timeout_s=120.0, plan=plan)
def http_error_headers(target: Target) -> Iterator[Row]:
    """Security headers of the first page, one row each; none when it has none.

    Raises:
        NotCovered: active questions were not asked for.
        Partial: the missing page was not answered.
    """
    target.net.require("active", "asking for a page that does not exist")
    page = front(target)
    missing = controls(target).plain
    for header in HEADERS:
        status = page.answer.status
        if page.answer.header(header) is not None and status is not None:
            there = None if missing.problem else int(missing.header(header) is not None)
            yield Row(header, status, missing.status, there)
    if missing.problem:
        raise Partial(f"a path that does not exist was not answered: {missing.problem}")
    check_stays(page)
