"""What changed between two runs of one target, check by check and finding by finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from secaudit.engine.acceptance import mark_of
from secaudit.model import Result, Run, Severity, Status


class Kind(StrEnum):
    """Of a change, worst first."""

    NEW = "new"
    """It failed now, and did not before."""
    MORE = "more"
    """It failed before, and more was found now."""
    LOST = "lost"
    """It could be checked before, and cannot now."""
    LESS = "less"
    """It fails as before, and less was found now."""
    FIXED = "fixed"
    """It failed before, and passes now."""
    SEEN = "seen"
    """It could not be checked before, and passes now."""

    @property
    def is_worse(self) -> bool:
        """Somebody should look at it."""
        return self in (Kind.NEW, Kind.MORE)


@dataclass(frozen=True, slots=True)
class Change:
    """Of one check."""

    kind: Kind
    check: str
    severity: Severity
    title: str
    """What a person reads: that it fails, or the state we want."""
    came: tuple[str, ...] = ()
    """Findings that were not there before, as `place: what was found`."""
    gone: tuple[str, ...] = ()
    """Findings that are not there any more."""
    reason: str | None = None
    """Why it cannot be checked now."""
    complete: bool = True
    """False where a run does not keep all findings of the check, so that only their number can be compared."""


def compare(old: Run, new: Run) -> tuple[Change, ...]:
    """The changes, worst first. Checks that only one of the runs made are left out: see `only_in`."""
    before = {result.check: result for result in old.results}
    found = [change for result in new.results if (change := _change(before.get(result.check), result)) is not None]
    return tuple(sorted(found, key=lambda one: (list(Kind).index(one.kind), one.severity.rank, one.check)))


def only_in(run: Run, other: Run) -> tuple[str, ...]:
    """Checks that a run made and the other did not."""
    known = {result.check for result in other.results}
    return tuple(sorted(result.check for result in run.results if result.check not in known))


def _change(old: Result | None, new: Result) -> Change | None:
    if old is None:
        return None
    was, now = old.status, new.status
    if now is Status.FAIL:
        return _failing(old, new)
    if was is Status.FAIL and now is Status.PASS:
        return Change(Kind.FIXED, new.check, new.severity, new.title, gone=tuple(_findings(old).values()))
    if now is Status.UNKNOWN and was is not Status.UNKNOWN:
        return Change(Kind.LOST, new.check, new.severity, new.title, reason=new.reason)
    if was is Status.UNKNOWN and now is Status.PASS:
        return Change(Kind.SEEN, new.check, new.severity, new.title)
    return None


def _failing(old: Result, new: Result) -> Change | None:
    after = _findings(new)
    if old.status is not Status.FAIL:
        return Change(Kind.NEW, new.check, new.severity, new.fail_title, came=tuple(after.values()))
    before = _findings(old)
    if not (_all_kept(old) and _all_kept(new)):
        if new.rows_total == old.rows_total:
            return None
        kind = Kind.MORE if new.rows_total > old.rows_total else Kind.LESS
        return Change(kind, new.check, new.severity, new.fail_title, complete=False)
    came = tuple(text for mark, text in after.items() if mark not in before)
    gone = tuple(text for mark, text in before.items() if mark not in after)
    if not came and not gone:
        return None
    return Change(Kind.MORE if came else Kind.LESS, new.check, new.severity, new.fail_title, came, gone)


def _all_kept(result: Result) -> bool:
    return result.rows_total <= len(result.rows)


def _findings(result: Result) -> Mapping[str, str]:
    """The mark of each failing row that nobody accepted -> place and what was found."""
    rows = [row for row in result.rows if row.get("pass") == 0 and not row.get("accepted")]
    return {mark_of(result.check, row): _words(row) for row in rows}


def _words(row: Mapping[str, object]) -> str:
    place = str(row.get("resource") or row.get("path") or "")
    actual = row.get("actual")
    return place if actual is None or actual == "" else f"{place}: {actual}"
