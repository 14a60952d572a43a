"""What a report shows of the checks: one view a check, by topic, and those that could not be made by reason."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from secaudit.model import Result, Run, Scalar, Severity, Status
from secaudit.reporting.words import FAIL, MARK_ORDER, PASS, STATUS, UNKNOWN, WAIVED, Mark, topic_title

ROWS_OF_FAILURE = 20
ROWS_OF_OTHER = 5
"""Rows of evidence on the page; the run document holds up to 50."""

LONGEST_VALUE = 2000
"""Characters of one value on the page. Longer than any path (PATH_MAX is 4096 bytes, in practice far below)."""

_ORDER = {FAIL: 0, UNKNOWN: 1, WAIVED: 2, PASS: 3}
_KNOWN = {"pass", "resource", "actual", "expected", "path", "line", "fingerprint"}
_UNSAFE = re.compile(r"[^A-Za-z0-9.:-]")


class Link(NamedTuple):
    """Leads to something on this page."""

    text: str
    anchor: str | None
    """Id of an element of this page, or None when the page has no such element."""
    mark: Mark | None = None
    """State of what the link leads to."""


class Reference(NamedTuple):
    """Where to read more."""

    text: str
    url: str | None


class Row(NamedTuple):
    """One thing that was examined."""

    mark: Mark
    resource: str
    actual: str
    expected: str
    where: str
    more: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a check looked at."""

    rows: tuple[Row, ...]
    columns: tuple[tuple[int, str], ...]
    """Index into a row and heading, only of columns that say something."""
    left_out: int


@dataclass(frozen=True, slots=True)
class CheckView:
    """One check of the run."""

    id: str
    anchor: str
    mark: Mark
    title: str
    """What is true now: the failure when it failed, else the state we want."""
    severity: Severity
    objective: Link
    controls: tuple[Link, ...]
    references: tuple[Reference, ...]
    evidence: Evidence
    result: Result


class Tally(NamedTuple):
    """How often a state occurs."""

    mark: Mark
    number: int


@dataclass(frozen=True, slots=True)
class Topic:
    """The checks of one folder."""

    title: str
    anchor: str
    summary: str
    checks: tuple[CheckView, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Checks that could not be made for the same reason."""

    reason: str
    help: str | None
    command: str | None
    """Shows what is missing."""
    checks: tuple[CheckView, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One of the first things to fix."""

    check: CheckView
    row: Row | None
    more: int
    """How many other things fail the same check."""
    gain: int


def anchor(kind: str, *names: str) -> str:
    """Give an id for an element of the page. Different names give different ids."""
    return "-".join((kind, *(_UNSAFE.sub(lambda match: f"_{ord(match[0]):x}_", name) for name in names)))


def mark_of(result: Result) -> Mark:
    """Give the sign and word of a result. A waiver has its own word, whatever the status below it."""
    return WAIVED if result.waiver and result.status is Status.FAIL else STATUS[result.status]


def view_checks(run: Run, controls_of: Mapping[str, Sequence[Link]]) -> tuple[CheckView, ...]:
    """Give the view of each result, in the order of the run.

    Args:
        run: the run.
        controls_of: links to the controls that ask for an objective or name a check, by `objective:ID` and `check:ID`.
    """
    objectives = {objective.id: objective.title for objective in run.objectives}
    views = []
    for result in run.results:
        mark = mark_of(result)
        known = objectives.get(result.objective)
        views.append(
            CheckView(
                id=result.check,
                anchor=anchor("check", result.check),
                mark=mark,
                title=result.fail_title if mark in (FAIL, WAIVED) else result.title,
                severity=result.severity,
                objective=Link(known or result.objective, anchor("objective", result.objective) if known else None),
                controls=(
                    *controls_of.get("objective:" + result.objective, ()),
                    *controls_of.get("check:" + result.check, ()),
                ),
                references=tuple(
                    Reference(text, text if text.startswith(("https://", "http://")) else None)
                    for text in result.references
                ),
                evidence=_evidence(result, ROWS_OF_FAILURE if mark in (FAIL, UNKNOWN) else ROWS_OF_OTHER),
                result=result,
            )
        )
    return tuple(views)


def tally(marks: Iterable[Mark], order: Sequence[Mark] = MARK_ORDER) -> tuple[Tally, ...]:
    """Count the marks, in a fixed order and without those that do not occur."""
    counts = Counter(marks)
    return tuple(Tally(mark, counts[mark]) for mark in order if counts[mark])


def topics(checks: Iterable[CheckView]) -> tuple[Topic, ...]:
    """Group the checks by topic; in each, what needs work comes first and the worst of it at the top."""
    groups: dict[str, list[CheckView]] = {}
    for check in checks:
        groups.setdefault(check.result.topic, []).append(check)
    found = []
    for topic, members in sorted(groups.items(), key=lambda item: topic_title(item[0])):
        members.sort(key=lambda check: (_ORDER.get(check.mark, 9), check.severity.rank, check.id))
        summary = ", ".join(
            f"{item.number} {item.mark.word.lower()}" for item in tally(check.mark for check in members)
        )
        found.append(Topic(topic_title(topic), anchor("topic", topic), summary, tuple(members)))
    return tuple(found)


def steps(run: Run, checks: Mapping[str, CheckView], most: int = 5) -> tuple[Step, ...]:
    """Give the first steps of the plan with the evidence that shows the way. What is waived is not asked for."""
    found: list[Step] = []
    for planned in run.plan:
        check = checks.get(planned.check)
        if len(found) == most:
            break
        if check is None or check.mark is WAIVED:
            continue
        failing = [row for row in check.evidence.rows if row.mark is FAIL]
        all_failing = sum(row.get("pass") == 0 for row in check.result.rows)
        found.append(Step(check, failing[0] if failing else None, max(all_failing - 1, 0), planned.gain))
    return tuple(found)


def strengths(checks: Iterable[CheckView]) -> tuple[CheckView, ...]:
    """Give the passed checks of critical and high severity, one of each topic in turn, so that the first are varied."""
    good = [check for check in checks if check.mark is PASS and check.severity in (Severity.CRITICAL, Severity.HIGH)]
    seen: Counter[str] = Counter()
    turns = []
    for check in sorted(good, key=lambda check: check.severity.rank):
        seen[check.result.topic] += 1
        turns.append((seen[check.result.topic], check.severity.rank, check.id, check))
    return tuple(check for *_, check in sorted(turns, key=lambda turn: turn[:3]))


def gaps(run: Run, checks: Iterable[CheckView]) -> tuple[Gap, ...]:
    """Group the checks that could not be made by the reason, those that root would see first."""
    groups: dict[tuple[str, str | None], list[CheckView]] = {}
    for check in checks:
        if check.mark is UNKNOWN:
            reason = check.result.reason or "The evidence does not say."
            groups.setdefault((reason, check.result.needs), []).append(check)
    found = []
    for (reason, needs), members in sorted(
        groups.items(), key=lambda item: (item[0][1] != "root", -len(item[1]), item[0][0])
    ):
        members.sort(key=lambda check: (check.severity.rank, check.id))
        command = root_command(run) if needs == "root" else None
        help_text = None
        if needs == "root":
            help_text = "Run the audit with administrator rights (root):" if command else "Run it again as root."
        elif needs and needs.startswith("--"):
            help_text = f"Audit again with {needs}."
        elif needs:
            help_text = f"It needs: {needs.replace('_', ' ')}."
        found.append(Gap(sentence(reason), help_text, command, tuple(members)))
    return tuple(found)


def root_command(run: Run) -> str | None:
    """Give the command that repeats this audit as root; None when the run does not tell how it was started.

    Tools from pipx and uv are outside root's path, so the person's own shell looks the program up.
    """
    if run.target.kind != "host" or run.target.is_root:
        return None
    return f'sudo "$(command -v secaudit)" audit --profile {shlex.quote(run.profile)}'


def sentence(text: str) -> str:
    """Begin the text with a capital letter."""
    return text[:1].upper() + text[1:]


def _evidence(result: Result, most: int) -> Evidence:
    rows = tuple(_row(row) for row in result.rows[:most])
    headings = ("Result", "What", "Found", "Wanted", "Where", "Also")
    columns = tuple((index, heading) for index, heading in enumerate(headings) if index and any(r[index] for r in rows))
    return Evidence(rows, ((0, headings[0]), *columns) if rows else (), max(result.rows_total - len(rows), 0))


def _row(row: Mapping[str, Scalar]) -> Row:
    mark = {0: FAIL, 1: PASS}.get(_as_int(row.get("pass")), UNKNOWN)
    if row.get("accepted"):
        mark = WAIVED
    path, line, resource = row.get("path"), row.get("line"), row.get("resource")
    actual = row.get("actual")
    shown = {path, resource, actual, None}
    return Row(
        mark=mark,
        resource="" if resource is None or resource == path else _value(resource),
        actual=("not readable" if mark is UNKNOWN and "actual" in row else "") if actual is None else _value(actual),
        expected="" if row.get("expected") is None else _value(row["expected"]),
        where="" if path is None else _value(path) + ("" if line is None else f":{line}"),
        more=", ".join(
            f"{key}={_value(value)}" for key, value in row.items() if key not in _KNOWN and value not in shown
        ),
    )


def _as_int(value: Scalar) -> int:
    return value if isinstance(value, int) else -1


def _value(value: Scalar) -> str:
    text = str(value)
    if len(text) > LONGEST_VALUE:
        return f"{text[:LONGEST_VALUE]} … ({len(text) - LONGEST_VALUE} more characters)"
    return text or "(empty)"
