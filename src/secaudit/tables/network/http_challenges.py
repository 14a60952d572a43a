"""http_challenges: logins that the server itself asks for (WWW-Authenticate). Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.network._answers import answers_of
from secaudit.tables.network._text import cut
from secaudit.tables.network._visit import check_visit, plan_visit, visit

_SCHEME = re.compile(
    r"(?:^|,)\s*([A-Za-z][A-Za-z0-9!#$%&'*+.^_`|~-]{0,40})"
    r"(?=\s+[A-Za-z0-9_*-]+\s*=|\s*(?:,|$)|\s+[A-Za-z0-9+/=._~-]+\s*(?:,|$))"
)
_REALM = re.compile(r'realm\s*=\s*"([^"]{0,200})"', re.I)


class HttpChallenge(NamedTuple):
    """One way to log in that was offered."""

    exchange: int
    """The number in http_exchanges."""
    url: str
    scheme: str
    """http or https: over which the login would travel."""
    status: int
    method: str
    """basic, digest, bearer, negotiate, ntlm ... in lower case."""
    realm: str


@table(targets={"site"}, timeout_s=120.0, plan=plan_visit)
def http_challenges(target: Target) -> Iterator[HttpChallenge]:
    """Yield one row per way of each WWW-Authenticate header; none when the server asks for no login of its own.

    Raises:
        NotCovered: the consent does not reach to the site.
        Partial: requests of the visit are missing.
    """
    for answer in answers_of(target):
        for text in answer.exchange.reply.all("www-authenticate")[:20]:
            realm = _REALM.search(text)
            for match in _SCHEME.finditer(text[:2000]):
                yield HttpChallenge(
                    answer.number, cut(answer.exchange.url), answer.exchange.scheme, answer.exchange.reply.status or 0,
                    match.group(1).lower()[:40], realm.group(1) if realm else "",
                )  # fmt: skip
    check_visit(visit(target))
