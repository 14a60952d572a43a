"""The form in which the advisories of one ecosystem are kept: one SQLite file, written once and then only read."""

from __future__ import annotations

import json
from typing import Any

from secaudit.advisories.record import Affected, Range

FOLDER = "advisories"
APPLICATION_ID = 0x5EC0AD15
VERSION = 1
"""Of the form. A file of another version is not read: it is imported again."""

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE advisory (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, family INTEGER NOT NULL, aliases TEXT NOT NULL,
  modified TEXT NOT NULL, summary TEXT NOT NULL, severity TEXT NOT NULL, score TEXT NOT NULL, cwes TEXT NOT NULL,
  kind TEXT NOT NULL, digest BLOB NOT NULL
);
CREATE TABLE affected (key TEXT NOT NULL, advisory INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX affected_key ON affected (key);
"""
TABLES = ("advisory", "affected", "affected_key", "meta")

META = (
    "ecosystem", "source", "newest", "as_of", "imported", "count", "places", "digest", "malware", "skipped",
    "withdrawn", "commits_only",
)  # fmt: skip
"""Keys of `meta`; all are there in a whole file."""


def file_name(ecosystem: str) -> str:
    """The name of an ecosystem's file, one of a fixed set."""
    return f"{ecosystem}.sqlite"


def to_body(affected: Affected) -> str:
    """What an advisory says about one package, as text."""
    body: dict[str, Any] = {}
    if affected.ranges:
        body["r"] = [[list(event) for event in item.events] for item in affected.ranges]
    if affected.versions:
        body["v"] = list(affected.versions)
    if affected.has_commits:
        body["g"] = 1
    if affected.known_up_to:
        body["u"] = affected.known_up_to
    return json.dumps(body, separators=(",", ":"))


def from_body(ecosystem: str, key: str, text: str) -> Affected:
    """The same, read again.

    Raises:
        ValueError: the text is damaged.
    """
    body = json.loads(text)
    try:
        ranges = tuple(
            Range(tuple((str(kind), str(version)) for kind, version in events)) for events in body.get("r", ())
        )
        versions = tuple(map(str, body.get("v", ())))
        return Affected(ecosystem, key, key, ranges, versions, bool(body.get("g")), str(body.get("u", "")))
    except (AttributeError, TypeError) as error:
        raise ValueError("a damaged record") from error
