"""Show, write and open stored runs for the command line."""

from __future__ import annotations

import sys
from pathlib import Path

from secaudit.app.keeping import Background, Kept, background, open_run
from secaudit.app.output import parse_output, render, write
from secaudit.app.program import program_path
from secaudit.errors import StateError
from secaudit.terminal.text import echo


def _open(name: str | None) -> tuple[Kept, Background]:
    kept = open_run(name)
    return kept, background(kept.run)


def show_again(name: str | None, fmt: str, *, top: int, everything: bool, color: str) -> None:
    """Print a stored run as the audit printed it."""
    kept, earlier = _open(name)
    if fmt != "text":
        sys.stdout.write(render(fmt, kept.run, kept.snapshot, earlier.summaries))
        return
    from secaudit.terminal.audit_view import AuditView, Surroundings

    around = Surroundings(
        earlier=earlier.last,
        report=str(kept.report) if kept.report else None,
        again=(program_path(), "audit"),
        top=top,
        everything=everything,
    )
    AuditView(kept.run, around, color).show()


def write_again(name: str | None, outputs: tuple[str, ...]) -> None:
    """Write a stored run as files."""
    wanted = [parse_output(text) for text in outputs]
    kept, earlier = _open(name)
    for fmt, path in wanted:
        text = render(fmt, kept.run, kept.snapshot, earlier.summaries)
        if path is None:
            sys.stdout.write(text)
        else:
            write(path, text)
            echo(f"written: {path}", err=True)


def open_in_browser(name: str | None) -> None:
    """Open the stored HTML report.

    Raises:
        StateError: the run was stored without one.
    """
    import webbrowser

    kept = open_run(name)
    if kept.report is None:
        raise StateError("this run was stored without a report", (("fix", "secaudit report -o report.html"),))
    place: Path = kept.report
    echo(f"report: {place}")
    if not webbrowser.open(place.as_uri()):
        echo("no browser could be started; open the file yourself", err=True)
