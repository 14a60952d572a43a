"""Show or write a fix for the command line: the script to stdout or a file, what is worth knowing to stderr."""

from __future__ import annotations

import shlex
from pathlib import Path

from secaudit.app.fixing import Fix, FixRequest, write_fix
from secaudit.app.program import short_words
from secaudit.reporting.words import count_of
from secaudit.terminal.text import echo, write_document


def show_fix(fix: Fix, request: FixRequest, *, quiet: bool) -> None:
    """Write it, and say what to do next."""
    path = request.output
    if path is None:
        write_document(fix.text)
    else:
        write_fix(fix, path, request.fmt)
    if quiet:
        return
    for note in fix.notes:
        echo(f"note: {note}", err=True)
    if path is not None:
        echo(f"written: {path}  ({count_of(fix.steps, 'step')})", err=True)
        if fix.undo_path is not None:
            echo(f"written: {fix.undo_path}", err=True)
    if fix.by_hand and not request.undo:
        program = shlex.join(short_words())
        echo("by hand, not in the script:", err=True)
        wide = max(len(item.check.id) for item in fix.by_hand)
        for item in fix.by_hand:
            echo(f"  {program} explain {item.check.id:<{wide}}   {item.reason}", err=True)
    for line in _next(fix, request, path):
        echo(line, err=True)


def _next(fix: Fix, request: FixRequest, path: Path | None) -> list[str]:
    if path is None:
        more = " --undo" if request.undo else " --format ansible" if request.fmt == "ansible" else ""
        name = "fix.yml" if request.fmt == "ansible" else "fix-undo.sh" if request.undo else "fix.sh"
        return [f"next:    {fix.command}{more} -o {name}   writes it into a file"]
    word = shlex.quote(str(path))
    if request.fmt == "ansible":
        return [
            f"next:    less {word}",
            f"         ansible-playbook -i localhost, -c local --step {word}   asks before each task",
        ]
    if request.undo:
        return [f"next:    sh {word}   asks before each step"]
    return [
        f"next:    less {word}      read it first",
        f"         sh {word}        asks before each step",
        f"         sh {shlex.quote(str(fix.undo_path))}   takes them back",
    ]
