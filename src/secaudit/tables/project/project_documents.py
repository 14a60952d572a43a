"""project_documents: documents that tell how a project is run, and those that are missing. Not in osquery."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._documents import KINDS, kind_of
from secaudit.tables.project._listing import incomplete, listing

LIMIT_BYTES = 512 * 1024
MAX_ROWS = 200
_REPORTING = ("private vulnerability reporting", "report a vulnerability", "security advisor", "hackerone.com",
              "bugcrowd.com", "huntr.")  # fmt: skip
_PLACEHOLDER = "use this section to tell people how to report a vulnerability"
"""In the file that GitHub offers; whoever keeps it has told nobody anything."""

_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(Z|z|[+-]\d\d:\d\d)")
_RULE = re.compile(r"\s*[^#\s]")


class Document(NamedTuple):
    """One document, or one kind of which there is none."""

    kind: str
    """`readme`, `licence`, `security`, `security-txt`, `contributing`, `changelog`, `code-owners`, `update-bot`,
    `pre-commit` or `attributes`."""
    is_there: int
    """0 in the one row of a kind that was not found."""
    path: str
    """Empty where there is none."""
    tracking: str
    """`tracked`, `untracked`, `ignored`, or `none` without git; empty where there is none."""
    lines: int | None
    """Lines that say something: not empty, and no comment with #; NULL when the file could not be read."""
    has_contact: int | None
    """1 when a mail address, a web address or a way to report is named; NULL when the file could not be read."""
    contact_line: int | None
    """The first line of that contact."""
    expires_s: int | None
    """Of security.txt: when it ends, in seconds since 1970; NULL when it does not say so in the form of RFC 9116."""


@table(targets={"project"})
def project_documents(target: Target) -> Iterator[Document]:
    """Yield one row per document, and one for each kind that is missing.

    Source: RFC 9116 (security.txt); the places where GitHub and GitLab look.

    Raises:
        Partial: not all files of the project could be listed.
    """
    found = listing(target)
    seen: set[str] = set()
    rows = 0
    for entry in sorted(found.entries):
        kind = kind_of(entry.path)
        if kind and rows < MAX_ROWS:
            seen.add(kind)
            rows += 1
            yield _read(target, kind, entry.path, entry.tracking)
    for kind in KINDS:
        if kind not in seen:
            yield Document(kind, 0, "", "", None, None, None, None)
    problem = incomplete(found)
    if problem is not None:
        raise problem


def _read(target: Target, kind: str, path: str, tracking: str) -> Document:
    try:
        text = target.read_text("/" + path, LIMIT_BYTES)
    except (OSError, ValueError):
        return Document(kind, 1, path, tracking, None, None, None, None)
    lines = text.splitlines()
    comments = "#" if kind in ("code-owners", "attributes", "security-txt", "update-bot", "pre-commit") else ""
    said = sum(bool(line.strip()) and not (comments and line.lstrip().startswith(comments)) for line in lines)
    line = _contact(lines, kind)
    expires = _expires(lines) if kind == "security-txt" else None
    return Document(kind, 1, path, tracking, said, int(line is not None), line, expires)


def _contact(lines: list[str], kind: str) -> int | None:
    """The first line with a way to reach somebody."""
    for number, line in enumerate(lines, 1):
        low = line[:4000].lower()
        if kind == "security-txt":
            if low.startswith("contact:") and low[8:].strip():
                return number
        elif _PLACEHOLDER in low:
            continue
        elif "https://" in low or "http://" in low or _has_mail(low) or any(word in low for word in _REPORTING):
            return number
    return None


def _has_mail(line: str) -> bool:
    """A sign before an @ and a dot somewhere after it; or the same in words."""
    parts = line.split("@")
    for number, after in enumerate(parts[1:]):
        before = parts[number]
        if before.strip() and not before[-1:].isspace() and "." in (after.split() or [""])[0].strip("."):
            return True
    return " at " in line and " dot " in line


def _expires(lines: list[str]) -> int | None:
    """RFC 9116 section 2.5.5: once, a time with its zone."""
    values = [line.partition(":")[2].strip() for line in lines if line.lower().startswith("expires:")]
    match = _TIME.fullmatch(values[0]) if len(values) == 1 else None
    if match is None:
        return None
    zone = match.group(7)
    shift = 0
    if zone not in "Zz":
        shift = (int(zone[1:3]) * 60 + int(zone[4:6])) * (60 if zone[0] == "+" else -60)
    try:
        year, month, day, hour, minute, second = (int(match.group(place)) for place in range(1, 7))
        return int(datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC).timestamp()) - shift
    except ValueError:
        return None
