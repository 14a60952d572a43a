"""Sends the probes of the content and judges whether each one hit. One run of them for all tables."""

from __future__ import annotations

from typing import Any, Iterator, NamedTuple
from urllib.parse import urlsplit

from secaudit.tableapi import Net, Planned, Target
from secaudit.tables.network._active import (
    Answer,
    Ask,
    Controls,
    Front,
    content,
    controls,
    front,
    joined,
    plan_controls,
    plan_front,
    send,
    send_all,
    site_of,
)
from secaudit.tables.network._signatures import fits_one, version_after

SLASH = "GET a probed path with a slash behind it"
SLASHES = 4
PART = (("Range", "bytes=0-4095"),)
FAILED = (502, 503, 504)


class Probed(NamedTuple):
    """What one probe found."""

    group: str
    probe: Any
    path: str
    status: int | None
    hit: int | None
    evidence: str
    note: str
    version: str | None


class Probing(NamedTuple):
    """All probes of one audit."""

    results: tuple[Probed, ...]
    controls: Controls
    problem: str
    """Why not all could be asked; empty when all could."""
    changed: str
    """How the site began to answer differently while it was asked; empty when it did not."""


def plan_probes(net: Net) -> Iterator[Planned]:
    """Everything that `probing` may send."""
    site = site_of(net)
    yield from plan_front(net)
    yield from plan_controls(net)
    counts: dict[str, int] = {}
    for _group, probe, path in _all():
        if path != "/":
            counts[f"{probe.method} {path if probe.at == 'host' else site.folder + path[1:]}"] = 1
    for words, most in counts.items():
        yield Planned("http", site.host, site.port, words, most, "active")
    yield Planned("http", site.host, site.port, SLASH, SLASHES, "active")
    yield Planned("http", site.host, site.port, "GET the first page again", 1, "active")


def probing(target: Target) -> Probing:
    """Send the probes, once in an audit."""
    return target.shared("http-probing", _probing)


def _probing(target: Target) -> Probing:
    net = target.net
    page = front(target)
    missing = controls(target)
    jobs: list[tuple[str, Any, str, Ask | None]] = []
    named = site_of(net)
    for group, probe, path in _all():
        if probe.only_for and not shows(page, probe.only_for):
            continue
        place = path if probe.at == "host" else named.folder + path[1:]
        if path == "/":
            jobs.append((group, probe, page.site.path, None))
            continue
        headers = (("Accept", probe.accept), *(PART if probe.part else ()))
        if probe.body:
            headers += (("Content-Type", "application/json"),)
        what = f"{probe.method} {place}"
        jobs.append((group, probe, place, Ask(what, place, probe.method, headers, probe.body.encode())))
    asks = [ask for *_, ask in jobs if ask is not None]
    answers = dict(zip(asks, send_all(net, page.site, asks), strict=True))
    answers.update(_slashes(net, page, list(answers.values())))
    again = send(net, page.site, Ask("GET the first page again", page.site.path))
    results = tuple(
        judge(group, probe, path, page.answer if ask is None else answers[ask], page, missing)
        for group, probe, path, ask in jobs
    )
    problem = next((answer.problem for answer in answers.values() if answer.problem), "")
    changed = again.problem or (
        f"the first page answered {page.answer.status} before and {again.status} after"
        if again.status != page.answer.status
        else ""
    )
    return Probing(results, missing, problem, changed)


def _slashes(net: Net, page: Front, answers: list[Answer]) -> dict[Ask, Answer]:
    """Answers of folders that were asked for without the slash at their end."""
    moved = []
    for answer in answers:
        if answer.status in (301, 302, 307, 308) and answer.ask.method == "GET":
            where = urlsplit(joined(page.site.url, answer.header("location") or ""))
            if where.path == answer.ask.path + "/" and where.hostname == page.site.host.strip("[]"):
                moved.append(answer.ask)
    moved = moved[:SLASHES]
    second = send_all(net, page.site, [ask._replace(what=SLASH, path=ask.path + "/") for ask in moved])
    return dict(zip(moved, second, strict=True))


def judge(group: str, probe: Any, path: str, answer: Answer, page: Front, missing: Controls) -> Probed:
    """Whether a reply shows what the probe looks for. Pure.

    A hit needs the status, the signature, and that a path that does not exist is answered differently.
    """

    def found(hit: int | None, evidence: str = "", note: str = "", version: str | None = None) -> Probed:
        return Probed(group, probe, path, answer.status, hit, evidence, note, version)

    if answer.problem:
        return found(None, note=answer.problem)
    if answer.status in FAILED:
        return found(None, note=f"the server failed with {answer.status}")
    view = answer.view()
    words = "" if answer.status not in probe.status or fits_one(probe.unless, view) else fits_one(probe.matches, view)
    if not words:
        if (where := _elsewhere(answer, path, page)) is not None:
            return found(None, note=f"the host sends this on to {where}; audit that one")
        if answer.status in probe.status and answer.is_broken:
            return found(None, note="the answer broke off")
        return found(0)
    for control in missing:
        if path != page.site.path and control.status in probe.status and fits_one(probe.matches, control.view()):
            return found(None, note="a path that does not exist is answered the same way")
    size = len(answer.exchange.reply.body) if answer.exchange is not None else 0
    kind = view.type.partition(";")[0].strip()[:60] or "no content type"
    evidence = f"{probe.what}: {words}; {size} bytes, {kind}"
    return found(1, evidence[:300], version=version_after(probe.version_after, view))


def _elsewhere(answer: Answer, path: str, page: Front) -> str | None:
    """The other site that a request was sent on to with its path; None when it was not."""
    if answer.status not in (301, 302, 303, 307, 308):
        return None
    where = urlsplit(joined(page.site.url, answer.header("location") or ""))
    here = urlsplit(page.site.url)
    if where.path.rstrip("/") != path.partition("?")[0].rstrip("/"):
        return None
    if (where.scheme, where.netloc.lower()) == (here.scheme, here.netloc.lower()):
        return None
    return f"{where.scheme}://{where.netloc}"[:100]


def shows(page: Front, product: str) -> bool:
    """Whether the first page shows a product of the content."""
    view = page.answer.view()
    for known in content().software().products:
        if known.name == product:
            return any(word.lower() in view.text for word in known.page) or any(
                product in value for name, value in view.headers if name in ("link", "x-pingback", "x-generator")
            )
    return False


def _all() -> Iterator[tuple[str, Any, str]]:
    for group in content().probe_groups():
        for probe in group.probes:
            for path in probe.paths:
                yield group.group, probe, path
