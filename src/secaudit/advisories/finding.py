"""The records in what a person names: a zip of an ecosystem, a folder, a cache of osv-scanner, a single file.

Nothing is unpacked to the disk. Whatever is larger than any real list, or not what its name says, is passed over and
counted.
"""

from __future__ import annotations

import json
import os
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from secaudit.advisories.ecosystems import ecosystem_of
from secaudit.advisories.record import Advisory, NotAnAdvisory, inert, read_record
from secaudit.errors import UsageError
from secaudit.userfile import FileProblem, read_file

MAX_ENTRIES = 1_000_000
"""The largest ecosystem, npm, had about 220,000 records in 2026."""

MAX_RECORD_BYTES = 8 * 1024 * 1024
MAX_ARCHIVE_BYTES = 2 * 1024**3
MAX_TOTAL_BYTES = 8 * 1024**3
"""Of all records of an archive, unpacked."""

MAX_DEPTH = 8
LONGEST_NAME = 120
ENDINGS = (".json", ".yaml", ".yml")


@dataclass(slots=True)
class Group:
    """Records that belong together: one archive, or the loose files of a folder."""

    name: str
    """For people: the file or folder, or an address; one plain line."""
    ecosystem: str | None
    """The only one that it speaks for, where its place tells."""
    path: Path
    is_archive: bool
    files: list[Path] = field(default_factory=list)
    is_single: bool = False
    """One record: it is added to what is there."""
    total: int = 0
    """How many files there are; of an archive known when it is opened."""


def groups_of(path: Path) -> list[Group]:
    """What is to be imported from a path.

    Raises:
        UsageError: there is nothing in it that we read.
    """
    hint = ("fix", "name an OSV zip, a folder of OSV records (JSON or YAML), or a cache folder of osv-scanner")
    try:
        kind = path.stat().st_mode
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", (hint,)) from error
    if stat.S_ISDIR(kind):
        found = _of_folder(path)
    elif not stat.S_ISREG(kind):
        raise UsageError(f"{path}: neither a file nor a folder", (hint,))
    elif path.name.lower().endswith(".zip"):
        found = [_archive(path)]
    elif path.name.lower().endswith(ENDINGS):
        found = [Group(inert(path.name, LONGEST_NAME), None, path, False, [path], is_single=True)]
    else:
        raise UsageError(f"{path}: neither a zip nor JSON or YAML", (hint,))
    if not found:
        raise UsageError(f"{path}: no advisories in this folder", (hint,))
    return found


def _archive(path: Path) -> Group:
    """In osv-scanner's caches, old and new, the folder has the name of the ecosystem: PyPI/all.zip."""
    parent = path.absolute().parent.name
    own = ecosystem_of(parent) or ecosystem_of(path.stem)
    shown = f"{parent}/{path.name}" if ecosystem_of(parent) else path.name
    return Group(inert(shown, LONGEST_NAME), own, path, True)


def _of_folder(folder: Path) -> list[Group]:
    archives: list[Path] = []
    loose: list[Path] = []
    top = len(folder.parts)
    for place, names, files in os.walk(folder):  # does not follow links
        here = Path(place)
        if len(here.parts) - top >= MAX_DEPTH:
            names.clear()
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in sorted(files):
            low = name.lower()
            if low.endswith(".zip"):
                archives.append(here / name)
            elif low.endswith(ENDINGS):
                loose.append(here / name)
            if len(loose) > MAX_ENTRIES:
                raise UsageError(f"{folder}: more than {MAX_ENTRIES} files", (("fix", "name a smaller folder"),))
    groups = [_archive(path) for path in archives]
    if loose:
        groups.append(Group(inert(folder.absolute().name, LONGEST_NAME), None, folder, False, loose, total=len(loose)))
    return groups


@dataclass(frozen=True, slots=True)
class Entry:
    """One record and the bytes that it was read from."""

    advisory: Advisory
    data: bytes


def entries_of(group: Group, skipped: Counter[str]) -> Iterator[Entry | None]:
    """The records of a group; None for what was passed over, so that a caller can count how far it is.

    Args:
        group: what to read.
        skipped: receives why entries were passed over.

    Raises:
        UsageError: the archive is damaged or larger than any real one.
    """
    reading = _from_archive(group, skipped) if group.is_archive else _from_files(group, skipped)
    for name, data in reading:
        if data is None:
            yield None
            continue
        try:
            yield Entry(read_record(_decode(name, data)), data)
        except NotAnAdvisory as problem:
            skipped[f"no advisory: {problem}"] += 1
            yield None
        except (ValueError, RecursionError):
            skipped["broken JSON or YAML"] += 1
            yield None


def _decode(name: str, data: bytes) -> Any:
    """JSON or YAML.

    Raises:
        ValueError, RecursionError: it is neither.
    """
    if name.lower().endswith(".json"):
        return json.loads(data)
    import yaml

    try:
        # the base loader keeps all as text, so 1.10 stays a version; names for repeated parts cost nothing,
        # because only lists of text are read out of what it gives
        return yaml.load(data, Loader=yaml.CBaseLoader)  # noqa: S506  it makes text, lists and maps only
    except yaml.YAMLError as error:
        raise ValueError("broken YAML") from error


def _from_files(group: Group, skipped: Counter[str]) -> Iterator[tuple[str, bytes | None]]:
    for path in group.files:
        try:
            yield path.name, read_file(path, MAX_RECORD_BYTES)
        except FileProblem:
            skipped["cannot be read, or too large"] += 1
            yield path.name, None


def _from_archive(group: Group, skipped: Counter[str]) -> Iterator[tuple[str, bytes | None]]:
    hint = ("fix", "fetch the archive again")
    try:
        if group.path.stat().st_size > MAX_ARCHIVE_BYTES:
            raise UsageError(f"{group.path}: larger than any list of advisories", (hint,))
        with zipfile.ZipFile(group.path) as archive:
            infos = archive.infolist()
            if len(infos) > MAX_ENTRIES:
                raise UsageError(f"{group.path}: more than {MAX_ENTRIES} entries", (hint,))
            group.total = len(infos)
            left = MAX_TOTAL_BYTES
            for info in infos:
                data = _read_entry(archive, info, skipped)
                if data is None and info.is_dir():
                    continue
                left -= len(data or b"")
                if left < 0:
                    raise UsageError(f"{group.path}: unpacks to more than any list of advisories", (hint,))
                yield info.filename, data
    except (zipfile.BadZipFile, OSError, NotImplementedError, zlib.error) as error:
        raise UsageError(f"{group.path}: not a whole zip file ({error})", (hint,)) from error


def _read_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, skipped: Counter[str]) -> bytes | None:
    """The bytes of an entry; None for what is not a record. The size that it claims is not believed."""
    name = info.filename
    if info.is_dir():
        return None
    if name.startswith("/") or ".." in name.replace("\\", "/").split("/"):
        skipped["a name that leads out of the archive"] += 1
    elif not name.lower().endswith(ENDINGS):
        skipped["neither JSON nor YAML"] += 1
    elif info.flag_bits & 0x1:
        skipped["encrypted"] += 1
    elif info.file_size > MAX_RECORD_BYTES:
        skipped["cannot be read, or too large"] += 1
    else:
        try:
            with archive.open(info) as stream:
                return _bounded(stream)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError):
            skipped["cannot be read, or too large"] += 1
    return None


def _bounded(stream: IO[bytes]) -> bytes:
    data = stream.read(MAX_RECORD_BYTES + 1)
    if len(data) > MAX_RECORD_BYTES:
        raise ValueError("too large")
    return data
