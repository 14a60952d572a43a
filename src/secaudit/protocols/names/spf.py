"""The syntax of an SPF record (RFC 7208, section 12): its terms, each with its place and what is wrong with it."""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

from secaudit.protocols.names.asking import has_foreign_bytes

"""Terms that make the receiver ask the DNS."""

MAX_TERMS = 600
"""Of one record. 64 KB of text holds more; the rest is an error of the last term that is kept."""

_MECHANISMS = frozenset({"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"})
_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9._-]*)=(.*)", re.DOTALL)
_MECHANISM = re.compile(r"([+?~-]?)([A-Za-z][A-Za-z0-9._-]*)(.*)", re.DOTALL)
_CIDR = re.compile(r"(.*?)(?:/(\d+))?(?://(\d+))?", re.DOTALL)
_MACRO = re.compile(r"%\{([slodiphvcrtSLODIPHVCRT])(\d*)(r?)([.+,/_=-]*)\}|%%|%_|%-", re.IGNORECASE)
_TOP = re.compile(r"(?=[A-Za-z0-9-]*[A-Za-z-])[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")
_NUMBER = re.compile(r"0|[1-9]\d*")


class Term(NamedTuple):
    """One word of a record."""

    position: int
    """Its number; the version is 1."""
    text: str
    qualifier: str
    """`+`, `-`, `~` or `?`; empty for a modifier."""
    name: str
    """In lower case; empty where nothing can be read."""
    target: str
    """The domain, as written."""
    prefix4: int
    """Network size; 32 where none is written."""
    prefix6: int
    error: str
    """What is wrong, empty when nothing is."""


def is_spf(text: str) -> bool:
    """Whether a TXT record is meant as SPF version 1: the version must stand alone."""
    return text[:6].lower() == "v=spf1" and text[6:7] in ("", " ")


def parse(text: str) -> list[Term]:
    """The terms of a record that `is_spf`. All are read, also behind one that is wrong."""
    words = [word for word in text[6:].split(" ") if word]
    terms = [_term(number, word) for number, word in enumerate(words[:MAX_TERMS], 2)]
    if len(words) > MAX_TERMS:
        terms[-1] = terms[-1]._replace(error=f"more than {MAX_TERMS} terms")
    seen: set[str] = set()
    for index, term in enumerate(terms):
        if term.name in ("redirect", "exp") and not term.qualifier and not term.error:
            if term.name in seen:
                terms[index] = term._replace(error=f"{term.name}= stands twice")
            seen.add(term.name)
    return terms


def _term(position: int, word: str) -> Term:
    bare = Term(position, word, "", "", "", 32, 128, "")
    if has_foreign_bytes(word) or any(not "!" <= letter <= "~" for letter in word):
        return bare._replace(error="a character that is not allowed")
    modifier = _MODIFIER.fullmatch(word)
    if modifier:
        name, value = modifier[1].lower(), modifier[2]
        error = ""
        if name in ("redirect", "exp"):
            error = domain_error(value)
        elif not _macros_are_right(value):
            error = "a % that begins no macro"
        return bare._replace(name=name, target=value, error=error)
    mechanism = _MECHANISM.fullmatch(word)
    if mechanism is None or mechanism[2].lower() not in _MECHANISMS:
        return bare._replace(error="not a mechanism or modifier of SPF")
    term = bare._replace(qualifier=mechanism[1] or "+", name=mechanism[2].lower())
    return _arguments(term, mechanism[3])


def _arguments(term: Term, rest: str) -> Term:
    if term.name == "all":
        return term._replace(error="all takes no argument") if rest else term
    if term.name in ("ip4", "ip6"):
        return _network(term, rest)
    if term.name in ("include", "exists"):
        if not rest.startswith(":"):
            return term._replace(error=f"{term.name} needs a domain")
        return term._replace(target=rest[1:], error=domain_error(rest[1:]))
    domain, prefix4, prefix6 = rest, None, None
    if term.name != "ptr":
        cut = _CIDR.fullmatch(rest)
        if cut is not None:  # always
            domain, prefix4, prefix6 = cut[1], cut[2], cut[3]
    error = ""
    if domain:
        error = domain_error(domain[1:]) if domain.startswith(":") else "a domain is written behind a colon"
    if not error and not (_fits(prefix4, 32) and _fits(prefix6, 128)):
        error = "a network size that does not exist"
    size4 = int(prefix4) if prefix4 and not error else 32
    size6 = int(prefix6) if prefix6 and not error else 128
    return term._replace(target=domain[1:], prefix4=size4, prefix6=size6, error=error)


def _network(term: Term, rest: str) -> Term:
    text, slash, size = rest[1:].partition("/")
    limit = 32 if term.name == "ip4" else 128
    term = term._replace(target=rest[1:])
    if not rest.startswith(":"):
        return term._replace(error=f"{term.name} needs an address")
    try:
        if term.name == "ip4":
            ipaddress.IPv4Address(text)
        else:
            if "%" in text:
                raise ValueError
            ipaddress.IPv6Address(text)
    except ValueError:
        return term._replace(error=f"not an address for {term.name}")
    if slash and not (size and _fits(size, limit)):
        return term._replace(error="a network size that does not exist")
    prefix = int(size) if size else limit
    return term._replace(prefix4=prefix) if limit == 32 else term._replace(prefix6=prefix)


def _fits(size: str | None, limit: int) -> bool:
    return size is None or (len(size) <= 3 and bool(_NUMBER.fullmatch(size)) and int(size) <= limit)


def _macros_are_right(text: str, letters: str = "slodiphvcrt") -> bool:
    place = 0
    while (start := text.find("%", place)) >= 0:
        macro = _MACRO.match(text, start)
        if macro is None or (macro[1] and macro[1].lower() not in letters) or (macro[2] and int(macro[2][:3]) == 0):
            return False
        place = macro.end()
    return True


def domain_error(text: str) -> str:
    """What is wrong with a `domain-spec`: it ends in a macro, or in a top label behind a dot."""
    if not text:
        return "a domain is missing"
    if not _macros_are_right(text, "slodiphv"):
        return "a % that begins no macro"
    if re.search(r"%\{[^}]*\}$", text):
        return ""
    bare = text[:-1] if text.endswith(".") else text
    _, dot, top = bare.rpartition(".")
    if not dot or not _TOP.fullmatch(top):
        return "a domain must end in a dot and a top label"
    return ""


def expand(target: str, domain: str) -> str | None:
    """The name that a target means for every message alike; None when it depends on the message.

    Only `%{d}`, the domain whose record it is, is the same always.
    """
    if "%" not in target:
        return target
    parts: list[str] = []
    place = 0
    for macro in _MACRO.finditer(target):
        parts.append(target[place : macro.start()])
        place = macro.end()
        if macro[1] is None:
            parts.append({"%%": "%", "%_": " ", "%-": "%20"}[macro[0]])
            continue
        if macro[1].lower() != "d":
            return None
        delimiters = macro[4] or "."
        labels = re.split("[" + re.escape(delimiters) + "]", domain)
        if macro[3]:
            labels.reverse()
        if macro[2]:
            labels = labels[-int(macro[2][:3]) :]
        parts.append(".".join(labels))
    return "".join(parts) + target[place:]
