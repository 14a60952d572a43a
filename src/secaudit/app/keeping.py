"""Keep finished audits and find them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from secaudit.app.auditing import Audit
from secaudit.app.output import render
from secaudit.errors import StateError
from secaudit.evidence.document import load_run
from secaudit.evidence.snapshot import load_snapshot
from secaudit.history import store
from secaudit.history.store import Stored, Summary
from secaudit.model import Run, Snapshot


@dataclass(frozen=True, slots=True)
class Background:
    """What earlier runs tell about this one."""

    summaries: tuple[Summary, ...] = ()
    """Newest first."""
    last: Run | None = None


def background(run: Run) -> Background:
    """Earlier runs of the same target; empty when none can be read."""
    try:
        summaries = tuple(store.earlier_than(run))
        last = store.find(summaries[0].id).load() if summaries else None
    except StateError:
        return Background()
    return Background(summaries, last)


def keep(audit: Audit, earlier: Sequence[Summary]) -> Stored:
    """Store a run with its snapshot and HTML report.

    Raises:
        StateError: the folder of runs cannot be written.
    """
    files = {
        store.RUN_FILE: render("json", audit.run, None),
        store.SNAPSHOT_FILE: render("snapshot", audit.run, audit.snapshot),
        store.REPORT_FILE: render("html", audit.run, None, earlier),
    }
    return store.save(audit.run, files)


@dataclass(frozen=True, slots=True)
class Kept:
    """A run that was found again."""

    run: Run
    snapshot: Snapshot | None
    report: Path | None
    """Its HTML report, when it lies beside it."""


def open_run(name: str | None) -> Kept:
    """A stored run by id (or how it begins), or a run document by its path; the newest run without a name.

    Raises:
        StateError: it does not exist or is damaged.
    """
    if name is not None and ("/" in name or name.endswith(".json")):
        path = Path(name)
        try:
            return Kept(load_run(path.read_text(encoding="utf-8"), name), None, None)
        except (OSError, UnicodeDecodeError) as error:
            raise StateError(
                f"{name}: cannot be read", (("fix", "name a file written by secaudit audit -o run.json"),)
            ) from error
    stored = store.find(name)
    report = stored.folder / store.REPORT_FILE
    return Kept(stored.load(), _snapshot(stored), report if report.is_file() else None)


def _snapshot(stored: Stored) -> Snapshot | None:
    path = stored.folder / store.SNAPSHOT_FILE
    if not path.is_file():
        return None
    return load_snapshot(path.read_text(encoding="utf-8"), str(path))


def history() -> list[tuple[Stored, Summary | None]]:
    """Stored runs, newest first, with their facts; None for a damaged one."""
    return [(stored, stored.summary()) for stored in store.stored_runs()]
