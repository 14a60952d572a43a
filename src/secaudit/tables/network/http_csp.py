"""http_csp: the directives of each Content-Security-Policy that one visit met. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.network._answers import answers_of
from secaudit.tables.network._csp import KNOWN, policies_of
from secaudit.tables.network._text import cut
from secaudit.tables.network._visit import check_visit, plan_visit, visit


class HttpCsp(NamedTuple):
    """One directive."""

    exchange: int
    """The number in http_exchanges."""
    url: str
    is_page: int
    policy: int
    """From 1; several policies count all at once."""
    source: str
    """header or meta."""
    enforced: int
    """0 for Content-Security-Policy-Report-Only."""
    directive: str
    value: str
    repeated: int
    """1 for the second of its name in a policy: browsers ignore it."""
    known: int
    """0 when no version of the standard has it."""


@table(targets={"site"}, timeout_s=120.0, plan=plan_visit)
def http_csp(target: Target) -> Iterator[HttpCsp]:
    """Yield one row per directive of each policy, from headers and meta elements.

    Raises:
        NotCovered: the consent does not reach to the site.
        Partial: requests of the visit are missing.
    """
    for answer in answers_of(target):
        for policy in policies_of(answer.exchange, answer.page):
            for directive in policy.directives:
                yield HttpCsp(
                    answer.number,
                    cut(answer.exchange.url),
                    answer.is_page,
                    policy.number,
                    policy.source,
                    int(policy.enforced),
                    cut(directive.name, 100),
                    cut(" ".join(directive.values)),
                    int(directive.repeated),
                    int(directive.name in KNOWN),
                )
    check_visit(visit(target))
