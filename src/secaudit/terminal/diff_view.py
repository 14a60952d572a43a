"""Two runs side by side: the score, then what changed, worst first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import click

from secaudit.app.diffing import Change, Difference, Kind, document
from secaudit.model import Status
from secaudit.reporting.visible import visible
from secaudit.reporting.words import count_of, day
from secaudit.terminal.console import SEVERITY_STYLES, STYLES
from secaudit.terminal.printer import Printer
from secaudit.terminal.text import encodable, write_document

MOST_FINDINGS = 5
"""Of one check."""

_HEADS = {
    Kind.NEW: ("fails now", Status.FAIL),
    Kind.MORE: ("more was found", Status.FAIL),
    Kind.LOST: ("cannot be checked any more", Status.UNKNOWN),
    Kind.LESS: ("less was found", Status.FAIL),
    Kind.FIXED: ("fixed", Status.PASS),
    Kind.SEEN: ("could be checked now", Status.PASS),
}


def show_difference(found: Difference, fmt: str, color: str = "auto") -> None:
    """Print it: text for people, plain with tabs, or JSON."""
    if fmt == "json":
        write_document(json.dumps(document(found), ensure_ascii=False, indent=1) + "\n", is_json=True)
    elif fmt == "plain":
        for line in _plain_lines(found.changes):
            click.echo(encodable(line))
    else:
        _Text(found, Printer(color)).show()


def _plain_lines(changes: Sequence[Change]) -> Iterator[str]:
    """One line a finding: kind, severity, check, `+` or `-`, what was found."""
    for one in changes:
        head = (str(one.kind), str(one.severity), one.check)
        lines = [*(("+", text) for text in one.came), *(("-", text) for text in one.gone)] or [("", one.reason or "")]
        for sign, text in lines:
            yield "\t".join(visible(field) for field in (*head, sign, text))


class _Text:
    def __init__(self, found: Difference, printer: Printer) -> None:
        self._found = found
        self._printer = printer

    def show(self) -> None:
        found, printer = self._found, self._printer
        old, new = found.old, found.new
        gain = new.score.low - old.score.low
        printer.blank()
        printer.line(new.target.name)
        printer.line(
            f"{day(old.started)} {old.score.low} {printer.signs.to} {day(new.started)} {new.score.low}   ",
            (f"{gain:+d}", "red" if gain < 0 else "green" if gain else ""),
        )
        if found.score_by_content is not None:
            printer.prose(
                f"The checks changed in between. By the new ones the older run has {found.score_by_content} points; "
                f"what follows is what changed on the target.", style="dim",
            )  # fmt: skip
        elif not found.separated:
            printer.prose(
                "The checks changed in between, and the older run cannot be judged by the new ones: some of this may "
                "come from the checks and not from the target.", style="yellow",
            )  # fmt: skip
        printer.blank()
        for kind in Kind:
            self._group(kind, [one for one in found.changes if one.kind is kind])
        if not found.changes:
            printer.line("Nothing changed on the target.")
            printer.blank()
        if found.by_content:
            names = ", ".join(f"{one.check} ({one.kind})" for one in found.by_content)
            printer.prose(f"{count_of(len(found.by_content), 'check')} judge otherwise now: {names}", style="dim")
        for label, checks in (("only in the newer run", found.added), ("only in the older run", found.removed)):
            if checks:
                printer.prose(f"{count_of(len(checks), 'check')} {label}: {', '.join(checks)}", style="dim")

    def _group(self, kind: Kind, changes: Sequence[Change]) -> None:
        if not changes:
            return
        words, status = _HEADS[kind]
        printer = self._printer
        printer.line((f"{printer.signs.of(status)} {words}: {count_of(len(changes), 'check')}", STYLES[str(status)]))
        for one in changes:
            printer.line(
                (f"{str(one.severity).upper():<9}", SEVERITY_STYLES[one.severity]),
                f"{one.title}  ",
                (one.check, "dim"),
                indent=4,
            )
            if one.reason:
                printer.prose(one.reason, indent=13, style="dim")
            for sign, texts in (("+", one.came), ("-", one.gone)):
                for text in texts[:MOST_FINDINGS]:
                    printer.line(f"{sign} {text[:300]}", indent=13)
                if len(texts) > MOST_FINDINGS:
                    printer.line(f"{sign} and {len(texts) - MOST_FINDINGS} more: --format plain shows all", indent=13)
            if not one.complete:
                printer.line("too many findings to compare them one by one", indent=13)
        printer.blank()
