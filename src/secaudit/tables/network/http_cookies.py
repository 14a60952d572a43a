"""http_cookies: the cookies that one visit sets, without their values. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.network._answers import answers_of
from secaudit.tables.network._cookies import cookies_of
from secaudit.tables.network._text import cut
from secaudit.tables.network._visit import check_visit, plan_visit, visit


class HttpCookie(NamedTuple):
    """One Set-Cookie header."""

    exchange: int
    """The number in http_exchanges."""
    url: str
    scheme: str
    """http or https: over which it came."""
    name: str
    purpose: str
    """session, csrf, analytics, advertising, settings or other, by its name."""
    deleted: int
    """1 when the header only removes the cookie."""
    lifetime_s: int
    """Seconds from now; 0 when it ends with the browser, -1 when it is removed."""
    domain: str
    """The attribute; empty: this host alone gets the cookie."""
    path: str
    secure: int
    httponly: int
    samesite: str
    """lax, strict or none; empty when it is missing or unknown (then browsers take lax, some for two minutes not)."""
    prefix: str
    """`__Host-`, `__Secure-` or empty."""
    prefix_ok: int
    """0 when the rules of the prefix are broken, so that browsers drop the cookie."""
    length: int
    """Characters of the value."""
    kind: str
    """Form of the value: empty, number, hex, uuid, jwt, json, word, opaque."""
    bits: int
    """The most chance that the value can hold, by its length and alphabet: an upper limit."""
    telling: str
    """Names of readable fields in the value that speak of rights or people."""


@table(targets={"site"}, timeout_s=120.0, plan=plan_visit)
def http_cookies(target: Target) -> Iterator[HttpCookie]:
    """Yield one row per Set-Cookie header of each answer.

    Source: RFC 6265bis sections 5.6 and 5.7.

    Raises:
        NotCovered: the consent does not reach to the site.
        Partial: requests of the visit are missing.
    """
    for answer in answers_of(target):
        found = answer.exchange
        for cookie in cookies_of(found, target.now_s):
            of = cookie.attributes
            same = of.get("samesite", "").lower()
            prefix = next(
                (word for word in ("__Host-", "__Secure-") if cookie.name.lower().startswith(word.lower())), ""
            )
            secure = "secure" in of
            broken = bool(prefix) and (not secure or found.scheme != "https")
            if prefix == "__Host-":
                broken |= bool(of.get("domain")) or of.get("path", "") != "/"
            yield HttpCookie(
                exchange=answer.number,
                url=cut(found.url),
                scheme=found.scheme,
                name=cookie.name,
                purpose=cookie.purpose,
                deleted=int(cookie.lifetime_s < 0),
                lifetime_s=cookie.lifetime_s,
                domain=cut(of.get("domain", ""), 200),
                path=cut(of.get("path", ""), 200),
                secure=int(secure),
                httponly=int("httponly" in of),
                samesite=same if same in ("lax", "strict", "none") else "",
                prefix=prefix,
                prefix_ok=int(not broken),
                length=len(cookie.value),
                kind=cookie.kind,
                bits=cookie.bits,
                telling=cookie.telling,
            )
    check_visit(visit(target))
