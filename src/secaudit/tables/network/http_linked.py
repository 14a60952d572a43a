"""http_linked: folders that list their files, source maps and copies, found beside what the first page links. Not in
osquery.
"""

from __future__ import annotations

from typing import Any, Iterator, NamedTuple

from secaudit.tableapi import Net, Partial, Planned, Target, table
from secaudit.tables.network._active import (
    Answer,
    Ask,
    Controls,
    Front,
    check_stays,
    content,
    controls,
    first_problem,
    front,
    own_paths,
    plan_controls,
    plan_front,
    send_all,
    site_of,
)
from secaudit.tables.network._signatures import fits_one

FOLDER = "GET a folder of the first page's files"
MAP = "GET the source map of an own script"
COPY = "GET a copy of a linked program"
FOLDERS, MAPS, COPIES = 4, 2, 1
LIBRARIES = (
    "jquery", "bootstrap", "popper", "moment", "react", "vue", "angular", "lodash", "underscore", "d3", "swagger-ui",
    "highlight", "chart", "htmx", "alpine", "tinymce", "codemirror", "backbone", "handlebars", "require", "polyfill",
)  # fmt: skip
"""Scripts of others: their source is public anyway."""
PROGRAMS = (".php", ".asp", ".aspx", ".jsp", ".cgi", ".pl", ".py")


class Row(NamedTuple):
    """One address beside those that the first page links."""

    kind: str
    """listing: a folder. source_map: the source of a script. copy: an editor's copy of a program."""
    path: str
    status: int | None
    """NULL when no answer came."""
    hit: int | None
    """1: it is served. NULL: cannot be told."""
    evidence: str
    note: str
    """Why hit is NULL."""


def plan(net: Net) -> Iterator[Planned]:
    """The first page, the controls, and a few addresses of each kind."""
    site = site_of(net)
    yield from plan_front(net)
    yield from plan_controls(net)
    for what, most in ((FOLDER, FOLDERS), (MAP, MAPS), (COPY, 2 * COPIES)):
        yield Planned("http", site.host, site.port, what, most, "active")


@table(targets={"site"}, timeout_s=120.0, plan=plan)
def http_linked(target: Target) -> Iterator[Row]:
    """The first page itself as a listing, its folders, the maps of its scripts, copies of its programs: one row each.

    Raises:
        NotCovered: active questions were not asked for.
        Partial: not all requests were answered.
    """
    net = target.net
    net.require("active", "asking for folders, source maps and copies")
    page = front(target)
    missing = controls(target)
    paths = own_paths(page, [item.url for item in page.page.resources] + [item.url for item in page.page.links])
    jobs = [("listing", Ask(FOLDER, path)) for path in _folders(page, paths)[:FOLDERS]]
    jobs += [("source_map", Ask(MAP, path)) for path in _maps(page)[:MAPS]]
    jobs += [("copy", Ask(COPY, path + end)) for path in _programs(paths)[:COPIES] for end in ("~", ".bak")]
    answers = send_all(net, page.site, [ask for _, ask in jobs])
    listings = list(content().signatures("listing"))
    yield _row("listing", page.site.path, page.answer, listings, None)
    for (kind, ask), answer in zip(jobs, answers, strict=True):
        yield _row(kind, ask.path, answer, listings, missing)
    if problem := first_problem(answers):
        raise Partial(f"not all requests were answered: {problem}")
    check_stays(page)


def _row(kind: str, path: str, answer: Answer, listings: list[Any], missing: Controls | None) -> Row:
    if answer.problem:
        return Row(kind, path[:500], None, None, "", answer.problem)
    words = _evidence(kind, answer, listings)
    if words and any(_evidence(kind, control, listings) for control in missing or ()):
        return Row(kind, path[:500], answer.status, None, "", "a path that does not exist is answered the same way")
    if not words and not answer.is_whole and answer.status == 200:
        return Row(kind, path[:500], answer.status, None, "", "not all of the answer was read")
    return Row(kind, path[:500], answer.status, int(bool(words)), words, "")


def _evidence(kind: str, answer: Answer, listings: list[Any]) -> str:
    """By what the answer is what we look for; empty when it is not."""
    if answer.status != 200:
        return ""
    view = answer.view()
    if kind == "listing":
        return next((f"a listing as {item.name} writes it" for item in listings if fits_one(item.matches, view)), "")
    if kind == "source_map":
        needed = {"version", "sources", "mappings"} if answer.is_whole else {"version", "sources"}
        if needed <= view.keys and not view.is_html:
            return "a source map" + (" with the source in it" if "sourcesContent" in view.keys else "")
        return ""
    if any(sign in view.text for sign in ("<?php", "<?=", "<%@", "#!/usr/bin/", "#!/bin/")):
        return "the source of a program"
    return ""


def _folders(page: Front, paths: list[str]) -> list[str]:
    """Folders above the linked files, those of files that the page loads first, without the folder of the page."""
    found: dict[str, None] = {}
    for path in paths:
        parts = path.partition("?")[0].split("/")[1:-1]
        for count in range(len(parts), 0, -1):
            found["/" + "/".join(parts[:count]) + "/"] = None
    found.pop(page.site.folder, None)
    return list(found)


def _maps(page: Front) -> list[str]:
    """Addresses of maps of the scripts that the page loads from its own site."""
    urls = [item.url for item in page.page.resources if item.kind == "script"]
    places = [path.partition("?")[0] for path in own_paths(page, urls)]
    return [place + ".map" for place in dict.fromkeys(places) if place.endswith((".js", ".mjs")) and _is_own(place)]


def _is_own(place: str) -> bool:
    name = place.rpartition("/")[2].lower()
    return not name.startswith(LIBRARIES) and "/vendor/" not in place and "/node_modules/" not in place


def _programs(paths: list[str]) -> list[str]:
    places = dict.fromkeys(path.partition("?")[0] for path in paths)
    return [place for place in places if place.lower().endswith(PROGRAMS) and not place.startswith("/index.")]
