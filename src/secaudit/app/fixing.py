"""fix: a script, or a playbook, that mends failing checks of a stored run. It changes nothing itself."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from secaudit.app.content import load
from secaudit.app.keeping import open_run
from secaudit.app.program import short_words
from secaudit.content.decode import nearest
from secaudit.content.library import Library
from secaudit.content.select import matches
from secaudit.errors import NothingSelected, StateError, UsageError
from secaudit.fixing.playbook import playbook
from secaudit.fixing.script import Names, fix_script, undo_script
from secaudit.fixing.steps import ByHand, Steps, failing, steps_for
from secaudit.history.store import write_private
from secaudit.model import Result, Run, Severity, Status
from secaudit.reporting.words import STATUS, moment

FIRST = 5
"""How many steps of the plan are chosen when nothing is said: those that an audit shows."""

_RUN_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,63}\Z")


@dataclass(frozen=True, slots=True)
class FixRequest:
    """Which steps, in which form."""

    run: str | None = None
    """A stored run, or a run document by its path; the newest when None."""
    only: tuple[str, ...] = ()
    severity: Severity | None = None
    """From this severity up."""
    fmt: str = "sh"
    undo: bool = False
    output: Path | None = None
    content: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Fix:
    """The text, and what a person should know about it."""

    text: str
    undo_text: str
    """The undo script; empty for a playbook."""
    notes: tuple[str, ...]
    """From which run; what is odd."""
    by_hand: tuple[ByHand, ...]
    steps: int
    command: str
    """The command that makes the same steps again."""
    undo_path: Path | None
    """Where the undo script belongs when the text goes into a file."""


def make_fix(request: FixRequest) -> Fix:
    """Make the script for the chosen failing checks of a run.

    Raises:
        StateError: there is no such run, or it is damaged.
        UsageError: a pattern fits nothing that failed.
        NothingSelected: nothing is left that a script could do.
    """
    if request.undo and request.fmt != "sh":
        raise UsageError(
            "the undo script is a shell script; it also undoes the playbook (options --undo, --format)",
            (("fix", "secaudit fix --undo > fix-undo.sh"),),
        )
    run = open_run(request.run).run
    if not _RUN_ID.match(run.id):
        raise StateError("this run is damaged: its id is no id of a run", (("fix", "secaudit audit"),))
    library = load(request.content)
    chosen = steps_for(library, run, _choose(library, run, request))
    notes = [f"from the audit of {moment(run.finished)} of {run.target.name} (run {run.id})"]
    notes.extend(_doubts(run, chosen))
    if not chosen.steps:
        hands = tuple(("by hand", f"secaudit explain {item.check.id}   {item.reason}") for item in chosen.by_hand)
        raise NothingSelected(
            "no script can do these: a person must",
            (*hands, ("tip", "secaudit fix --severity info looks at all that failed")),
        )
    names = _names(request)
    if request.fmt == "ansible":
        text, undo_text = playbook(run, chosen, names.program, _again(request, "--undo")), ""
    else:
        text, undo_text = fix_script(run, chosen, names), undo_script(run, chosen, names)
    return Fix(
        text=undo_text if request.undo else text,
        undo_text=undo_text,
        notes=tuple(notes),
        by_hand=chosen.by_hand,
        steps=len(chosen.steps),
        command=_again(request),
        undo_path=_undo_path(request),
    )


def write_fix(fix: Fix, path: Path, fmt: str) -> None:
    """Write the script, and its undo script beside it; complete, or not at all; for the owner only.

    Raises:
        UsageError: the folder cannot be written.
    """
    wanted = [(path, fix.text)]
    if fix.undo_path is not None:
        wanted.insert(0, (fix.undo_path, fix.undo_text))  # a fix without its undo is worse than the other way round
    for place, text in wanted:
        try:
            write_private(place, (text.encode(),), 0o700 if fmt == "sh" else 0o600)
        except OSError as error:
            hints = (("fix", "choose a folder that exists, that you may write to and that has space"),)
            raise UsageError(f"{place}: {error.strerror or error} (option --output)", hints) from error


def _choose(library: Library, run: Run, request: FixRequest) -> list[Result]:
    failed = failing(run)
    if not failed:
        raise NothingSelected(f"nothing failed in the audit of {moment(run.finished)}", (("tip", "secaudit audit"),))
    known = [result for result in failed if result.check in library.checks]
    for pattern in request.only:
        if not any(matches(library, library.checks[item.check], pattern) for item in known):
            raise _not_failing(library, run, pattern)
    if request.only:
        known = [
            item for item in known if any(matches(library, library.checks[item.check], one) for one in request.only)
        ]
    if request.severity is not None:
        known = [item for item in known if library.checks[item.check].value.severity.rank <= request.severity.rank]
    if not request.only and request.severity is None:
        known = known[:FIRST]
    if not known:
        what = f"nothing failed at {request.severity} or above" if request.severity else "these checks are not known"
        raise NothingSelected(what, (("tip", "secaudit fix --severity info"),))
    return known


def _not_failing(library: Library, run: Run, pattern: str) -> UsageError:
    """Why a pattern of --only chooses nothing."""
    fitting = [entry for entry in library.checks.values() if matches(library, entry, pattern)]
    if not fitting:
        hints = nearest(pattern, library.checks)[-1:]
        return UsageError(f'no check fits "{pattern}" (option --only)', (*hints, ("list", "secaudit checks list")))
    status = {item.check: item for item in run.results}
    if len(fitting) == 1:
        name = fitting[0].value.id
        result = status.get(name)
        if result is None:
            return UsageError(f"{name} was not part of this audit (option --only)", (("tip", "secaudit audit"),))
        word = "waived" if result.waiver and result.status is Status.FAIL else STATUS[result.status].word.lower()
        return UsageError(
            f"{name} did not fail in this audit, it is: {word} (option --only)", (("tip", f"secaudit explain {name}"),)
        )
    return UsageError(
        f'nothing that fits "{pattern}" failed in this audit (option --only)', (("tip", "secaudit report --all"),)
    )


def _doubts(run: Run, chosen: Steps) -> list[str]:
    notes = []
    if run.target.kind != "host":
        notes.append("that audit read a file system: the script cannot tell the right machine, see its first error")
    for name in chosen.changed:
        notes.append(f"{name}: the run holds other commands than the checks of today; the script has those of today")
    return notes


def _names(request: FixRequest) -> Names:
    """What the scripts are called, where they lie in one folder."""
    path = request.output
    fix, undo = "fix.sh", "fix-undo.sh"
    if path is not None and request.undo:
        undo = path.name
    elif path is not None and (beside := _undo_path(request)) is not None:
        fix, undo = path.name, beside.name
    return Names(
        fix=_safe(fix),
        undo=_safe(undo),
        again=f"{shlex.join(short_words())} audit",
        program=shlex.join(short_words()),
        make_undo=_again(request, "--undo > fix-undo.sh") if path is None else "",
    )


def _safe(name: str) -> str:
    """A file name that no program takes for an option."""
    return f"./{name}" if name.startswith("-") else name


def _undo_path(request: FixRequest) -> Path | None:
    path = request.output
    if path is None or request.undo or request.fmt != "sh":
        return None
    return path.with_name(f"{path.stem}-undo{path.suffix}")


def _again(request: FixRequest, more: str = "") -> str:
    """The same choice once more, as a command."""
    words = [*short_words(), "fix"]
    if request.run is not None:
        words.append(request.run)
    for pattern in request.only:
        words.extend(("--only", pattern))
    if request.severity is not None:
        words.extend(("--severity", str(request.severity)))
    for folder in request.content:
        words.extend(("--content", os.fspath(folder)))
    return f"{shlex.join(words)} {more}".rstrip()
