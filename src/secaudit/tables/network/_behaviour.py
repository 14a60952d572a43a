"""Requests of odd methods and odd paths, sent once for the tables that look at their answers."""

from __future__ import annotations

from typing import Iterator, NamedTuple
from urllib.parse import urlsplit

from secaudit.tableapi import Net, Planned, Target
from secaudit.tables.network._active import (
    Answer,
    Ask,
    Front,
    controls,
    front,
    own_paths,
    plan_controls,
    plan_front,
    random_word,
    send_all,
    site_of,
    with_query,
)

REDIRECTS = frozenset(
    "next url return returnurl return_url return_to returnto redirect redirect_to redirect_uri redirecturl "
    "redirect_url continue dest destination goto go target to out r u link forward back backurl callback ref "
    "service rurl".split()
)
"""Names that programs give to the address that comes next."""
MARK = "X-Secaudit-Echo"
BROKEN = "GET an address with a broken escape"
BAD_VALUE = "GET a linked page with a quote as a value"
BAD_LIST = "GET a linked page with a list as a value"


class Odd(NamedTuple):
    """An answer to a request that programs seldom get."""

    kind: str
    """missing, missing_file, broken_escape, quote_value, list_value, method."""
    answer: Answer


def plan_methods(net: Net) -> Iterator[Planned]:
    """What `methods` may send."""
    site = site_of(net)
    yield from plan_front(net)
    for what in ("OPTIONS the first page", "TRACE the first page", "PROPFIND the folder"):
        yield Planned("http", site.host, site.port, what, 1, "active")


def plan_oddities(net: Net) -> Iterator[Planned]:
    """What `oddities` may send."""
    site = site_of(net)
    yield from plan_methods(net)
    yield from plan_controls(net)
    for what in (BROKEN, BAD_VALUE, BAD_LIST):
        yield Planned("http", site.host, site.port, what, 1, "active")


def methods(target: Target) -> tuple[str, tuple[Answer, ...]]:
    """The word that TRACE should give back, and the answers to OPTIONS, TRACE and PROPFIND; sent once in an audit."""
    return target.shared("http-methods", _methods)


def _methods(target: Target) -> tuple[str, tuple[Answer, ...]]:
    page = front(target)
    word = random_word()
    asks = [
        Ask("OPTIONS the first page", page.site.path, "OPTIONS"),
        Ask("TRACE the first page", page.site.path, "TRACE", ((MARK, word),)),
        Ask("PROPFIND the folder", site_of(target.net).folder, "PROPFIND", (("Depth", "0"),)),
    ]
    return word, tuple(send_all(target.net, page.site, asks))


def oddities(target: Target) -> tuple[Odd, ...]:
    """Answers to requests that fail in a sound program, sent once in an audit."""
    return target.shared("http-oddities", _oddities)


def _oddities(target: Target) -> tuple[Odd, ...]:
    net = target.net
    page = front(target)
    missing = controls(target)
    folder = site_of(net).folder
    path, name = _with_parameter(page)
    asks = [
        ("broken_escape", Ask(BROKEN, f"{folder}%")),
        ("quote_value", Ask(BAD_VALUE, with_query(path, f"{name}=%27%22%28"))),
        ("list_value", Ask(BAD_LIST, with_query(path, f"{name}%5B%5D=1"))),
    ]
    sent = send_all(net, page.site, [ask for _, ask in asks])
    found = [Odd(kind, answer) for (kind, _), answer in zip(asks, sent, strict=True)]
    found += [Odd("method", answer) for answer in methods(target)[1] if answer.ask.method != "OPTIONS"]
    return (Odd("missing", missing.plain), Odd("missing_file", missing.file), *found)


def _with_parameter(page: Front) -> tuple[str, str]:
    """A page of this site that takes a parameter, and the name of it: as its links show, else the first page."""
    found: list[tuple[str, str]] = []
    for path in own_paths(page, [link.url for link in page.page.links]):
        name, sign, _ = urlsplit(path).query.partition("&")[0].partition("=")
        if sign and name.replace("_", "").replace("-", "").isalnum() and not leaves(path):
            found.append((path.partition("?")[0], name))
    found.sort(key=lambda pair: pair[1].lower() in REDIRECTS)
    return found[0] if found else (page.site.path.partition("?")[0], "id")


def leaves(path: str) -> bool:
    """Whether a link may do something although it is only followed: badly built programs delete by GET."""
    words = ("logout", "signout", "sign-out", "log-out", "delete", "remove", "destroy", "unsubscribe", "cancel", "buy")
    return any(word in path.lower() for word in words)
