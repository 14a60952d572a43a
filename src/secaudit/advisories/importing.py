"""Bring public lists of holes into this user's folder, ecosystem by ecosystem, each whole or not at all."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from secaudit.advisories.finding import Group, entries_of, groups_of
from secaudit.advisories.layout import FOLDER, file_name
from secaudit.advisories.reading import BrokenData, Facts, NoData, Reader
from secaudit.advisories.writing import Writer, remove_leftovers
from secaudit.errors import StateError, UsageError
from secaudit.history.store import make_private, runs_folder

OWN_SHARE = 0.9
"""An archive in which so much is about one ecosystem speaks for that one only: the npm part of a PyPI list would
otherwise take the place of the whole list for npm."""

SHRINK = 0.5
"""New data with less than this part of the old is refused: it is more often a mistake than a smaller world."""

AHEAD = timedelta(days=1)
"""Times further in the future are mistakes, or would keep old data fresh for ever."""

LEFTOVER_S = 86_400.0
STEP = 500

Observe = Callable[[str, int, int], None]
"""Told the name of the source, how many records were read, and how many there are (0: not known)."""


@dataclass(slots=True)
class Imported:
    """What became of one source."""

    source: str
    facts: list[Facts] = field(default_factory=list)
    """Of each ecosystem that has new data now."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Ecosystem -> why nothing of it was taken over."""
    skipped: Counter[str] = field(default_factory=Counter)


def kept_folder() -> Path:
    """Where this user keeps advisories: beside the stored runs."""
    return runs_folder().parent / FOLDER


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def import_path(
    path: Path, now: datetime, *, ecosystem: str | None = None, as_of: datetime | None = None,
    force: bool = False, observe: Observe | None = None,
) -> list[Imported]:  # fmt: skip
    """Import everything that a path holds.

    Args:
        path: a zip, a folder, or one record.
        now: the time.
        ecosystem: take this one only.
        as_of: the day that the data speaks for, where it is later than its latest change.
        force: also take data that is much smaller than the old.
        observe: told about progress.

    Raises:
        UsageError: there is nothing in it that we read.
        StateError: the folder cannot be written.
    """
    return [
        import_group(group, now, ecosystem=ecosystem, as_of=as_of, force=force, observe=observe)
        for group in groups_of(path)
    ]


def import_group(
    group: Group, now: datetime, *, ecosystem: str | None = None, as_of: datetime | None = None,
    force: bool = False, observe: Observe | None = None,
) -> Imported:  # fmt: skip
    """Import one archive, or the loose records of one folder. Raise as `import_path`."""
    folder = kept_folder()
    result = Imported(group.name)
    wanted = ecosystem or group.ecosystem
    try:
        make_private(folder)
        remove_leftovers(folder, LEFTOVER_S, now.timestamp())
        with contextlib.ExitStack() as stack:
            writers = _read_all(group, folder, wanted, result, stack, observe)
            counts = {name: writer.count() for name, writer in writers.items()}
            for name in sorted(writers):
                _take_over(writers[name], counts, group, result, now, as_of, force)
    except (OSError, sqlite3.Error) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise StateError(f"{folder}: {reason}", (("fix", "free some space, or make the folder writable"),)) from error
    if not result.facts and not result.left_out:
        why = "; ".join(f"{count} x {reason}" for reason, count in result.skipped.most_common(3))
        raise UsageError(
            f"{group.path}: no advisory in it" + (f" for {wanted}" if wanted else "") + (f" ({why})" if why else ""),
            (("fix", "name an OSV zip or a folder of OSV records; what was there before is untouched"),),
        )
    return result


def _read_all(
    group: Group, folder: Path, wanted: str | None, result: Imported, stack: contextlib.ExitStack,
    observe: Observe | None,
) -> dict[str, Writer]:  # fmt: skip
    writers: dict[str, Writer] = {}
    for number, entry in enumerate(entries_of(group, result.skipped), 1):
        if observe is not None and number % STEP == 0:
            observe(group.name, number, group.total)
        if entry is None:
            continue
        for name in {item.ecosystem for item in entry.advisory.affected}:
            if wanted is not None and name != wanted:
                continue
            if name not in writers:
                base = folder / file_name(name) if group.is_single and _facts(name) is not None else None
                writers[name] = Writer(folder, name, base)
                stack.callback(writers[name].discard)  # after `finish` there is nothing left to remove
            writers[name].add(entry.advisory, entry.data)
    return writers


def _take_over(
    writer: Writer, counts: dict[str, int], group: Group, result: Imported, now: datetime,
    as_of: datetime | None, force: bool,
) -> None:  # fmt: skip
    name = writer.ecosystem
    count, largest = counts[name], max(counts, key=lambda other: counts[other])
    old = _facts(name)
    if group.is_archive and name != largest and counts[largest] >= OWN_SHARE * sum(counts.values()):
        result.left_out[name] = f"{group.name} is a list for {largest}; of {name} it holds only {count}"
        return
    if count == 0 and old is None:
        result.left_out[name] = "all of its advisories were withdrawn"
        return
    if old is not None and count < SHRINK * old.count and not force:
        result.left_out[name] = f"it holds {count} advisories and the data in use {old.count}; take it with --force"
        return
    newest = writer.newest(stamp(now + AHEAD))
    date = max(newest, stamp(as_of) if as_of is not None else "")
    skipped = sum(result.skipped.values())
    source = group.name
    if group.is_single and old is not None:  # one record says nothing about how old the others are
        date, skipped, source = old.as_of, old.skipped + skipped, f"{old.source} + {group.name}"[-300:]
    writer.finish({
        "source": source, "newest": newest, "as_of": date, "imported": stamp(now), "skipped": str(skipped),
        "withdrawn": str(writer.counts.withdrawn), "commits_only": str(writer.counts.commits_only),
    })  # fmt: skip
    facts = _facts(name)
    if facts is None:
        raise StateError(f"{kept_folder()}: what was written for {name} cannot be read again", (("fix", "try again"),))
    result.facts.append(facts)


def _facts(ecosystem: str) -> Facts | None:
    """Of the data in use; None without, or when it is damaged."""
    try:
        with Reader(str(kept_folder()), ecosystem) as reader:
            return reader.facts
    except (NoData, BrokenData):
        return None
