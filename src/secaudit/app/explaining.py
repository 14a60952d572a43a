"""explain: what a check, control, objective, table or exit code means."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from secaudit.app.content import load
from secaudit.app.controls import controls_of, objectives_of_control
from secaudit.app.listing import Page
from secaudit.app.tables import show_table
from secaudit.content.citations import speaks_for
from secaudit.content.decode import nearest
from secaudit.content.library import Entry, Library
from secaudit.engine.registry import table_modules
from secaudit.errors import StateError, UsageError
from secaudit.history import store
from secaudit.model import Check, Control, EvidenceKind, Result, Run, Standard
from secaudit.reporting.evidence import evidence
from secaudit.reporting.words import EVIDENCE, STATUS, day

EXIT_CODES = (
    (0, "done; nothing failed at or above --fail-on"),
    (1, "done; something failed at or above --fail-on (checks test, checks lint: something is wrong)"),
    (2, "wrong command line, configuration or content"),
    (3, "incomplete: the target cannot be looked at, nothing is selected, or --strict and something is unknown"),
    (5, "a target on the network was named and nobody allowed to look at it; nothing was sent"),
    (70, "a bug in secaudit; a crash file is written and named; the result says nothing"),
    (130, "interrupted; what was finished is shown and marked as a part"),
)
"""Public and stable."""


def explain(name: str, content: Sequence[Path] = ()) -> Page:
    """The page about a name.

    Raises:
        UsageError: nothing has this name.
    """
    if name.replace("_", "-") in ("exit-codes", "exit-code"):
        return _exit_codes()
    library = load(content)
    if name in library.checks:
        return _check(library, library.checks[name])
    if name in library.objectives:
        return _objective(library, name)
    if controls := objectives_of_control(library, name):
        return _control(library, *controls[0], others=controls[1:])
    if name in table_modules():
        return show_table(name)
    if name.isdigit() and int(name) in dict(EXIT_CODES):
        return _exit_codes()
    known = [*library.checks, *library.objectives, *table_modules(), "exit-codes"]
    close = nearest(name, known)
    hints = tuple(("tip", text) for label, text in close if label == "fix") or (("list", "secaudit checks list"),)
    raise UsageError(f'no check, control, objective or table is called "{name}"', hints)


def _exit_codes() -> Page:
    page = Page("exit codes", "They do not change.")
    for code, text in EXIT_CODES:
        page.add(str(code), text)
    return page


def _check(library: Library, entry: Entry[Check]) -> Page:
    check = entry.value
    run = _last_run()
    page = Page(f"{check.id}   {check.severity.upper()}   {', '.join(controls_of(library, check)[:4])}", check.title)
    page.add("Why", check.why)
    result = next((item for item in run.results if item.check == check.id), None) if run else None
    if run is not None and result is not None:
        page.status = result.status
        page.add("Here", _here(run, result), verbatim=True)
    page.add("Verify", check.verify, verbatim=True)
    page.add("Careful", check.careful)
    family = run.target.family if run else None
    fix = check.fix_for(family)
    if fix:
        page.add("Fix", fix, verbatim=True)
    else:
        for name, commands in check.fix.items():
            page.add(f"Fix {name}", commands, verbatim=True)
    page.add("Undo", check.undo, verbatim=True)
    page.add("Objective", f"{check.objective}: {library.objectives[check.objective].title}")
    page.add("More", ", ".join(check.references))
    page.add("How", f'secaudit query "$(secaudit checks show {check.id} --sql)"', verbatim=True)
    for name, param in check.params.items():
        default = ", ".join(map(str, param.default)) if isinstance(param.default, tuple | list) else param.default
        page.add("Value", f"{name} = {default}: {param.hint}")
    page.add("File", str(entry.path), verbatim=True)
    return page


def _last_run() -> Run | None:
    try:
        return store.find(None).load()
    except StateError:
        return None


def _here(run: Run, result: Result) -> str:
    word = STATUS[result.status].word.lower()
    lines = [f"{word}, seen {day(run.finished)} on {run.target.name}"]
    if result.reason:
        lines.append(result.reason)
    found = evidence(result, 10)
    lines.extend(map(str, found.lines))
    if found.rest:
        lines.append(f"{found.rest}: secaudit report --open")
    return "\n".join(lines)


def _objective(library: Library, name: str) -> Page:
    objective = library.objectives[name]
    page = Page(name, objective.title)
    page.add("Why", objective.why)
    page.add("Shown by", " or ".join(EVIDENCE[kind] for kind in objective.evidence))
    page.add(
        "Checks",
        "\n".join(
            f"{item.value.id}  ({item.value.severity})"
            for item in library.checks.values()
            if item.value.objective == name
        ),
    )
    controls = [
        f"{entry.value.short or entry.value.id} {control.id} {control.title}"
        for _, entry in sorted(library.standards.items())
        for control in entry.value.controls
        if name in control.objectives and entry.value.cited_as is None
    ]
    page.add("Controls", "\n".join(controls))
    return page


def _control(library: Library, standard: Standard, control: Control, others: list[tuple[Standard, Control]]) -> Page:
    page = Page(f"{standard.title}   {control.id}", control.title)
    page.add("Guidance", control.guidance)
    page.add("Not shown", control.not_assessable)
    if control.level is not None:
        page.add("Level", f"{control.level} of {standard.title}")
    if standard.cited_as is not None:
        _naming(page, library, standard, control)
    for name in control.objectives if standard.cited_as is None else ():
        checks = [item.value.id for item in library.checks.values() if item.value.objective == name]
        page.add("Objective", f"{name}: {library.objectives[name].title}")
        page.add(
            "",
            f"checks: {', '.join(checks)}"
            if checks
            else "no check here; it takes " + " or ".join(EVIDENCE[kind] for kind in library.objectives[name].evidence),
        )
    if standard.cited_as is None:
        page.add("Checks", ", ".join(control.checks))
    page.add("Also", "\n".join(f"{other.title} {item.id}" for other, item in others))
    page.add("Note", standard.notice)
    return page


def _naming(page: Page, library: Library, standard: Standard, control: Control) -> None:
    """For a standard that is finer than objectives: the checks that name the control, and who shows the rest."""
    checks = [item.value.id for item in library.checks.values() if speaks_for(item.value, standard, control)]
    page.add("Checks", ", ".join(checks) or "none names it")
    kinds = dict.fromkeys(kind for name in control.objectives for kind in library.objectives[name].evidence)
    elsewhere = [EVIDENCE[kind] for kind in kinds if kind not in (EvidenceKind.HOST, EvidenceKind.PROJECT)]
    page.add("The rest", "takes " + " or ".join(elsewhere) if elsewhere else "")
    page.add("Objectives", ", ".join(control.objectives))
