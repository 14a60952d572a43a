"""http_errors: what a site tells when something goes wrong. Not in osquery."""

from __future__ import annotations

from typing import Any, Iterator, NamedTuple

from secaudit.tableapi import Partial, Target, table
from secaudit.tables.network._active import Answer, Front, check_stays, content, first_problem, front
from secaudit.tables.network._behaviour import Odd, oddities, plan_oddities
from secaudit.tables.network._signatures import View, fits, version_after


class Row(NamedTuple):
    """One request that fails in a sound program, and its answer."""

    request: str
    """missing, missing_file, broken_escape, quote_value, list_value or method."""
    method: str
    path: str
    """Random parts are part of it."""
    status: int | None
    """NULL when no answer came; to close the connection at a malformed request is an answer without a leak."""
    stack_trace: int | None
    """1: the answer shows where in the program it failed."""
    sql_error: int | None
    """1: the answer shows an error of a database."""
    debug_page: int | None
    """1: the answer is the debug page of a framework."""
    leak: str
    """The name of the signature that was found."""
    version: str | None
    """Product with version in the body; empty when there is none, NULL when no answer came."""


@table(targets={"site"}, timeout_s=120.0, plan=plan_oddities)
def http_errors(target: Target) -> Iterator[Row]:
    """Answers to a missing page, a missing program, a broken escape, odd values and odd methods, one row each.

    Raises:
        NotCovered: active questions were not asked for.
        Partial: not all requests were answered.
    """
    target.net.require("active", "asking for things that fail")
    page = front(target)
    found = oddities(target)
    for odd in found:
        answer = odd.answer
        if answer.problem:
            no = 0 if _is_refusal(odd) else None
            version = "" if _is_refusal(odd) else None
            yield Row(odd.kind, answer.ask.method, answer.ask.path[:300], None, no, no, no, "", version)
            continue
        names = {kind: _leak(kind, answer, page) for kind in ("stack-trace", "sql-error", "debug-page")}
        yield Row(
            odd.kind,
            answer.ask.method,
            answer.ask.path[:300],
            answer.status,
            _known(names["stack-trace"], answer),
            _known(names["sql-error"], answer),
            _known(names["debug-page"], answer),
            ", ".join(name for name in names.values() if name),
            _version(answer),
        )
    if problem := first_problem(odd.answer for odd in found if not _is_refusal(odd)):
        raise Partial(f"not all requests were answered: {problem}")
    check_stays(page)


def _is_refusal(odd: Odd) -> bool:
    """A server that closes the connection at a malformed request or an odd method tells nothing by it."""
    return odd.kind in ("broken_escape", "method") and odd.answer.is_refused


def _leak(kind: str, answer: Answer, page: Front) -> str:
    """The name of the signature that the answer shows and the first page does not: some sites write about errors."""
    view, usual = answer.view(), page.answer.view()
    for item in content().signatures(kind):
        if _shows(item, view) and not _shows(item, usual):
            return str(item.name)
    return ""


def _shows(item: Any, view: View) -> bool:
    return any(fits(signature, view) for signature in item.matches)


def _known(name: str, answer: Answer) -> int | None:
    if name:
        return 1
    return None if answer.is_broken else 0


def _version(answer: Answer) -> str:
    """Product and version as error pages of servers name them."""
    if answer.status is None or answer.status < 400:
        return ""
    view = answer.view()
    for item in content().signatures("product-version"):
        for signature in item.matches:
            if fits(signature, view) and (version := version_after(signature.any, view)):
                return f"{item.name} {version}"
    return ""
