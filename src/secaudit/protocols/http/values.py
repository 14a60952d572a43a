"""Structured values of headers: cookies, policies, parameters, as browsers read them."""

from __future__ import annotations

from typing import NamedTuple


class SetCookie(NamedTuple):
    """One Set-Cookie header, read as RFC 6265bis section 5.6 says."""

    name: str
    value: str
    attributes: dict[str, str]
    """Lower case name -> value; the last of each wins."""


class Directive(NamedTuple):
    """One directive of a Content-Security-Policy."""

    name: str
    values: tuple[str, ...]
    repeated: bool
    """A second one of that name in the same policy: browsers ignore it."""


def parse_set_cookie(text: str) -> SetCookie | None:
    """The cookie; None when a browser would ignore the header."""
    pair, *rest = text.split(";")
    name, equals, value = pair.partition("=")
    if not equals:
        name, value = "", pair
    name, value = name.strip(), value.strip()
    if not name and not value:
        return None
    attributes: dict[str, str] = {}
    for part in rest[:50]:
        key, _, word = part.partition("=")
        attributes[key.strip().lower()] = word.strip()
    return SetCookie(name, value, attributes)


def parse_csp(text: str) -> list[list[Directive]]:
    """Policies of one header value (they may be joined by commas), each as its directives."""
    policies = []
    for part in text.split(",")[:20]:
        directives: list[Directive] = []
        seen: set[str] = set()
        for piece in part.split(";")[:100]:
            words = piece.split()
            if not words:
                continue
            name = words[0].lower()
            directives.append(Directive(name, tuple(words[1:]), name in seen))
            seen.add(name)
        if directives:
            policies.append(directives)
    return policies


def parse_parameters(text: str, separator: str = ";") -> dict[str, str]:
    """`max-age=1; includeSubDomains` as names in lower case -> values; the first of each wins, as RFC 6797 has it."""
    found: dict[str, str] = {}
    for part in text.split(separator)[:100]:
        key, _, value = part.partition("=")
        found.setdefault(key.strip().lower(), value.strip().strip('"'))
    found.pop("", None)
    return found
