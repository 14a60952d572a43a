"""All layers over the bytes of one file, each place reported once.

First private keys, then makers' tokens, files with logins, addresses, and names that are given a value.
"""

from __future__ import annotations

import posixpath
from typing import Iterator, NamedTuple

from secaudit.tables.project._assignments import find_assignments, find_urls
from secaudit.tables.project._credential_files import find_in_credential_file
from secaudit.tables.project._hit import LOW, Hit, TooMany, first_of, lowered
from secaudit.tables.project._keyfiles import find_key_store, find_private_keys
from secaudit.tables.project._roles import role_of
from secaudit.tables.project._vendor import find_vendor

LOOK_BYTES = 8192
MAX_HITS = 500
"""Of each layer in one file."""

QUIET_ROLES = frozenset(("test", "docs", "example"))
_TRANSLATED = frozenset("locale locales i18n l10n lang langs languages translations intl".split())
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

ALLOW_MARKS = (
    b"gitleaks:allow", b"betterleaks:allow", b"kingfisher:ignore", b"trufflehog:ignore", b"allowlist secret",
    b"whitelist secret", b"ggignore", b"nosec", b"noqa", b"nosonar", b"secretlint-disable", b"nosemgrep", b"noscan",
)  # fmt: skip
"""Words beside a secret that tell some scanner to be quiet, in lower case. We report them, and are not."""


class Scanned(NamedTuple):
    """The secrets of one file, in the order of their places."""

    hits: list[Hit]
    is_whole: bool
    """False when there are more than are kept."""


def scan(data: bytes, path: str) -> Scanned:
    """The secrets in a file; none for a binary file that is no key store."""
    name = posixpath.basename(path)
    stores = list(find_key_store(data, name))
    if stores:
        quiet = role_of(path) in QUIET_ROLES
        return Scanned([hit._replace(confidence=lowered(hit.confidence)) if quiet else hit for hit in stores], True)
    if data[:2] in _UTF16:
        data = data.decode("utf-16", "replace").encode("utf-8")
    elif b"\0" in data[:LOOK_BYTES]:
        return Scanned([], True)
    role = role_of(path)
    taken: list[Hit] = []
    is_whole = True
    for layer, is_guess in _layers(data, path, name, role):
        try:
            for hit in first_of(layer, MAX_HITS):
                if any(hit.start < other.end and other.start < hit.end for other in taken[-400:]):
                    continue
                if role in QUIET_ROLES:
                    hit = hit._replace(confidence=LOW if is_guess else lowered(hit.confidence))
                taken.append(hit)
        except TooMany:
            is_whole = False
    return Scanned(sorted(taken, key=lambda hit: hit.start), is_whole)


def _layers(data: bytes, path: str, name: str, role: str) -> Iterator[tuple[Iterator[Hit], bool]]:
    """What looks for secrets, the surest first; and whether it guesses from names and places."""
    yield find_private_keys(data), False
    yield find_vendor(data, path), False
    if role == "lock":
        return
    yield find_in_credential_file(data, path), False
    yield find_urls(data), True
    if not _TRANSLATED.isdisjoint(path.lower().split("/")) or name.lower().startswith(("messages", "strings")):
        return  # `password: Kennwort1` is the word for it
    yield find_assignments(data, name), True


def is_suppressed(data: bytes, start: int) -> bool:
    """Whether a mark for some scanner stands in the line of the secret, or says so in the line before."""
    begin = data.rfind(b"\n", max(0, start - 2000), start) + 1
    end = data.find(b"\n", start, start + 2000)
    line = data[begin : end if end >= 0 else start + 2000].lower()
    if any(mark in line for mark in ALLOW_MARKS):
        return True
    before = data[max(0, begin - 300) : max(0, begin - 1)].rpartition(b"\n")[2].lower()
    return b"nextline" in before or b"next-line" in before


def place_of(data: bytes, start: int) -> tuple[int, int]:
    """Line and column, both from 1; the column in bytes."""
    return data.count(b"\n", 0, start) + 1, start - data.rfind(b"\n", 0, start)
