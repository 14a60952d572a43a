"""advisories: bring lists of known holes in, fetch them, and say what there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from secaudit.advisories.ecosystems import ECOSYSTEMS, ecosystem_of
from secaudit.advisories.fetching import archive_url, base_url, fetch
from secaudit.advisories.finding import Group
from secaudit.advisories.importing import Imported, import_group, import_path, kept_folder
from secaudit.advisories.reading import BrokenData, Facts, NoData, Reader
from secaudit.app.listing import Listing
from secaudit.errors import SecauditError, StateError, UsageError
from secaudit.history.store import make_private
from secaudit.reporting.words import count_of

DEFAULT_OLD_DAYS = 7
"""As the checks have it, unless a profile says otherwise."""

Tell = Callable[[str], None]


@dataclass(slots=True)
class Taken:
    """What an import or update did, in lines for a person."""

    lines: list[str] = field(default_factory=list)
    failed: int = 0
    """Sources of which nothing could be taken over."""


def import_advisories(
    path: Path, *, ecosystem: str | None, as_of: str | None, force: bool, progress: Tell
) -> Taken:  # fmt: skip
    """Import a zip, a folder, or one record.

    Raises:
        UsageError: the path, the ecosystem or the date is wrong.
        StateError: the folder cannot be written.
    """
    found = import_path(
        path, datetime.now(UTC), ecosystem=_named(ecosystem), as_of=_day(as_of), force=force,
        observe=lambda name, done, total: progress(f"reading {name}  {done}{f'/{total}' if total else ''}"),
    )  # fmt: skip
    taken = Taken()
    for one in found:
        _report(one, taken)
    return taken


def addresses(ecosystems: Sequence[str], url: str | None) -> list[tuple[str, str]]:
    """Which archives an update fetches: pairs of ecosystem and address.

    Raises:
        UsageError: there is no such ecosystem, or the address is not https.
    """
    names = [name for text in ecosystems if (name := _named(text))] or list(ECOSYSTEMS)
    base = base_url(url)
    return [(name, archive_url(base, name)) for name in dict.fromkeys(names)]


def update_advisories(wanted: Sequence[tuple[str, str]], *, force: bool, progress: Tell) -> Taken:
    """Fetch and import archives, one after the other; one that fails does not stop the others.

    Raises:
        StateError: the folder cannot be written.
    """
    taken = Taken()
    for ecosystem, url in wanted:
        try:
            with _fetched(url, ecosystem, progress) as (group, moment):
                imported = import_group(
                    group, moment, ecosystem=ecosystem, as_of=moment, force=force,
                    observe=lambda _, done, __: progress(f"reading {ecosystem}  {done}"),  # noqa: B023  used at once
                )  # fmt: skip
            _report(imported, taken)
        except StateError:
            raise
        except SecauditError as error:
            taken.failed += 1
            taken.lines.append(f"{ecosystem}: nothing was taken over, what was there stays: {error.message}")
            taken.lines.extend(f"  {label}: {text}" for label, text in error.hints)
    return taken


@contextmanager
def _fetched(url: str, ecosystem: str, progress: Tell) -> Iterator[tuple[Group, datetime]]:
    folder = kept_folder()
    try:
        make_private(folder)
        moment = datetime.now(UTC)  # what is published later is not in it
        group = fetch(url, ecosystem, folder, lambda _, got, total: progress(_megabytes(ecosystem, got, total)))
    except OSError as error:
        hint = ("fix", "free some space, or make the folder writable")
        raise StateError(f"{folder}: {error.strerror or error}", (hint,)) from error
    try:
        yield group, moment
    finally:
        group.path.unlink(missing_ok=True)


def _megabytes(ecosystem: str, got: int, total: int) -> str:
    return f"fetching {ecosystem}  {got >> 20}{f' of {total >> 20}' if total else ''} MB"


def status(old_days: int = DEFAULT_OLD_DAYS) -> Listing:
    """What is kept for each ecosystem: one row each, also for those without data."""
    now = datetime.now(UTC)
    rows: list[tuple[str | int | None, ...]] = []
    missing = []
    for name in ECOSYSTEMS:
        try:
            with Reader(str(kept_folder()), name) as reader:
                facts = reader.facts
        except NoData:
            missing.append(name)
            rows.append((name, None, None, None, "no data", ""))
            continue
        except BrokenData as problem:
            rows.append((name, None, None, None, str(problem), ""))
            continue
        age = _age_days(facts, now)
        state = "no date" if age is None else "old" if age > old_days else "fresh"
        rows.append((name, facts.as_of[:10], age, facts.count, state, facts.source))
    footer = f"kept in {kept_folder()}"
    if len(missing) == len(ECOSYSTEMS):
        footer = "no advisories are kept yet; fetch them: secaudit advisories update"
    elif any(row[4] != "fresh" for row in rows):
        footer += "\nfetch what is old or missing: secaudit advisories update --ecosystem NAME"
    return Listing(("ecosystem", "date", "days", "advisories", "state", "source"), rows, footer)


def _age_days(facts: Facts, now: datetime) -> int | None:
    if not facts.as_of:
        return None
    return max(0, (now - datetime.fromisoformat(facts.as_of)).days)


def _named(text: str | None) -> str | None:
    """The ecosystem that is meant.

    Raises:
        UsageError: we know none of that name.
    """
    if text is None:
        return None
    found = ecosystem_of(text)
    if found is None:
        raise UsageError(f'no ecosystem "{text}"', (("known", ", ".join(ECOSYSTEMS)),))
    return found


def _day(text: str | None) -> datetime | None:
    """The day that data speaks for.

    Raises:
        UsageError: it is no day, or one to come.
    """
    if text is None:
        return None
    fix = ("fix", "write it as 2026-11-28; it is the day on which the data was fetched")
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise UsageError(f'"{text}" is no day', (fix,)) from None
    if day > datetime.now(UTC):
        raise UsageError(f"{text} is still to come", (fix,))
    return day


def _report(one: Imported, taken: Taken) -> None:
    for facts in one.facts:
        date = f"as of {facts.as_of[:10]}" if facts.as_of else "without a date, so it counts as old"
        taken.lines.append(
            f"{facts.ecosystem}: {count_of(facts.count, 'advisory', 'advisories')} {date}, from {one.source}"
        )
        if facts.withdrawn:
            taken.lines.append(f"  left out: {facts.withdrawn} that were withdrawn")
        if facts.commits_only:
            taken.lines.append(f"  {facts.commits_only} name commits only: nothing can be said about versions")
    for reason, count in one.skipped.most_common():
        taken.lines.append(f"  passed over: {count} ({reason})")
    for ecosystem, reason in one.left_out.items():
        taken.lines.append(f"{ecosystem}: nothing was taken over: {reason}")
    if not one.facts:
        taken.failed += 1
