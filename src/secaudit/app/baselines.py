"""Make and show files with accepted findings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from secaudit import __version__
from secaudit.app.auditing import AuditRequest, Clock, audit, utc_now
from secaudit.app.listing import Listing
from secaudit.app.output import write
from secaudit.engine.acceptance import VALUE_COLUMN, Evidence, Recorded, mark_of, place_of
from secaudit.engine.collect import Observer
from secaudit.errors import UsageError
from secaudit.history.baseline import SCHEMA, check_day, dump_baseline, load_baseline
from secaudit.history.fingerprints import key_name
from secaudit.model import Acceptance, Baseline, Severity
from secaudit.reporting.words import count_of

LONGEST_FOUND = 200


@dataclass(frozen=True, slots=True)
class Made:
    """What was written."""

    path: Path
    new: int
    kept: int
    gone: int
    by_severity: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        worst = ", ".join(f"{count} {severity}" for severity, count in self.by_severity)
        counts = f"{count_of(self.new, 'new finding')} accepted{f' ({worst})' if worst else ''}"
        return f"{counts}, {self.kept} kept, {self.gone} no longer found or expired"


def create(
    request: AuditRequest,
    path: Path,
    reason: str,
    *,
    owner: str | None = None,
    until: str | None = None,
    update: bool = False,
    clock: Clock = utc_now,
    observe: Observer | None = None,
) -> Made:
    """Audit, and accept all that fails.

    Args:
        request: what to audit, with which checks.
        path: the file to write.
        reason: why the findings are accepted.
        owner: who accepts them.
        until: the last day on which they count, YYYY-MM-DD.
        update: keep the entries of the file that are still found, and add what is new.
        clock: tells the day.
        observe: told of each table.

    Raises:
        UsageError: the file exists already, or a word is wrong.
        StateError: the file to update cannot be read.
        TargetError, ContentError, NothingSelected: as for an audit.
    """
    if not reason.strip():
        raise UsageError("a reason is needed (option --reason)", (("fix", "say why these findings are accepted"),))
    check_day(until, "--until")
    old = _old(path, update=update)
    recorded = Recorded()
    done = audit(request, clock=clock, observe=observe, accepting=recorded)
    if done.run.partial:
        raise UsageError("the audit was interrupted, so no baseline was written", (("fix", "run it again"),))
    key, today = key_name(), done.run.started[:10]
    same_key = old is not None and old.key == key
    before: dict[tuple[str, str | None], list[Acceptance]] = {}
    for entry in old.accepted if old is not None else ():
        if entry.until is None or entry.until >= today:
            before.setdefault((entry.mark, entry.value if same_key else None), []).append(entry)
    kept: list[Acceptance] = []
    new: list[Acceptance] = []
    for check, row in recorded.rows:
        made = _entry(check, row, reason.strip(), today, owner, until, has_key=key is not None)
        if same := before.get((made.mark, made.value if same_key else None)):
            kept.append(replace(same.pop(0), value=made.value))
        else:
            new.append(made)
    made_by = f"{done.run.started} by secaudit {__version__}"
    baseline = Baseline(SCHEMA, made_by, done.run.target.name, key, (*kept, *new))
    write(path, (dump_baseline(baseline).encode(),))
    severities = {result.check: result.severity for result in done.run.results}
    counts = Counter(severities[entry.check] for entry in new)
    ordered = tuple((str(severity), counts[severity]) for severity in Severity if counts[severity])
    gone = len(old.accepted) - len(kept) if old is not None else 0
    return Made(path, len(new), len(kept), gone, ordered)


def show(path: Path, clock: Clock = utc_now) -> Listing:
    """The entries of a file."""
    baseline, _ = load_baseline(path)
    today = clock().strftime("%Y-%m-%d")
    rows: list[tuple[str | int | None, ...]] = [
        (
            "expired" if entry.until is not None and entry.until < today else "accepted",
            entry.check, entry.path, entry.found, entry.date, entry.until, entry.owner, entry.reason,
        )
        for entry in baseline.accepted
    ]  # fmt: skip
    footer = f"{count_of(len(rows), 'finding')} of {baseline.target}, made {baseline.made}"
    return Listing(("state", "check", "path", "found", "date", "until", "owner", "reason"), rows, footer)


def _old(path: Path, *, update: bool) -> Baseline | None:
    if update:
        return load_baseline(path)[0]
    if path.exists():
        fix = ("fix", "--update keeps what is in it and adds what is new; or name another file")
        raise UsageError(f"{path}: exists already (option --output)", (fix,))
    return None


def _entry(
    check: str, row: Evidence, reason: str, today: str, owner: str | None, until: str | None, *, has_key: bool
) -> Acceptance:
    value = row.get(VALUE_COLUMN)
    found = str(row.get("actual") or "")
    return Acceptance(
        check=check,
        path=place_of(row),
        found=found if len(found) <= LONGEST_FOUND else found[:LONGEST_FOUND] + " ...",
        mark=mark_of(check, row),
        reason=reason,
        date=today,
        value=str(value) if value and has_key else None,
        until=until,
        owner=owner,
    )
