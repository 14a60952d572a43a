"""Bodies of answers as text."""

from __future__ import annotations

import codecs
import re

from secaudit.protocols.http import Exchange, parse_parameters

CELL = 2000
"""Characters of a row's cell that come from the other side."""
_CODECS = re.compile(
    r"(utf[-_]?8|utf[-_]?16([-_]?[lb]e)?|us[-_]?ascii|latin[-_]?1|iso[-_]?8859[-_]?\d+|cp\d+|windows[-_]?\d+|gb\w+|big5\w*|shift[-_]?jis|euc[-_]\w+|koi8[-_]\w)\Z"
)
_META = re.compile(rb"<meta[^>]{0,300}charset\s*=\s*[\"']?([A-Za-z0-9_-]{1,30})", re.IGNORECASE)


def charset_of(content_type: str) -> str:
    """The charset that a Content-Type names, in lower case; empty without one."""
    return parse_parameters(content_type).get("charset", "").lower()[:40]


def text_of(found: Exchange) -> str:
    """The body of an answer as a browser would decode it; bad bytes become U+FFFD."""
    body = found.reply.body
    name = charset_of(found.reply.one("content-type") or "")
    if body[:3] == codecs.BOM_UTF8:
        name = "utf-8-sig"
    elif body[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        name = "utf-16"
    elif not name:
        match = _META.search(body[:4096])
        name = match.group(1).decode("ascii").lower() if match else ""
        name = "" if name.startswith("utf") else name  # a page that is read as ASCII up to here is no UTF-16
    if name != "utf-8-sig" and not _CODECS.match(name):
        name = "utf-8"
    try:
        return body.decode(name, "replace")
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace")


def cut(text: str, limit: int = CELL) -> str:
    """Text of the other side for a cell."""
    return text[:limit]
