"""http_csp_policies: what each Content-Security-Policy allows, as a browser reads it. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.network._answers import answers_of
from secaudit.tables.network._csp import (
    allows_any_host,
    allows_eval,
    allows_inline,
    framing_of,
    is_none_or_self,
    policies_of,
    problems_of,
    reports_of,
)
from secaudit.tables.network._text import cut
from secaudit.tables.network._visit import check_visit, plan_visit, visit


class HttpCspPolicy(NamedTuple):
    """One policy."""

    exchange: int
    """The number in http_exchanges."""
    url: str
    is_page: int
    policy: int
    source: str
    """header or meta."""
    enforced: int
    """0 for Content-Security-Policy-Report-Only."""
    scripts: str
    """The list that counts for scripts; empty when there is none, so everything is allowed."""
    scripts_inline: int
    """1 when scripts written into the page run without a nonce or hash."""
    scripts_eval: int
    """1 when text can be made code."""
    scripts_any_host: int
    """1 when scripts may come from everywhere."""
    objects_closed: int
    """1 when plug-ins may come from nowhere (object-src or default-src is 'none')."""
    base_closed: int
    """1 when base-uri is 'none' or 'self'."""
    form_action: str
    """Empty: forms may be sent everywhere."""
    framing: str
    """Who may frame the page: none, self, listed, anyone; empty when the policy does not tell."""
    reports: int
    """1 when browsers report what was stopped: report-uri, or report-to with a group that a header defines."""
    problems: str
    """What browsers ignore in it, in plain words."""


@table(targets={"site"}, timeout_s=120.0, plan=plan_visit)
def http_csp_policies(target: Target) -> Iterator[HttpCspPolicy]:
    """Yield one row per policy of each answer of the visit.

    Source: Content Security Policy Level 3, section 6.

    Raises:
        NotCovered: the consent does not reach to the site.
        Partial: requests of the visit are missing.
    """
    for answer in answers_of(target):
        for policy in policies_of(answer.exchange, answer.page):
            yield HttpCspPolicy(
                exchange=answer.number,
                url=cut(answer.exchange.url),
                is_page=answer.is_page,
                policy=policy.number,
                source=policy.source,
                enforced=int(policy.enforced),
                scripts=cut(" ".join(policy.get("script-src-elem", "script-src", "default-src") or ())),
                scripts_inline=int(allows_inline(policy)),
                scripts_eval=int(allows_eval(policy)),
                scripts_any_host=int(allows_any_host(policy)),
                objects_closed=int(policy.get("object-src", "default-src") == ("'none'",)),
                base_closed=int(is_none_or_self(policy.get("base-uri"))),
                form_action=cut(" ".join(policy.get("form-action") or ())),
                framing=framing_of(policy.get("frame-ancestors")),
                reports=int(reports_of(policy, answer.exchange)),
                problems=cut("; ".join(dict.fromkeys(problems_of(policy))), 500),
            )
    check_visit(visit(target))
