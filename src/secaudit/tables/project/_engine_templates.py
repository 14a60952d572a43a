"""Page templates of Django, Jinja, Twig and Nunjucks: where escaping is switched off, and forms without a token.

Plain search from mark to mark, so time grows linearly with the text.
"""

from __future__ import annotations

from typing import Iterator, Sequence

from secaudit.tableapi import Target, TimedOut
from secaudit.tables.project._code import PARTIAL, Answer, Weak, is_marked
from secaudit.tables.project._listing import Listed
from secaudit.tables.project._reading import each_read
from secaudit.tables.project._roles import role_of

ENGINE = "secaudit"
LANGUAGES = ("html",)
MAX_EXPRESSION = 2000
MAX_FORM = 100_000
MAX_FOUND = 300
"""Of one file."""

_SAFE = (b"|safe", b"|raw")
_MADE_SAFE = tuple(
    word.encode()
    for word in "|tojson |escape |e| |striptags |bleach |sanitize |json_script |urlencode |linebreaks |date |length"
    " |int static( url_for( csrf hidden_tag".split()
)
"""Filters and functions whose result is harmless."""

_OFF = (b"autoescapeoff", b"autoescapefalse", b"autoescape'false'")
_TOKENS = (b"csrf", b"hidden_tag", b"authenticity_token", b"_token")


def find(target: Target, language: str, sources: Sequence[Listed]) -> Answer | None:
    """Give what stands in the templates; a file without {{ or {% is none."""
    found: list[Weak] = []
    problems: list[str] = []
    wanted = [source for source in sources if role_of(source.path) != "test"]
    try:
        for source, data in each_read(target, wanted, problems):
            if b"{{" in data or b"{%" in data:
                made = _in_file(data, source.path)
                if len(made) > MAX_FOUND:
                    problems.append(f"{source.path} has more than {MAX_FOUND} places")
                found.extend(made[:MAX_FOUND])
    except TimedOut:
        problems.append("time was up before all templates were read")
    return Answer(tuple(found), PARTIAL if problems else "ran", "; ".join(problems[:3]))


def _in_file(data: bytes, path: str) -> list[Weak]:
    if b"</" not in data:  # the text of a mail, where nothing is HTML
        return []
    places = sorted([*_unescaped(data), *_switched_off(data), *_forms(data)])[: MAX_FOUND + 1]
    made: list[Weak] = []
    line, at = 1, 0
    for start, rule, weakness, cwe, severity, confidence, message in places:
        line += data.count(b"\n", at, start)
        at = start
        begin = data.rfind(b"\n", 0, start) + 1
        text = data[begin : data.find(b"\n", start, start + 2000)]
        made.append(
            Weak(rule, weakness, cwe, severity, confidence, path, line, start - begin + 1, message, is_marked(text))
        )
    return made


def _between(data: bytes, opening: bytes, closing: bytes) -> Iterator[tuple[int, bytes]]:
    """Each expression, without its blanks."""
    at = data.find(opening)
    while at >= 0:
        end = data.find(closing, at, at + MAX_EXPRESSION)
        if end >= 0:
            yield at, b"".join(data[at + len(opening) : end].split())
        at = data.find(opening, at + len(opening))


def _unescaped(data: bytes) -> Iterator[tuple[int, str, str, int, str, str, str]]:
    for at, inner in _between(data, b"{{", b"}}"):
        mark = next((word for word in _SAFE if word in inner), None)
        if mark is None or inner[:1] in (b'"', b"'") or any(word in inner + b"|" for word in _MADE_SAFE):
            continue
        rest = inner[inner.find(mark) + len(mark) :]
        if rest[:1] not in (b"", b"|", b"}", b"-", b")"):
            continue
        asked = inner.startswith((b"request.", b"params.", b"query."))
        yield (
            at, "template-safe", "xss", 79, "high", "high" if asked else "medium",
            "a variable is shown without being escaped",
        )  # fmt: skip


def _switched_off(data: bytes) -> Iterator[tuple[int, str, str, int, str, str, str]]:
    for at, inner in _between(data, b"{%", b"%}"):
        if inner.strip(b"-+").startswith(_OFF):
            yield at, "template-autoescape", "autoescape-off", 79, "high", "high", "a part of the page is not escaped"


def _forms(data: bytes) -> Iterator[tuple[int, str, str, int, str, str, str]]:
    low = data.lower()
    at = low.find(b"<form")
    while at >= 0:
        following = low.find(b"<form", at + 5)
        stop = min(at + MAX_FORM, following if following >= 0 else len(low))
        tag_end = low.find(b">", at, min(stop, at + MAX_EXPRESSION))
        end = low.find(b"</form", at, stop)
        tag = b"".join(low[at:tag_end].split()) if tag_end >= 0 else b""
        is_post = any(word in tag for word in (b'method="post"', b"method='post'", b"method=post"))
        leads_away = any(word in tag for word in (b'action="http', b"action='http"))
        if is_post and not leads_away:
            body = low[at : end if end >= 0 else stop]
            if not any(word in body for word in _TOKENS):
                yield at, "template-form", "csrf-off", 352, "high", "medium", "a form has no token against forgery"
        at = following
