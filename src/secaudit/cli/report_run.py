"""Show, write and open stored runs for the command line."""

from __future__ import annotations

from pathlib import Path

from secaudit.app.keeping import Background, Kept, background, open_run
from secaudit.app.output import FORMATS, parse_output, render, write
from secaudit.app.program import program_words, short_words
from secaudit.errors import StateError
from secaudit.model import Run
from secaudit.terminal.text import echo, write_document


def _open(name: str | None) -> tuple[Kept, Background]:
    kept = open_run(name)
    return kept, background(kept.run)


def show_again(name: str | None, fmt: str, *, top: int, everything: bool, color: str) -> None:
    """Print a stored run as the audit printed it."""
    kept, earlier = _open(name)
    if fmt != "text":
        write_document(render(fmt, kept.run, kept.snapshot, earlier.summaries), is_json=FORMATS[fmt].is_json)
        return
    from secaudit.terminal.audit_view import AuditView, Surroundings

    around = Surroundings(
        earlier=earlier.last,
        report=str(kept.report) if kept.report else None,
        as_root=_as_root(kept.run),
        again=[*short_words(), "audit", *_where(kept.run), "--profile", kept.run.profile],
        in_full=[*short_words(), "report", *([name] if name else []), "--all"],
        program=short_words(),
        fix=[*short_words(), "fix", *([name] if name else []), "-o", "fix.sh"],
        top=top,
        everything=everything,
    )
    AuditView(kept.run, around, color).show()


def _as_root(run: Run) -> list[str]:
    """The audit to make as root."""
    return ["sudo", *program_words(), "audit", *_where(run), "--profile", run.profile]


def _where(run: Run) -> list[str]:
    """How the target was named. Where a mounted file system or a project lay is not kept: it is left to fill in."""
    target, consent = run.target, run.target.consent
    if consent is None:
        return {"root": ["--root", "FOLDER"], "project": ["--project", "FOLDER"]}.get(target.kind, [])
    said = ["--i-may-scan"] if consent.local else []
    if consent.by:
        said += ["--authorised-by", consent.by, "--authorised-until", consent.until]
    return [f"--{target.kind}", target.name, *said]


def write_again(name: str | None, outputs: tuple[str, ...]) -> None:
    """Write a stored run as files."""
    wanted = [parse_output(text) for text in outputs]
    kept, earlier = _open(name)
    for fmt, path in wanted:
        parts = render(fmt, kept.run, kept.snapshot, earlier.summaries)
        if path is None:
            write_document(parts, is_json=FORMATS[fmt].is_json)
        else:
            write(path, parts)
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
