"""Lists of `tag=value` with semicolons, as DKIM, DMARC, MTA-STS and TLS-RPT write them."""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_TAGS = 100

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_HOST = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)+[A-Za-z0-9-]{2,63}")


class Tags(NamedTuple):
    """The tags of one record."""

    values: dict[str, str]
    """By their names; the first where one stands twice."""
    order: tuple[str, ...]
    errors: tuple[str, ...]
    """What is no tag, or stands twice."""


def parse(text: str, fold: bool = True) -> Tags:
    """Read a record. Empty parts between semicolons are no error. `fold`: names of tags count in any case."""
    values: dict[str, str] = {}
    errors: list[str] = []
    parts = text.split(";")
    for part in parts[:MAX_TAGS]:
        if not part.strip():
            continue
        name, equals, value = part.partition("=")
        key = name.strip().lower() if fold else name.strip()
        if not equals or not _NAME.fullmatch(key):
            errors.append(f"not a tag: {part.strip()[:60]}")
        elif key in values:
            errors.append(f"{key}= stands twice")
        else:
            values[key] = value.strip()
    if len(parts) > MAX_TAGS:
        errors.append(f"more than {MAX_TAGS} tags")
    return Tags(values, tuple(values), tuple(errors[:20]))


class Address(NamedTuple):
    """One place where reports go."""

    text: str
    scheme: str
    """mailto, https or what is written; empty where it is none."""
    host: str
    error: str


def addresses(text: str) -> list[Address]:
    """The addresses of a list with commas, at most 20."""
    found = []
    for part in text.split(",")[:20]:
        uri = part.strip()
        scheme, colon, rest = uri.partition(":")
        scheme = scheme.lower() if colon else ""
        host, error = "", ""
        if scheme == "mailto":
            place = rest.partition("?")[0].partition("!")[0]
            user, at, host = place.rpartition("@")
            host = host.rstrip(".").lower()
            if not user or not at or not _HOST.fullmatch(host):
                host, error = "", "not an e-mail address"
        elif scheme in ("https", "http"):
            host = re.split(r"[/:?#]", rest[2:], maxsplit=1)[0].lower() if rest.startswith("//") else ""
            error = "" if _HOST.fullmatch(host) else "no host"
        else:
            error = "it must begin with mailto:"
        found.append(Address(uri[:300], scheme[:20], host, error))
    return found
