"""http_cors: which other sites may read answers of this site with a script. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Net, Partial, Planned, Target, table
from secaudit.tables.network._active import (
    Ask,
    Front,
    check_stays,
    first_problem,
    front,
    own_paths,
    plan_front,
    random_word,
    send_all,
    site_of,
    with_query,
)

KINDS = ("random", "null", "prefix", "suffix")
API = "GET a linked API with an Origin"


class Row(NamedTuple):
    """One request with a header Origin."""

    path: str
    origin_kind: str
    """random: a site that does not exist. null: a page without an origin. prefix: a name that begins with the name of
    this site. suffix: a name that ends with it."""
    origin: str
    status: int | None
    allow_origin: str | None
    """Access-Control-Allow-Origin of the answer; empty when it was not sent, NULL when no answer came."""
    accepted: int | None
    """1: the answer names this very origin."""
    credentials: int | None
    """1: scripts of that origin may send the visitor's cookies along."""
    any_accepted: int | None
    """1: the random origin is accepted too, so that any is."""


def plan(net: Net) -> Iterator[Planned]:
    """One request for each kind of origin, for the first page and for one API that it links."""
    site = site_of(net)
    yield from plan_front(net)
    for kind in KINDS:
        yield Planned("http", site.host, site.port, f"GET the first page with an Origin ({kind})", 1, "active")
    yield Planned("http", site.host, site.port, API, len(KINDS), "active")


@table(targets={"site"}, timeout_s=120.0, plan=plan)
def http_cors(target: Target) -> Iterator[Row]:
    """Origins that were tried, one row each. Source: the Fetch standard, "CORS protocol".

    Raises:
        NotCovered: active questions were not asked for.
        Partial: not all requests were answered.
    """
    net = target.net
    net.require("active", "asking with the header Origin of other sites")
    page = front(target)
    problems = []
    for path, what in [(page.site.path, ""), *((path, API) for path in _linked_apis(page)[:1])]:
        asks = [
            Ask(what or f"GET the first page with an Origin ({kind})", _fresh(path), headers=(("Origin", origin),))
            for kind, origin in _origins(page)
        ]
        answers = send_all(net, page.site, asks)
        problems.append(first_problem(answers))
        any_accepted = None
        for (kind, origin), answer in zip(_origins(page), answers, strict=True):
            allowed = None if answer.problem else answer.header("access-control-allow-origin") or ""
            sent = answer.ask.headers[0][1]
            accepted = None if allowed is None else int(allowed.strip().lower() == sent.lower())
            word = answer.header("access-control-allow-credentials") or ""
            if kind == "random":
                any_accepted = accepted
            yield Row(
                path[:500], kind, origin, answer.status, None if allowed is None else allowed[:300], accepted,
                None if allowed is None else int(word.strip() == "true"), any_accepted,
            )  # fmt: skip
    if any(problems):
        raise Partial(f"not all origins could be tried: {next(filter(None, problems))}")
    check_stays(page)


def _origins(page: Front) -> list[tuple[str, str]]:
    """The same words in one audit, so that rows can be compared; nothing is ever sent to these names."""
    site = page.site
    usual = site.port == (443 if site.scheme == "https" else 80)
    name = site.host if usual else f"{site.host}:{site.port}"
    return [
        ("random", "https://secaudit-origin.example"),
        ("null", "null"),
        ("prefix", f"{site.scheme}://{site.host}.secaudit-origin.example"),
        ("suffix", f"{site.scheme}://secaudit-origin{name}"),
    ]


def _fresh(path: str) -> str:
    """No cache may keep this answer for others."""
    return with_query(path, f"secaudit={random_word()}")


def _linked_apis(page: Front) -> list[str]:
    urls = [link.url for link in page.page.links] + [resource.url for resource in page.page.resources]
    paths = own_paths(page, urls + [form.action for form in page.page.forms if form.method == "get"])
    return [path for path in paths if "/api/" in path.lower() or path.partition("?")[0].lower().endswith(".json")]
