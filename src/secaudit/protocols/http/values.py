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


class Hsts(NamedTuple):
    """A Strict-Transport-Security header, as browsers read it."""

    valid: bool
    """False: browsers ignore it."""
    max_age_s: int
    include_subdomains: bool
    preload: bool


def parse_hsts(text: str) -> Hsts:
    """Read the header by RFC 6797 section 6.1: names in any case, each once, `max-age` needed."""
    seen: dict[str, str] = {}
    for part in text.split(";")[:50]:
        name, _, value = part.partition("=")
        name = name.strip().lower()
        if not name:
            continue
        if name in seen:
            return Hsts(False, 0, False, False)
        seen[name] = value.strip().strip('"')
    age = seen.get("max-age", "")
    if not (age.isascii() and age.isdigit()):
        return Hsts(False, 0, False, False)
    return Hsts(True, int(age[:15]), "includesubdomains" in seen, "preload" in seen)


_REFERRER = frozenset(
    "no-referrer no-referrer-when-downgrade same-origin origin strict-origin origin-when-cross-origin "
    "strict-origin-when-cross-origin unsafe-url".split()
)


def parse_referrer_policy(values: tuple[str, ...]) -> str:
    """The policy that counts: the last one that browsers know; empty without one."""
    words = [word.strip().lower() for value in values for word in value.split(",")]
    return next((word for word in reversed(words) if word in _REFERRER), "")


def parse_frame_options(values: tuple[str, ...]) -> str:
    """X-Frame-Options as browsers read it (HTML, section 7.5.1): deny, sameorigin, or empty for no effect."""
    words = {word.strip().lower() for value in values for word in value.split(",") if word.strip()}
    known = words & {"deny", "sameorigin", "allowall"}
    if len(words) > 1 and known:
        return "deny"
    return next(iter(words & {"deny", "sameorigin"}), "")


def is_nosniff(values: tuple[str, ...]) -> bool:
    """X-Content-Type-Options as browsers read it (Fetch, section 3.6): the first value counts."""
    words = [word.strip().lower() for value in values for word in value.split(",")]
    return bool(words) and words[0] == "nosniff"
