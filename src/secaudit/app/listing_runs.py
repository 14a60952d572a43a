"""history: the stored runs as a list."""

from __future__ import annotations

from secaudit.app.keeping import history
from secaudit.app.listing import Listing
from secaudit.history.store import runs_folder
from secaudit.reporting.words import count_of


def list_runs() -> Listing:
    """Stored runs, newest first; a damaged one is shown as such."""
    rows: list[tuple[str | int | None, ...]] = []
    for stored, summary in history():
        if summary is None:
            rows.append((stored.id, None, None, None, None, None, None, "damaged"))
            continue
        rows.append(
            (
                stored.id, summary.low, summary.high, summary.grade, summary.failed, summary.unknown, summary.profile,
                summary.name + (" (root)" if summary.is_root else ""),
            )
        )  # fmt: skip
    kept = f"{count_of(len(rows), 'run')} in {runs_folder()}"
    footer = kept if rows else "no run is stored yet; start with: secaudit audit"
    return Listing(("run", "low", "high", "grade", "fail", "unknown", "profile", "target"), rows, footer)
