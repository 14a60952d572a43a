"""Read the database of Alpine's apk. Source: apk-installed(5), https://wiki.alpinelinux.org/wiki/Apk_spec."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target

PATHS = ("/lib/apk/db/installed", "/usr/lib/apk/db/installed")
DATABASE_LIMIT_BYTES = 256 * 1024 * 1024
"""It lists every file of every package."""


class ApkPackage(NamedTuple):
    """One installed package."""

    name: str
    version: str
    arch: str
    source: str
    size: int | None
    """Bytes."""


def read_packages(target: Target) -> Iterator[ApkPackage]:
    """Every installed package.

    Raises:
        Absent: there is no apk database.
    """
    for path in PATHS:
        try:
            text = target.read_text(path, DATABASE_LIMIT_BYTES)
        except (FileNotFoundError, NotADirectoryError):
            continue
        yield from parse_installed(text)
        return
    raise Absent("there is no apk database")


def parse_installed(text: str) -> Iterator[ApkPackage]:
    """Stanzas of lines `X:value`, parted by empty lines; file entries (F, R, a, Z, M) come after the fields we want."""
    for stanza in text.split("\n\n"):
        fields: dict[str, str] = {}
        for line in stanza.lstrip("\n").split("\n"):
            key, colon, value = line.partition(":")
            if key == "F":
                break
            if colon and len(key) == 1:
                fields.setdefault(key, value)
        if fields.get("P") and fields.get("V"):
            size = fields.get("I", "")
            yield ApkPackage(
                fields["P"],
                fields["V"],
                fields.get("A", ""),
                fields.get("o", "") or fields["P"],
                int(size) if size.isascii() and size.isdigit() and len(size) < 19 else None,
            )
