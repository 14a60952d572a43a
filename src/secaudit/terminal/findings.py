"""One finding as a block: what is wrong, where it was seen, what to beware of, the commands that mend it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from secaudit.model import Result, Run, Status
from secaudit.reporting.evidence import evidence
from secaudit.reporting.visible import visible
from secaudit.terminal import shell
from secaudit.terminal.console import SEVERITY_STYLES, STYLES, WORDS
from secaudit.terminal.printer import Printer
from secaudit.terminal.shell import Kind

RIGHT = 120
"""The last column of headings; further right they would be hard to follow."""

SEVERITY_COLUMN = 10

_COMMAND_IN_COMMENT = re.compile(r"\s--?\w|\S\s{2,}\S")
"""A comment that holds a command is not wrapped: an option, or wide spaces around it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a finding is shown."""

    rows: int
    """Lines of evidence."""
    lines: int
    """Lines of commands; a command that has begun is finished."""


SHORT = Limits(2, 12)
LONG = Limits(5, 1000)


class Findings:
    """Prints findings under each other, so that their columns agree."""

    def __init__(self, printer: Printer, run: Run, program: str, limits: Limits) -> None:
        self._printer = printer
        self._program = program
        self._limits = limits
        self._controls = _controls(run)

    def show(self, labelled: Sequence[tuple[str, Result]]) -> None:
        """Print these, each with its label: a number or the sign of its status."""
        indent = 2 + max((len(label) for label, _ in labelled), default=0) + 2
        shown = [result for _, result in labelled]
        for label, result in labelled:
            self._heading(label, result, indent, shown)
            self._evidence(result, indent)
            if result.status is Status.FAIL:
                self._fix(result, indent)
            self._printer.blank()

    def _heading(self, label: str, result: Result, indent: int, shown: Iterable[Result]) -> None:
        printer = self._printer
        severity = str(result.severity).upper()
        style = SEVERITY_STYLES[result.severity]
        title = visible(result.fail_title if result.status is Status.FAIL else result.title)
        control = self._controls.get(result.objective) or self._controls.get(f"check:{result.check}", "")
        if printer.is_accessible:
            numbered = f"{label}. " if label.isdigit() else ""
            word = "" if result.status is Status.FAIL else f"{WORDS[result.status]}, "
            printer.line(f"{numbered}{word}", (severity, style), ": ", (title, "bold"))
            printer.line(", ".join(part for part in (f"check {result.check}", control) if part), indent=indent)
            return
        left = f"{label:>{indent - 4}}  "
        if printer.is_narrow:
            printer.line((left, STYLES.get(result.status, "")), (severity, style))
            printer.prose(title, indent=indent, style="bold")
            printer.line((result.check, "cyan"), indent=indent)
            return
        begin = indent + SEVERITY_COLUMN
        room = min(printer.width, RIGHT) - 2 - begin - cell_len(title)
        head = ((left, "" if label.isdigit() else STYLES[result.status]), (f"{severity:<{SEVERITY_COLUMN}}", style))
        for tail in self._tails(result, control, shown):
            if room - len(tail) >= 2:
                printer.line(*head, (title, "bold"), " " * (room - len(tail)), (tail, "cyan"))
                return
        first, *rest = printer.wrapped(title, begin)
        printer.line(*head, (first, "bold"))
        for line in rest:
            printer.line((line, "bold"), indent=begin)
        printer.line(
            (result.check, "cyan"), (f"   {control}" if control and printer.is_wide else "", "dim"), indent=begin
        )

    def _tails(self, result: Result, control: str, shown: Iterable[Result]) -> list[str]:
        """What may stand at the right end of a heading, best first."""
        if not self._printer.is_wide or not control or len(control) > 18:
            return [result.check]
        widest = max(len(item.check) for item in shown)
        return [f"{control:<20}{result.check:>{widest}}", result.check]

    def _evidence(self, result: Result, indent: int) -> None:
        printer = self._printer
        if result.status is not Status.FAIL and result.reason:
            printer.prose(result.reason, indent=indent)
        found = evidence(result, self._limits.rows)
        wishes = {item.wanted for item in found.lines}
        same = wishes.pop() if len(found.lines) > 1 and len(wishes) == 1 else ""  # said once, below
        for item in found.lines:
            seen, text = str(item._replace(wanted="")), str(item)
            if same:
                printer.line(seen, indent=indent)
            elif item.wanted and seen and indent + cell_len(visible(text)) > printer.width:
                printer.line(seen, indent=indent)
                printer.prose(f"wanted {item.wanted}", indent=indent + 2)
            else:
                printer.line(text, indent=indent)
        if found.rest:
            printer.line((found.rest, "dim"), indent=indent)
        if same:
            printer.prose(f"wanted: {same}", indent=indent, hang=2)

    def _fix(self, result: Result, indent: int) -> None:
        printer = self._printer
        if result.careful:
            printer.prose(f"careful: {result.careful}", indent=indent, style="yellow", hang=2)
        explain = f"{self._program} explain {result.check}"
        if not (result.fix or "").strip():
            self._command(explain, indent)
            return
        used = 0
        for command in shell.commands(result.fix or ""):
            if used and used + len(command) > self._limits.lines:
                printer.line(("# the rest: ", "dim"), explain, indent=indent)
                return
            used += len(command)
            for line in command:
                if line.kind is Kind.COMMENT:
                    self._comment(line.text.strip(), indent)
                elif line.kind is Kind.COMMAND:
                    self._command(line.text, indent)
                else:
                    printer.line(line.text, indent=0 if line.kind is Kind.EXACT else indent + 2)

    def _command(self, text: str, indent: int) -> None:
        sign = "" if self._printer.is_accessible else "$ "
        self._printer.line((sign, "dim"), text, indent=indent)

    def _comment(self, text: str, indent: int) -> None:
        if text.startswith("#  ") or _COMMAND_IN_COMMENT.search(text):
            self._printer.line((text, "dim"), indent=indent)
        else:
            self._printer.prose(text.lstrip("# "), indent=indent, style="dim", head="# ")


def _controls(run: Run) -> dict[str, str]:
    """The first control that asks for each objective, and by `check:ID` the first that a check names itself."""
    found: dict[str, str] = {}
    for standard in run.standards:
        for control in standard.controls:
            asking = [f"check:{check}" for check in control.checks]
            if standard.cited_as is None:
                asking += control.objectives
            for name in asking:
                found.setdefault(name, f"{standard.short or standard.id} {control.id}")
    return found
