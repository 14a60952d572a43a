"""Carry out an audit for the command line: progress, stored run, files, screen, exit code."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from secaudit.app.auditing import AuditRequest, audit
from secaudit.app.keeping import background, keep
from secaudit.app.opening import NothingStaged
from secaudit.app.output import FORMATS, parse_output, render, write
from secaudit.app.program import program_words, short_words
from secaudit.errors import StateError
from secaudit.model import Run, Severity, Status
from secaudit.reporting.visible import visible
from secaudit.terminal.progress import ProgressLine
from secaudit.terminal.text import echo, write_document


@dataclass(frozen=True, slots=True)
class Shown:
    """What the options ask to be shown, kept and written."""

    outputs: tuple[str, ...]
    fmt: str
    top: int
    everything: bool
    save: bool
    quiet: bool
    color: str
    fail_on: Severity | None
    strict: bool


def audit_and_show(request: AuditRequest, shown: Shown) -> int:
    """Audit, keep, write, show; gives the exit code."""
    outputs = [parse_output(text) for text in shown.outputs]  # a slip is told before the work, not after it
    begun = time.monotonic()
    try:
        with ProgressLine(quiet=shown.quiet) as progress:
            done = audit(request, observe=progress)
    except NothingStaged as nothing:  # a commit that changes its message only
        if not shown.quiet:
            echo(f"note: {nothing.message}", err=True)
        return nothing.exit_code
    seconds = time.monotonic() - begun
    if not shown.quiet:
        for note in done.notes:
            echo(visible(f"note: {note}"), err=True)  # one line: a name in it cannot begin another
    earlier = background(done.run)
    report: Path | None = None
    if shown.save and not done.run.partial:
        try:
            report = keep(done, earlier.summaries).folder / "report.html"
        except StateError as error:
            echo(f"warning: this run was not kept: {error.message}", err=True)
            for label, text in error.hints:
                echo(f"  {label + ':':<9}{text}", err=True)
    for fmt, path in outputs:
        parts = render(fmt, done.run, done.snapshot, earlier.summaries)
        if path is None:
            write_document(parts, is_json=FORMATS[fmt].is_json)
        else:
            write(path, parts)
    if not any(path is None for _, path in outputs):
        if shown.fmt == "text":
            from secaudit.terminal.audit_view import AuditView, Surroundings

            words = [word for word in sys.argv[1:] if word != "--all"]  # this command line, to be given again
            around = Surroundings(
                seconds=seconds,
                earlier=earlier.last,
                report=str(report) if report else None,
                as_root=["sudo", *program_words(), *words],
                again=[*short_words(), *words],
                in_full=[*short_words(), "report", "--all"] if report else [*short_words(), *words, "--all"],
                program=short_words(),
                fix=[*short_words(), "fix", "-o", "fix.sh"] if report else [],
                top=shown.top,
                everything=shown.everything,
            )
            AuditView(done.run, around, shown.color).show()
        else:
            parts = render(shown.fmt, done.run, done.snapshot, earlier.summaries)
            write_document(parts, is_json=FORMATS[shown.fmt].is_json)
    if not shown.quiet:
        for _, path in outputs:
            if path is not None:
                echo(f"written: {path}", err=True)
    return exit_code(done.run, shown.fail_on, strict=shown.strict)


def exit_code(run: Run, fail_on: Severity | None, *, strict: bool) -> int:
    """130 when interrupted, 1 for a failure of at least this severity, 3 for anything unknown when strict, else 0.

    A failure that somebody accepted does not count.
    """
    if run.partial:
        return 130
    failed = [result for result in run.results if result.status is Status.FAIL and not result.waiver]
    if fail_on is not None and any(result.severity.rank <= fail_on.rank for result in failed):
        return 1
    if strict and any(result.status is Status.UNKNOWN for result in run.results):
        return 3
    return 0
