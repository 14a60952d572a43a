"""Read the rpm database: headers in SQLite, parsed here with strict bounds.

Source: rpm's docs/manual/hregions.md and lib/rpmtag.h (tag numbers), lib/backend/sqlite.c (table Packages).
A header: count of index entries, length of the store (4 bytes each), entries (tag, type, offset, count), store.
"""

from __future__ import annotations

import struct
from typing import Any, Iterator, NamedTuple

from secaudit.tableapi import Absent, Failed, Target, Unsupported

FOLDERS = ("/usr/lib/sysimage/rpm", "/var/lib/rpm")
"""Fedora since 36 and openSUSE; before that, and Debian."""
DATABASE_LIMIT_BYTES = 1024 * 1024 * 1024
HEADER_LIMIT_BYTES = 64 * 1024 * 1024
MAX_ENTRIES = 65536
MAX_TEXT_BYTES = 4096

NAME, VERSION, RELEASE, EPOCH = 1000, 1001, 1002, 1003
INSTALL_TIME, SIZE, VENDOR, ARCH, SOURCE = 1008, 1009, 1011, 1022, 1044
LONG_SIZE = 5009
SIGNATURES = (259, 262, 267, 268, 278)
"""SIGPGP, SIGGPG, DSAHEADER, RSAHEADER, OPENPGP: any of them means that someone signed it."""
TEXT_TAGS = (NAME, VERSION, RELEASE, VENDOR, ARCH, SOURCE)
_TYPE_INT32, _TYPE_INT64, _TYPE_STRING, _TYPE_STRINGS, _TYPE_I18N = 4, 5, 6, 8, 9

QUERY = "\\t".join(
    f"%{{{tag}}}"
    for tag in ("NAME", "VERSION", "RELEASE", "EPOCH", "ARCH", "SOURCERPM", "LONGSIZE", "INSTALLTIME", "VENDOR")
)
QUERY_SIGNED = "\\t%|DSAHEADER?{1}:{%|RSAHEADER?{1}:{%|SIGGPG?{1}:{%|SIGPGP?{1}:{0}|}|}|}|\\n"


class RpmPackage(NamedTuple):
    """One installed package."""

    name: str
    version: str
    release: str
    epoch: int
    """0 where the package has none."""
    arch: str
    source: str
    size: int | None
    install_time_s: int | None
    vendor: str
    is_signed: int
    """1 when its header carries a signature."""

    @property
    def full_version(self) -> str:
        return f"{self.epoch}:{self.version}-{self.release}" if self.epoch else f"{self.version}-{self.release}"


class HeaderFault(ValueError):
    """The header is damaged."""


def read_packages(target: Target, faults: list[str]) -> Iterator[RpmPackage]:
    """Every installed package, public keys included (their name is gpg-pubkey).

    Raises:
        Absent: there is no rpm database.
        Unsupported: the database has a form that only rpm itself reads, and rpm cannot be run here.
        Failed: the database is damaged.
    """
    foreign = ""
    for folder in FOLDERS:
        for name, kind in (("rpmdb.sqlite", "sqlite"), ("Packages.db", "ndb"), ("Packages", "Berkeley DB")):
            if not target.exists(f"{folder}/{name}"):
                continue
            if kind == "sqlite":
                yield from _from_sqlite(target, f"{folder}/{name}", faults)
                return
            foreign = foreign or kind
    if not foreign:
        raise Absent("there is no rpm database")
    if not target.live or target.find_program("rpm") is None:
        raise Unsupported(f"the rpm database is in the form {foreign}; on the machine itself run: rpm -qa")
    yield from _from_rpm(target, faults)


# ---------------------------------------------------------------- the database file


def _from_sqlite(target: Target, path: str, faults: list[str]) -> Iterator[RpmPackage]:
    import os
    import sqlite3
    import tempfile

    with tempfile.TemporaryDirectory(prefix="secaudit-") as folder:  # mode 0700
        copy = os.path.join(folder, "rpmdb.sqlite")
        _copy(target, path, copy)
        try:
            _copy(target, path + "-wal", copy + "-wal")  # what rpm has not yet moved into the main file
        except FileNotFoundError:
            pass
        try:
            connection = sqlite3.connect(copy)
            try:
                yield from _rows(connection, faults)
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise Failed(f"{path} cannot be read: {error}; run: rpm -qa") from error


def _copy(target: Target, source: str, to: str) -> None:
    parts = target.read_parts(source, DATABASE_LIMIT_BYTES)
    with open(to, "wb") as stream:
        stream.writelines(parts)


def _rows(connection: Any, faults: list[str]) -> Iterator[RpmPackage]:
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA query_only = ON")
    kind = connection.execute("SELECT type, sql FROM sqlite_master WHERE name = 'Packages'").fetchone()
    if kind is None or kind[0] != "table" or "virtual" in str(kind[1]).lower():
        raise Failed("the rpm database has no table Packages; run: rpm -qa")
    for number, blob in connection.execute("SELECT hnum, blob FROM Packages"):
        try:
            yield parse_header(blob)
        except HeaderFault as fault:
            faults.append(f"package {number}: {fault}")


def parse_header(blob: bytes) -> RpmPackage:
    """Read the tags that we want from a header. Every offset and count is checked against the size of the blob.

    Raises:
        HeaderFault: it is damaged, or has no name or version.
    """
    if not isinstance(blob, bytes) or not 8 <= len(blob) <= HEADER_LIMIT_BYTES:
        raise HeaderFault("the header has a wrong size")
    entries, length = struct.unpack_from(">II", blob)
    start = 8 + 16 * entries
    if not 0 < entries <= MAX_ENTRIES or start + length != len(blob):
        raise HeaderFault("the header's counts do not fit its size")
    texts: dict[int, str] = {}
    numbers: dict[int, int] = {}
    signed = 0
    for tag, kind, offset, count in struct.iter_unpack(">IIiI", blob[8:start]):
        if tag in SIGNATURES:
            signed = 1
        elif tag in TEXT_TAGS and kind in (_TYPE_STRING, _TYPE_STRINGS, _TYPE_I18N) and count:
            texts[tag] = _text(blob, start, length, offset)
        elif tag in (EPOCH, SIZE, INSTALL_TIME, LONG_SIZE) and kind in (_TYPE_INT32, _TYPE_INT64) and count:
            width = 4 if kind == _TYPE_INT32 else 8
            if not 0 <= offset <= length - width:
                raise HeaderFault("a number lies outside of the header")
            numbers[tag] = int.from_bytes(blob[start + offset : start + offset + width], "big")
    if not texts.get(NAME) or VERSION not in texts:
        raise HeaderFault("the header has no name or version")
    return RpmPackage(
        name=texts[NAME],
        version=texts[VERSION],
        release=texts.get(RELEASE, ""),
        epoch=numbers.get(EPOCH, 0),
        arch=texts.get(ARCH, ""),
        source=texts.get(SOURCE, ""),
        size=numbers.get(LONG_SIZE, numbers.get(SIZE)),
        install_time_s=numbers.get(INSTALL_TIME),
        vendor=texts.get(VENDOR, ""),
        is_signed=signed,
    )


def _text(blob: bytes, start: int, length: int, offset: int) -> str:
    if not 0 <= offset < length:
        raise HeaderFault("a text lies outside of the header")
    end = blob.find(b"\0", start + offset, min(start + length, start + offset + MAX_TEXT_BYTES))
    if end < 0:
        raise HeaderFault("a text has no end")
    text = blob[start + offset : end].decode("utf-8", "backslashreplace")
    return "" if text == "(none)" else text  # how rpm writes "no source package" of public keys


# ---------------------------------------------------------------- rpm itself


def _from_rpm(target: Target, faults: list[str]) -> Iterator[RpmPackage]:
    done = target.run(["rpm", "-qa", "--qf", QUERY + QUERY_SIGNED], timeout_s=15.0)
    if done.exit_code != 0:
        faults.append(f"rpm -qa ended with {done.exit_code}: {done.stderr.strip()[:200]}")
    for line in done.stdout.splitlines():
        fields = ["" if field == "(none)" else field for field in line.split("\t")]
        if len(fields) != 10 or not fields[0]:
            faults.append(f"rpm printed {line[:80]!r}")
            continue
        name, version, release, epoch, arch, source, size, installed, vendor, signed = fields
        yield RpmPackage(
            name,
            version,
            release,
            _number(epoch) or 0,
            arch,
            source,
            _number(size),
            _number(installed),
            vendor,
            int(signed == "1"),
        )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
