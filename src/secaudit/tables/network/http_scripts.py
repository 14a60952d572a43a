"""http_scripts: known libraries among the scripts of the page, and their known holes. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.advisories.layout import FOLDER
from secaudit.advisories.match import Hole, holes_of
from secaudit.advisories.reading import BrokenData, NoData, Reader
from secaudit.tableapi import Partial, Target, table
from secaudit.tables.network._libraries import Library, libraries_in_text, library_in_url
from secaudit.tables.network._library_holes import AS_OF, COVERED, hole_of, place_of
from secaudit.tables.network._scripts import plan_scripts, scripts_of
from secaudit.tables.network._text import cut
from secaudit.tables.network._visit import check_complete, page_of


class HttpScript(NamedTuple):
    """One library at one place."""

    page: str
    line: int
    """In the page."""
    url: str
    """Without its query; empty when it is written into the page."""
    name: str
    """Its name at npm."""
    version: str
    seen_in: str
    """url, or banner for a comment at its beginning."""
    holes: str | None
    """Names of the known holes of this version, with commas; empty for none; NULL when nothing is known about it."""
    fixed_in: str | None
    """The highest of the versions that mend them; empty when one has none."""
    data: str
    """Where that is known from: `npm advisories` or `built in`, with the day."""


@table(targets={"site"}, timeout_s=120.0, plan=plan_scripts)
def http_scripts(target: Target) -> Iterator[HttpScript]:
    """Yield one row per known library of which the address, or a comment at its beginning, tells the version.

    Own scripts of the page are read as a browser would read them, at most 20; those of other hosts only by address.

    Raises:
        NotCovered: the consent does not reach to the site.
        Absent: the page is no HTML.
        Failed: there is no page to look at.
        Partial: a part of the page or a script of it was not seen.
    """
    hop, page = page_of(target)
    found = scripts_of(target)
    for script in found.scripts:
        told = library_in_url(script.url) if script.url else None
        libraries = libraries_in_text(script.text)
        if told is not None and told.name not in {one.name for one in libraries}:
            libraries.append(told)
        for library in libraries:
            holes, fixed_in, data = _holes(target, library)
            yield HttpScript(
                cut(page.url), script.line, cut(script.url.split("?")[0], 300), library.name, library.version,
                library.seen_in, holes, fixed_in, data,
            )  # fmt: skip
    check_complete(hop.exchange, page)
    if found.problem:
        raise Partial(found.problem)


def _holes(target: Target, library: Library) -> tuple[str | None, str | None, str]:
    folder = target.kept(FOLDER)
    if folder is not None:
        try:
            with Reader(folder, "npm") as reader:
                data = f"npm advisories, {reader.facts.as_of[:10]}"
                holes = [one for one in holes_of(reader.about(library.name), library.version) if one.kind == "hole"]
        except (NoData, BrokenData):
            pass
        else:
            return (*_told(holes), data)
    if library.name not in COVERED:
        return None, None, f"built in, {AS_OF}"
    branch = hole_of(library.name, library.version)
    return (branch.hole, branch.fixed_in, f"built in, {AS_OF}") if branch else ("", "", f"built in, {AS_OF}")


def _told(holes: list[Hole]) -> tuple[str | None, str | None]:
    """Names of the holes, and the highest version that mends them."""
    sure = [one for one in holes if one.judgement.affected]
    if not sure:
        return (None, None) if holes else ("", "")
    names = ", ".join(next((name for name in one.aliases if name.startswith("CVE-")), one.id) for one in sure[:20])
    fixed = sorted((one.fixed_in for one in sure), key=place_of)
    return names, "" if "" in fixed else fixed[-1]
