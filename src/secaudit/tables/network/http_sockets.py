"""http_sockets: web sockets that the page and its own scripts name. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Partial, Target, table
from secaudit.tables.network._scripts import plan_scripts, scripts_of
from secaudit.tables.network._text import cut
from secaudit.tables.network._visit import check_complete, page_of

_SOCKET = re.compile(r"""["'`](wss?)://([a-zA-Z0-9.-]+(?::\d+)?)""")
MOST = 20
"""Of one script."""


class HttpSocket(NamedTuple):
    """One address of a web socket."""

    page: str
    page_scheme: str
    place: str
    """The address of the script; empty when it is written into the page."""
    line: int
    """Of the script in the page."""
    scheme: str
    """ws or wss."""
    host: str
    """With its port."""
    own_machine: int
    """1 for localhost and 127.*: left over from building the page, and no visitor reaches anything there."""


@table(targets={"site"}, timeout_s=120.0, plan=plan_scripts)
def http_sockets(target: Target) -> Iterator[HttpSocket]:
    """Yield one row per address of a web socket that stands whole in a script; none when there is none.

    Own scripts of the page are read as a browser would read them, at most 32.

    Raises:
        NotCovered: the consent does not reach to the site.
        Absent: the page is no HTML.
        Failed: there is no page to look at.
        Partial: a part of the page or a script of it was not seen.
    """
    hop, page = page_of(target)
    found = scripts_of(target)
    for script in found.scripts:
        told = dict.fromkeys(match.groups() for match in _SOCKET.finditer(script.text))
        for scheme, host in list(told)[:MOST]:
            yield HttpSocket(
                cut(page.url), hop.exchange.scheme, cut(script.url.split("?")[0], 300), script.line, scheme,
                cut(host, 300), int(host.startswith(("localhost", "127."))),
            )  # fmt: skip
    check_complete(hop.exchange, page)
    if found.problem:
        raise Partial(found.problem)
