"""What a person sees after an audit: score, counts, what to fix first with the commands, what could not be seen."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from secaudit.model import Result, Run, Severity, Status
from secaudit.reporting.reach import sent, view_of
from secaudit.reporting.words import count_of, day, number
from secaudit.terminal.console import STYLES, WORDS
from secaudit.terminal.findings import LONG, SHORT, Findings
from secaudit.terminal.printer import Part, Printer

SMALLEST_BAR = 10
LARGEST_BAR = 50


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the view tells besides the run."""

    seconds: float | None = None
    earlier: Run | None = None
    report: str | None = None
    """Where the report was stored."""
    as_root: Sequence[str] = ("sudo", "secaudit", "audit")
    """The command that makes this run again and sees more."""
    again: Sequence[str] = ("secaudit", "audit")
    """The command that makes this run again."""
    in_full: Sequence[str] = ("secaudit", "audit", "--all")
    """The command that shows everything."""
    program: Sequence[str] = ("secaudit",)
    """How this person calls us."""
    fix: Sequence[str] = ()
    """The command that makes a script of what is to fix; empty when the run is not stored."""
    top: int = 5
    everything: bool = False


class AuditView:
    """Prints one run."""

    def __init__(self, run: Run, around: Surroundings, color: str = "auto") -> None:
        self.run = run
        self.around = around
        self.out = Printer(color)
        self.program = shlex.join(around.program)
        self.by_id = {result.check: result for result in run.results}
        self.to_fix = [step for step in run.plan if not self.by_id[step.check].waiver]
        self.waived = [result for result in run.results if result.status is Status.FAIL and result.waiver]

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

    def _head(self) -> None:
        run, out = self.run, self.out
        facts = [run.target.system or run.target.kind, f"profile {run.profile}", count_of(len(run.results), "check")]
        if self.around.seconds is not None:
            facts.append(f"{self.around.seconds:.1f} s")
        told = ", ".join(facts)
        out.blank()
        if 2 + len(run.target.name) + 2 + len(told) <= out.width:
            out.line((run.target.name, "bold"), "  ", (told, "dim"))
        else:
            out.line((run.target.name, "bold"))
            out.prose(told, style="dim")
        if run.target.consent is None:
            out.prose("Nothing was changed, and nothing was sent anywhere.", style="dim")
        else:
            out.prose(f"Nothing was changed. {sent(run)} {view_of(run.target.consent)}", style="dim")
        if run.tailored:
            names = ", ".join(f"{item.check}.{item.param}" for item in run.tailored[:3])
            more = f" and {len(run.tailored) - 3} more" if len(run.tailored) > 3 else ""
            out.prose(f"Judged by other values than the checks' own: {names}{more}", style="dim")
        if run.baseline is not None:
            accepted = count_of(run.baseline.accepted, "finding")
            out.prose(f"Accepted in a baseline: {accepted}. They stay failures in the score.", style="dim")
        if run.partial:
            out.prose(
                f"{out.signs.unknown} Interrupted: only a part was read, and this run is not kept.", style="yellow"
            )
        out.blank()

    def _score(self) -> None:
        score, out = self.run.score, self.out
        grade = f"grade {score.grade}" if score.grade else "no grade"
        exact = score.low == score.high
        if out.is_accessible:
            span = f"{score.low}" if exact else f"{score.low} to {score.high}"
            out.line(f"Score: {span} of 100, {grade}, {self._trend()}.")
        else:
            points = f"{score.low}" if exact else f"{score.low}{out.signs.dash}{score.high}"
            head: list[Part] = [(f"{points} / 100", "bold"), f"  {grade}"]
            trend = self._trend()
            room = out.width - (2 + len(points) + 6 + 2 + len(grade) + 2) - 2 - len(trend) - 2
            if out.is_narrow:
                out.line(*head)
                out.prose(trend, style="dim")
            elif room < SMALLEST_BAR:
                out.line(*head, "  ", *self._bar(min(30, room + len(trend) + 2)))
                out.prose(trend, style="dim")
            else:
                out.line(*head, "  ", *self._bar(min(LARGEST_BAR, room)), ("  " + trend, "dim"))
        self._doubt()

    def _doubt(self) -> None:
        """Say how sure the score is."""
        score, run = self.run.score, self.run
        if run.narrow:
            self.out.prose(f"No grade, since this looks only at {run.narrow}.")
        elif score.grade is None:
            critical = sum(i.status is Status.UNKNOWN and i.severity is Severity.CRITICAL for i in run.results)
            worst = f", {critical} of them critical" if critical else ""
            self.out.prose(
                f"Too little was seen for a grade: {run.counts.unknown} of {count_of(len(run.results), 'check')} could"
                f" not be made{worst}."
            )
        if score.held_back:
            self.out.prose(f"Not a better grade, since {score.held_back}.")
        if score.grade is not None and score.low != score.high:
            self.out.prose(
                f"{score.coverage} % could be checked. What could not be seen counts as failed in {score.low} and as"
                f" passed in {score.high}.",
                style="dim",
            )

    def _bar(self, size: int) -> list[Part]:
        score, signs = self.run.score, self.out.signs
        full, open_ = score.low * size // 100, (score.high - score.low) * size // 100
        color = {"A": "green", "B": "green", "C": "yellow", "D": "yellow"}.get(score.grade or "", "red")
        return [
            (signs.bar_full * full, color),
            (signs.bar_open * open_, "dim"),
            (signs.bar_empty * (size - full - open_), "dim"),
        ]

    def _trend(self) -> str:
        earlier = self.around.earlier
        if self.run.partial:
            return "not complete"
        if earlier is None:
            return "first run"
        old = {item.check: item.status for item in earlier.results}
        both = sum(item.check in old for item in self.run.results)
        if both * 5 < max(len(old), len(self.run.results)) * 4:
            return "the run before made other checks"
        fixed = sum(item.status is Status.PASS and old.get(item.check) is Status.FAIL for item in self.run.results)
        new = sum(item.status is Status.FAIL and old.get(item.check) is Status.PASS for item in self.run.results)
        change = self.run.score.low - earlier.score.low
        told = f"{f'{change:+d}' if change else 'unchanged'} since {day(earlier.started)}"
        return f"{told}, {fixed} fixed, {new} new" if fixed or new else told

    def _counts(self) -> None:
        counts, out = self.run.counts, self.out
        numbers = [
            (out.signs.fail, counts.failed - len(self.waived), WORDS[Status.FAIL], STYLES["fail"]),
            (out.signs.passed, counts.passed, WORDS[Status.PASS], STYLES["pass"]),
            (out.signs.unknown, counts.unknown, WORDS[Status.UNKNOWN], STYLES["unknown"]),
            (out.signs.waived, len(self.waived), "waived", STYLES["not_applicable"]),
            (out.signs.not_applicable, counts.not_applicable, WORDS[Status.NOT_APPLICABLE], STYLES["not_applicable"]),
        ]
        parts = [(f"{sign} {count} {word}", style) for sign, count, word, style in numbers if count or word != "waived"]
        out.blank()
        if out.is_accessible or sum(len(text) + 3 for text, _ in parts) > out.width:
            for part in parts:
                out.line(part)
        else:
            out.line(*(piece for part in parts for piece in (part, "   ")))
        out.blank()

    def _plan(self) -> None:
        out = self.out
        if not self.to_fix:
            self._nothing_to_fix()
            return
        steps = self.to_fix[: self.around.top]
        after = self.run.score.low + sum(step.gain for step in steps)
        what = "this" if len(steps) == 1 else f"these {number(len(steps))}"
        to = "to" if out.is_accessible else out.signs.to
        gain = f"  (score {self.run.score.low} {to} {after})" if after > self.run.score.low else ""
        out.line((f"Fix {what} first", "bold"), gain)
        out.blank()
        findings = Findings(out, self.run, self.program, SHORT)
        findings.show([(str(place), self.by_id[step.check]) for place, step in enumerate(steps, 1)])
        if left := len(self.to_fix) - len(steps):
            out.pair((f"{left} more to fix:  ", "dim"), shlex.join(self.around.in_full))
            out.blank()

    def _nothing_to_fix(self) -> None:
        counts = self.run.counts
        if counts.unknown and not counts.passed + counts.failed:
            self.out.prose("Nothing could be checked.")
        elif counts.unknown:
            self.out.prose("No check failed among those that could be made.")
        elif self.waived:
            self.out.prose("Nothing to fix but what was accepted.")
        else:
            self.out.prose("Nothing to fix.")
        self.out.blank()

    def _everything(self) -> None:
        out = self.out
        findings = Findings(out, self.run, self.program, LONG)
        if self.to_fix:
            out.line((f"{len(self.to_fix)} to fix, the worst first", "bold"))
            out.blank()
            findings.show([(str(place), self.by_id[step.check]) for place, step in enumerate(self.to_fix, 1)])
        else:
            self._nothing_to_fix()
        unknown = [item for item in self.run.results if item.status is Status.UNKNOWN]
        for title, sign, group in (
            (f"{len(unknown)} could not check", out.signs.unknown, unknown),
            (f"{len(self.waived)} waived", out.signs.waived, self.waived),
        ):
            if group:
                out.line((title, "bold"))
                out.blank()
                ordered = sorted(group, key=lambda item: (item.severity.rank, item.check))
                self._others(findings, sign, ordered)

    def _others(self, findings: Findings, sign: str, group: Sequence[Result]) -> None:
        if group[0].status is Status.UNKNOWN:
            findings.show([(sign, result) for result in group])
            return
        for result in group:
            self.out.line(f"{sign} {result.check}  {result.fail_title}")
            self.out.prose(result.waiver or "", indent=4, style="dim")
        self.out.blank()

    def _not_seen(self) -> None:
        counts, out = self.run.counts, self.out
        if counts.needs_root:
            text = f"{count_of(counts.needs_root, 'check')} {'needs' if counts.needs_root == 1 else 'need'} root"
            out.pair((f"{out.signs.unknown} {text}:  ", "yellow"), shlex.join(self.around.as_root))
        options = Counter(
            result.needs
            for result in self.run.results
            if result.status is Status.UNKNOWN and result.needs and result.needs.startswith("--")
        )
        for option, count in options.most_common():
            text = f"{count_of(count, 'check')} {'needs' if count == 1 else 'need'} {option}"
            out.pair((f"{out.signs.unknown} {text}:  ", "yellow"), f"{shlex.join(self.around.again)} {option}")
        rest = counts.unknown - counts.needs_root - options.total()
        if rest and not self.around.everything:
            others = counts.needs_root or options
            text = f"{count_of(rest, 'check')} could not be made{' for other reasons' if others else ''}"
            out.pair((f"{out.signs.unknown} {text}:  ", "yellow"), shlex.join(self.around.in_full))
        if counts.needs_root or options or (rest and not self.around.everything):
            out.blank()

    def _next(self) -> None:
        program, out = self.program, self.out
        if self.around.report:
            out.pair(("Report  ", "dim"), _from_home(self.around.report), under=2)
        if self.to_fix:
            command = f"{program} explain {self.to_fix[0].check}"
            out.pair(("Next    ", "dim"), command, "why, how to check, how to undo", under=2)
            if self.around.fix:
                out.pair(("        ", "dim"), shlex.join(self.around.fix), "a script for these, to read first", under=2)
        if self.around.report:
            label = "        " if self.to_fix else "Next    "
            out.pair((label, "dim"), f"{program} report --open", "the whole report in a browser", under=2)
        if self.around.report or self.to_fix:
            out.blank()


def _from_home(path: str) -> str:
    """The path as people write it, `~/...`, when a shell would read it so."""
    home = os.path.expanduser("~")
    short = path.removeprefix(home + "/")
    return f"~/{short}" if home != "/" and short != path and shlex.quote(short) == short else path
