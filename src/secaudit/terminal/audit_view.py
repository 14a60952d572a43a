"""What a person sees after an audit: score, counts, what to fix first with the commands, what could not be seen."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from secaudit.model import Result, Run, Severity, Status
from secaudit.reporting.visible import visible
from secaudit.terminal.console import (
    PROSE_WIDTH,
    SEVERITY_STYLES,
    STYLES,
    WORDS,
    Signs,
    is_accessible,
    make_console,
    signs_for,
)
from secaudit.terminal.text import encodable

if TYPE_CHECKING:
    from rich.console import Console

WIDE = 110
NARROW = 60
FIX_LINES = 6
"""Longer fixes are shown by `explain`."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the view tells besides the run."""

    seconds: float | None = None
    earlier: Run | None = None
    report: str | None = None
    """Where the report was stored."""
    again: Sequence[str] = ("secaudit", "audit")
    """The command line that made this run, to be repeated with sudo."""
    top: int = 5
    everything: bool = False


class AuditView:
    """Prints one run."""

    def __init__(self, run: Run, around: Surroundings, color: str = "auto") -> None:
        self.run = run
        self.around = around
        self.console: Console = make_console(color)
        self.signs: Signs = signs_for(sys.stdout)
        self.width = self.console.width
        self.accessible = is_accessible()
        self.by_id = {result.check: result for result in run.results}

    def show(self) -> None:
        """Print everything."""
        self._head()
        self._score()
        self._counts()
        if self.around.everything:
            self._everything()
        else:
            self._plan()
        self._not_seen()
        self._next()

    # ------------------------------------------------------------ pieces

    def _line(self, *parts: str | tuple[str, str], indent: int = 2) -> None:
        text = Text(" " * indent)
        for part in parts:
            content, style = (part, "") if isinstance(part, str) else part
            text.append(encodable(visible(content)), style=style or None)
        self.console.print(text, soft_wrap=True)

    def _prose(self, text: str, indent: int = 2, style: str = "") -> None:
        from textwrap import wrap

        for line in wrap(visible(text), max(20, min(self.width, PROSE_WIDTH) - indent)) or [""]:
            self._line((line, style), indent=indent)

    def _blank(self) -> None:
        self.console.print()

    def _head(self) -> None:
        run = self.run
        facts = [run.target.system or run.target.kind, f"profile {run.profile}", f"{len(run.results)} checks"]
        if self.around.seconds is not None:
            facts.append(f"{self.around.seconds:.1f} s")
        self._blank()
        self._line((run.target.name, "bold"), "  ", (", ".join(facts), "dim"))
        self._line(("Nothing left this machine.", "dim"))
        if run.partial:
            self._line((f"{self.signs.unknown} Interrupted: only a part was read.", "yellow"))
        self._blank()

    def _score(self) -> None:
        score = self.run.score
        points = f"{score.low}" if score.low == score.high else f"{score.low}{self.signs.dash}{score.high}"
        if self.accessible:
            span = f"{score.low}" if score.low == score.high else f"{score.low} to {score.high}"
            self._line(f"Score: {span} of 100, {self._grade()}, {score.coverage} percent could be checked.")
            self._line(self._trend())
            return
        parts: list[str | tuple[str, str]] = [(f"{points} / 100", "bold"), f"  {self._grade()}"]
        if self.width >= NARROW:
            parts.append("  ")
            parts.extend(self._bar())
            parts.append(("  " + self._trend(), "dim"))
        self._line(*parts)
        if score.grade is None:
            critical = self._unknown_critical()
            worst = f", {critical} of them critical" if critical else ""
            self._prose(f"{self.run.counts.unknown} of {len(self.run.results)} checks could not be made{worst}.")
        elif score.low != score.high:
            self._prose(
                f"{score.coverage} % could be checked. What could not be seen counts as failed in {score.low} and as"
                f" passed in {score.high}.",
                style="dim",
            )

    def _unknown_critical(self) -> int:
        return sum(item.status is Status.UNKNOWN and item.severity is Severity.CRITICAL for item in self.run.results)

    def _grade(self) -> str:
        return f"grade {self.run.score.grade}" if self.run.score.grade else "no grade"

    def _bar(self) -> list[tuple[str, str]]:
        score = self.run.score
        size = max(10, min(50, self.width - 48))
        full, open_ = score.low * size // 100, (score.high - score.low) * size // 100
        color = {"A": "green", "B": "green", "C": "yellow", "D": "yellow"}.get(score.grade or "", "red")
        return [
            (self.signs.bar_full * full, color),
            (self.signs.bar_open * open_, "dim"),
            (self.signs.bar_empty * (size - full - open_), "dim"),
        ]

    def _trend(self) -> str:
        earlier = self.around.earlier
        if earlier is None:
            return "first run"
        old = {item.check: item.status for item in earlier.results}
        fixed = sum(item.status is Status.PASS and old.get(item.check) is Status.FAIL for item in self.run.results)
        new = sum(item.status is Status.FAIL and old.get(item.check) is Status.PASS for item in self.run.results)
        change = self.run.score.low - earlier.score.low
        return f"{change:+d} since {earlier.started[:10]}, {fixed} fixed, {new} new"

    def _counts(self) -> None:
        counts = self.run.counts
        numbers = {
            Status.FAIL: counts.failed,
            Status.PASS: counts.passed,
            Status.UNKNOWN: counts.unknown,
            Status.NOT_APPLICABLE: counts.not_applicable,
        }
        self._blank()
        parts: list[str | tuple[str, str]] = []
        for status, number in numbers.items():
            text = (f"{self.signs.of(status)} {number} {WORDS[status]}", STYLES[str(status)])
            if self.accessible or self.width < NARROW:
                self._line(text)
            else:
                parts.extend([text, "   "])
        if parts:
            self._line(*parts[:-1])
        self._blank()

    def _plan(self) -> None:
        plan = self.run.plan
        if not plan:
            if self.run.counts.unknown:
                self._prose("No check failed among those that could be made.")
            else:
                self._prose("Nothing to fix.")
            self._blank()
            return
        steps = plan[: self.around.top]
        words = {1: "this", 2: "these two", 3: "these three", 4: "these four", 5: "these five"}
        count = words.get(len(steps), f"these {len(steps)}")
        self._line((f"Fix {count} first", "bold"), f" ({self.run.score.low} {self.signs.to} {steps[-1].score_after})")
        self._blank()
        for number, step in enumerate(steps, 1):
            self._finding(number, self.by_id[step.check])
        if left := len(plan) - len(steps):
            self._line((f"{left} more to fix:  ", "dim"), _command([*self.around.again, "--all"]))
            self._blank()

    def _finding(self, number: int, result: Result) -> None:
        label = f"{number}  " if not self.accessible else f"{number}. "
        severity = (f"{str(result.severity).upper():<8}", SEVERITY_STYLES[result.severity])
        title = visible(result.fail_title)
        control = self._control(result) if self.width >= WIDE else ""
        tail = f"{control:<20} {result.check}" if control else result.check
        used = 2 + len(label) + 8 + 2 + len(title) + 2
        if self.accessible or used + len(tail) > self.width:
            self._line(label, severity, "  ", (title, "bold"))
            self._line((result.check, "cyan"), f"  {control}" if control else "", indent=5)
        else:
            gap = " " * max(2, min(self.width, 130) - used - len(tail) + 2)
            self._line(label, severity, "  ", (title, "bold"), gap, (tail, "cyan"))
        self._evidence(result)
        self._fix(result)
        self._blank()

    def _control(self, result: Result) -> str:
        for standard in self.run.standards:
            for control in standard.controls:
                if result.objective in control.objectives:
                    return f"{standard.short or standard.id} {control.id}"
        return ""

    def _evidence(self, result: Result) -> None:
        failing = [row for row in result.rows if row.get("pass") == 0]
        for row in failing[:2]:
            place = str(row["path"]) if row.get("path") else ""
            if place and row.get("line") is not None:
                place += f":{row['line']}"
            named = [str(row[key]) for key in ("resource", "actual") if row.get(key) not in (None, "", row.get("path"))]
            self._line((place, "dim"), "  " if place and named else "", (": ".join(named), "dim"), indent=5)
        if len(failing) > 2:
            total = f"{len(failing) - 2} more" if result.rows_total <= len(result.rows) else "more"
            self._line((f"and {total}", "dim"), indent=5)

    def _fix(self, result: Result) -> None:
        lines = [line for line in (result.fix or "").splitlines() if line.strip()]
        for line in lines[:FIX_LINES]:
            is_comment = line.lstrip().startswith("#")
            sign = "" if is_comment or line.startswith((" ", "\t")) else "$ "
            self._line((sign, "dim"), (line, "dim" if is_comment else ""), indent=5)
        if len(lines) > FIX_LINES:
            self._line(("# the rest: ", "dim"), f"secaudit explain {result.check}", indent=5)
        if result.careful:
            self._prose(f"careful: {result.careful}", indent=5, style="yellow")

    def _everything(self) -> None:
        order = {step.check: place for place, step in enumerate(self.run.plan)}
        failing = sorted((item for item in self.run.results if item.check in order), key=lambda item: order[item.check])
        for number, result in enumerate(failing, 1):
            self._finding(number, result)
        unknown = [item for item in self.run.results if item.status is Status.UNKNOWN]
        if unknown:
            self._line(("Could not check", "bold"))
            for result in sorted(unknown, key=lambda item: (item.severity.rank, item.check)):
                self._line((f"{self.signs.unknown} ", "yellow"), f"{result.check}  ", (result.reason or "", "dim"))
            self._blank()

    def _not_seen(self) -> None:
        counts = self.run.counts
        if counts.needs_root:
            noun = "check needs" if counts.needs_root == 1 else "checks need"
            command = _command(["sudo", *self.around.again])
            self._line((f"{self.signs.unknown} {counts.needs_root} {noun} root:  ", "yellow"), command)
        if rest := counts.unknown - counts.needs_root:
            noun = "check" if rest == 1 else "checks"
            self._line(
                (f"{self.signs.unknown} {rest} {noun} could not be made for other reasons:  ", "yellow"),
                _command([*self.around.again, "--all"]),
            )
        if counts.unknown:
            self._blank()

    def _next(self) -> None:
        if self.around.report:
            self._line(("Report  ", "dim"), self.around.report)
        if self.run.plan:
            first = self.run.plan[0].check
            self._line(("Next    ", "dim"), f"secaudit explain {first}", ("   why, how to check, how to undo", "dim"))
        if self.around.report:
            self._line("        secaudit report --open", ("   the whole report in a browser", "dim"))
        self._blank()


def _command(words: Sequence[str]) -> str:
    return " ".join(shlex.quote(word) for word in words)
