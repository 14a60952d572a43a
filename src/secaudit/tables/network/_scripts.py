"""The page's own scripts, fetched once in a run as a browser would."""

from __future__ import annotations

from typing import Iterator, NamedTuple
from urllib.parse import urlsplit

from secaudit.protocols.http import Exchange, exchange, path_of
from secaudit.protocols.http.exchange import DEFAULT_PORTS
from secaudit.tableapi import Net, Planned, Stopped, Target
from secaudit.tables.network._text import text_of
from secaudit.tables.network._visit import page_of, plan_visit, starts

MOST = 32
"""Own scripts that are fetched."""
SCRIPT_BYTES = 512 * 1024
WORDS = "GET a script of the page"
"""Under which words these requests are written down: their paths are known only then."""


class Script(NamedTuple):
    """One script of the page."""

    url: str
    """Empty for one that is written into the page."""
    line: int
    """In the page."""
    text: str
    """Empty for a script of another host, which is not fetched."""
    whole: bool
    """Whether all of it was read."""


class Scripts(NamedTuple):
    """All scripts of the page."""

    scripts: tuple[Script, ...]
    problem: str
    """Why some could not be read; empty when none."""


def plan_scripts(net: Net) -> Iterator[Planned]:
    """What the visit and the page's own scripts may send."""
    yield from plan_visit(net)
    for _, port in starts(net):
        if port is not None:
            yield Planned("http", net.hosts[0], port, WORDS, MOST, "passive")


def scripts_of(target: Target) -> Scripts:
    """The scripts of the page: those written into it, and those of the same host and port.

    Raises:
        Failed, Absent: as `page_of`.
    """
    return target.shared("http-scripts", _fetch)


def _fetch(target: Target) -> Scripts:
    hop, page = page_of(target)
    made = [Script("", one.line, one.text, True) for one in page.inlines if one.tag == "script"]
    named = {one.url: one.line for one in reversed(page.resources) if one.kind == "script"}
    own = [url for url in named if _is_own(url, hop.exchange)]
    problems = [f"only {MOST} of the page's {len(own)} own scripts are read"] if len(own) > MOST else []

    def fetch(url: str) -> tuple[str, bool, str]:
        try:
            found = exchange(
                target.net, hop.exchange.host, hop.exchange.port, hop.exchange.scheme, "GET", path_of(url),
                headers=[("Accept", "*/*")], what=WORDS, limit_bytes=SCRIPT_BYTES,
            )  # fmt: skip
        except Stopped as stop:
            return "", False, stop.reason
        if found.outcome != "ok":
            return "", False, f"a script of the page could not be read ({found.outcome}): {url[:100]}"
        if found.reply.status != 200:
            return "", True, ""  # a browser gets no script either
        whole = found.reply.body_state == "complete"
        return text_of(found), whole, "" if whole else f"only a part of a script could be read: {url[:100]}"

    wanted = own[:MOST]
    answers = target.net.each(wanted, fetch)
    for number, url in enumerate(wanted):
        text, whole, problem = answers[number]
        made.append(Script(url, named[url], text, whole))
        problems.append(problem)
    made.extend(Script(url, line, "", False) for url, line in named.items() if url not in wanted)
    return Scripts(tuple(made), next(filter(None, problems), ""))


def _is_own(url: str, page: Exchange) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return False
    return (parts.scheme, parts.hostname, port) == (page.scheme, page.host, page.port)
