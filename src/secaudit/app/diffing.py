"""diff: what changed between two runs, and how much of that comes from other checks and not from the target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from secaudit.app.auditing import judge
from secaudit.app.content import compile_selection
from secaudit.app.keeping import Kept, open_run
from secaudit.assessment.compare import Change, Kind, compare, only_in
from secaudit.content import library as library_module
from secaudit.content.select import select
from secaudit.engine.registry import family_of_kind
from secaudit.errors import SecauditError, StateError, UsageError
from secaudit.evidence.document import plain
from secaudit.history import store
from secaudit.model import Run, Severity

__all__ = ["Change", "Difference", "Kind", "diff", "document"]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two runs side by side."""

    old: Run
    new: Run
    changes: tuple[Change, ...]
    """Of the target."""
    by_content: tuple[Change, ...] = ()
    """Of the checks: the old snapshot judged by the new checks, against the old run."""
    score_by_content: int | None = None
    """What the old snapshot gets by the new checks, where the checks changed and it could be judged again."""
    separated: bool = True
    """False where the checks changed and the old snapshot cannot be judged by the new ones."""
    added: tuple[str, ...] = ()
    """Checks that only the new run made."""
    removed: tuple[str, ...] = ()

    def worse(self, severity: Severity) -> bool:
        """Whether something of at least this severity got worse."""
        return any(change.kind.is_worse and change.severity.rank <= severity.rank for change in self.changes)


def diff(first: str | None, second: str | None, target: str | None = None, content: Sequence[Path] = ()) -> Difference:
    """Compare two runs.

    Args:
        first: the older run by id, or how it begins, or a run document; None: the one before the second.
        second: the newer one; None: the newest.
        target: where no run is named: the newest of the target with this name.
        content: the user's own checks.

    Raises:
        StateError: there are no two runs of one target.
        UsageError: they are of two targets.
    """
    new = open_run(second if second is not None or target is None else _newest_of(target))
    old = open_run(first if first is not None else _before(new.run))
    if old.run.started > new.run.started:
        old, new = new, old
    if (old.run.target.kind, old.run.target.name) != (new.run.target.kind, new.run.target.name):
        what = f"{old.run.target.name} and {new.run.target.name} are two targets"
        raise UsageError(what, (("fix", "name two runs of one target: secaudit history"),))
    added, removed = only_in(new.run, old.run), only_in(old.run, new.run)
    if old.run.content.sha256 == new.run.content.sha256:
        return Difference(old.run, new.run, compare(old.run, new.run), added=added, removed=removed)
    again = _judged_again(old, new.run, content)
    if again is None:
        changes = compare(old.run, new.run)
        return Difference(old.run, new.run, changes, separated=False, added=added, removed=removed)
    return Difference(
        old.run,
        new.run,
        compare(again, new.run),
        compare(old.run, again),
        again.score.low,
        added=added,
        removed=removed,
    )


def _newest_of(target: str) -> str:
    for stored in store.stored_runs():
        summary = stored.summary()
        if summary is not None and summary.name == target:
            return stored.id
    raise StateError(f'no run of "{target}" is stored', (("fix", "secaudit history"),))


def _before(run: Run) -> str:
    earlier = store.earlier_than(run, 1)
    if not earlier:
        raise StateError(
            f"there is no earlier run of {run.target.name} with this profile", (("fix", "audit again, then compare"),)
        )
    return earlier[0].id


def _judged_again(old: Kept, new: Run, content: Sequence[Path]) -> Run | None:
    """The old snapshot by the checks and parameters of the new run; None where these are not here."""
    library = library_module.load(tuple(content))
    if old.snapshot is None or library.sha256 != new.content.sha256:
        return None
    params = [f"{one.check}.{one.param}={_written(one.value)}" for one in new.tailored]
    try:
        selection = select(
            library, new.profile, only=tuple(result.check for result in new.results),
            standards=tuple(standard.id for standard in new.standards), params=tuple(params),
        )  # fmt: skip
        compiled = compile_selection(library, selection, family_of_kind(new.target.kind))
    except SecauditError:
        return None
    return judge(library, selection, compiled, old.snapshot)


def _written(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def document(found: Difference) -> dict[str, object]:
    """The difference as JSON knows it."""

    def side(run: Run) -> dict[str, object]:
        return {"id": run.id, "started": run.started, "score": plain(run.score), "content": run.content.sha256}

    return {
        "schema": "secaudit.diff/1",
        "target": plain(found.new.target),
        "old": side(found.old),
        "new": side(found.new),
        "changes": plain(found.changes),
        "by_content": plain(found.by_content),
        "score_by_content": found.score_by_content,
        "separated": found.separated,
        "added": list(found.added),
        "removed": list(found.removed),
    }
