"""The steps of a fix: which failing checks, in which order, with the commands of the loaded content.

Nothing that a shell would run comes from the run document: it could have been changed by somebody else. It only says
which checks failed, and shows what was seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from secaudit.content.library import Entry, Library
from secaudit.fixing.byhand import why_by_hand
from secaudit.fixing.touches import Touched, touched_by
from secaudit.model import Check, Result, Run, Status


@dataclass(frozen=True, slots=True)
class Step:
    """One failing check that a script can mend."""

    check: Check
    result: Result
    """What was seen. Untrusted text."""
    text: str
    """The commands, from the content."""
    touched: tuple[Touched, ...]
    undo: str | None
    """Commands of the content that go back, when a script can run them."""
    undo_by_hand: str | None
    """The same when a person must."""

    @property
    def id(self) -> str:
        return self.check.id


@dataclass(frozen=True, slots=True)
class ByHand:
    """A failing check that a person has to mend."""

    check: Check
    reason: str


@dataclass(frozen=True, slots=True)
class Steps:
    """What was chosen."""

    steps: tuple[Step, ...]
    by_hand: tuple[ByHand, ...]
    changed: tuple[str, ...]
    """Checks whose commands in the run are not those of the content."""


def failing(run: Run) -> list[Result]:
    """The failing results that nobody accepted, in the order of the plan; any that the plan does not name last."""
    by_id = {result.check: result for result in run.results if result.status is Status.FAIL and not result.waiver}
    order = [step.check for step in run.plan if step.check in by_id]
    return [by_id[name] for name in dict.fromkeys((*order, *by_id))]


def steps_for(library: Library, run: Run, results: Sequence[Result]) -> Steps:
    """Make steps of results whose checks the library knows."""
    steps: list[Step] = []
    by_hand: list[ByHand] = []
    changed: list[str] = []
    for result in results:
        entry: Entry[Check] = library.checks[result.check]
        check = entry.value
        text = (check.fix_for(run.target.family) or "").strip()
        if (result.fix or "").strip() != text:
            changed.append(check.id)
        reason = why_by_hand(check, text)
        if reason is not None:
            by_hand.append(ByHand(check, reason))
            continue
        undo = (check.undo or "").strip() or None
        can_undo = undo is not None and why_by_hand(check, undo) is None
        steps.append(
            Step(
                check=check,
                result=result,
                text=text,
                touched=touched_by(check, text).touched,
                undo=undo if can_undo else None,
                undo_by_hand=None if can_undo else undo,
            )
        )
    return Steps(tuple(steps), tuple(by_hand), tuple(changed))
