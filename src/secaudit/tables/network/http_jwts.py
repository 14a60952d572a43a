"""http_jwts: JSON Web Tokens that a visitor is handed without a login, without their values. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.network._answers import answers_of
from secaudit.tables.network._cookies import claims_of, cookies_of, jwts_in
from secaudit.tables.network._text import cut, text_of
from secaudit.tables.network._visit import check_complete, check_visit, plan_visit, visit


class HttpJwt(NamedTuple):
    """One token."""

    exchange: int
    """The number in http_exchanges."""
    url: str
    place: str
    """`cookie NAME` or `page`."""
    algorithm: str
    """As its header says, in lower case: hs256, rs256, none ...; empty when it says none."""
    signed: int
    """1 when there is a signature at its end; whether it is right, nobody but the server can tell."""
    expires: int
    """1 when it says when it ends."""
    expires_s: int
    """Seconds since 1970 UTC; 0 when it does not say."""
    issued_s: int
    """Seconds since 1970 UTC; 0 when it does not say."""
    claims: str
    """Names of what it tells, with commas."""


@table(targets={"site"}, timeout_s=120.0, plan=plan_visit)
def http_jwts(target: Target) -> Iterator[HttpJwt]:
    """Yield one row per token in cookies and answers of the visit; none when there is none.

    Source: RFC 7519.

    Raises:
        NotCovered: the consent does not reach to the site.
        Partial: requests of the visit are missing, or only a part of the page was seen.
    """
    for answer in answers_of(target):
        places = [(f"cookie {one.name}", one.value) for one in cookies_of(answer.exchange, target.now_s)]
        if answer.exchange.reply.body:
            places.append(("page", text_of(answer.exchange)))
        for place, text in places:
            for token in jwts_in(text):
                header, claims = claims_of(token, 0), claims_of(token, 1)
                if not isinstance(header.get("alg"), str):
                    continue
                yield HttpJwt(
                    exchange=answer.number,
                    url=cut(answer.exchange.url),
                    place=cut(place, 120),
                    algorithm=str(header["alg"]).lower()[:40],
                    signed=int(bool(token.split(".")[2])),
                    expires=int(_seconds(claims.get("exp")) > 0),
                    expires_s=_seconds(claims.get("exp")),
                    issued_s=_seconds(claims.get("iat")),
                    claims=cut(", ".join(str(name)[:40] for name in claims), 300),
                )
    seen = visit(target)
    check_visit(seen)
    if seen.page is not None:
        check_complete(seen.page.exchange)


def _seconds(value: object) -> int:
    return int(value) if isinstance(value, (int, float)) and 0 < value < 1e12 else 0
