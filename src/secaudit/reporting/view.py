"""What the HTML and the Markdown report both show, worked out of a run before any template sees it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from secaudit.model import Run, Source, TableStatus
from secaudit.reporting.checks_view import (
    CheckView,
    Gap,
    Step,
    Tally,
    Topic,
    gaps,
    mark_of,
    root_command,
    sentence,
    steps,
    strengths,
    tally,
    topics,
    view_checks,
)
from secaudit.reporting.reach import permission, sent, view_of
from secaudit.reporting.standards_view import (
    KindView,
    StandardView,
    links_to_controls,
    view_objectives,
    view_standards,
)
from secaudit.reporting.words import FAIL, TABLE, WAIVED, Mark, count_of, day, moment, number

MOST_STRENGTHS = 8
MOST_SOURCES = 40
"""Files and commands listed for one table; the run document holds all."""

MOST_POINTS = 12
"""Runs in the drawing of the trend."""


@dataclass(frozen=True, slots=True)
class HistoryPoint:
    """An earlier run of the same target. Give the oldest first."""

    finished: str
    low: int
    high: int
    failed: int


@dataclass(frozen=True, slots=True)
class ScoreView:
    """The score in figures and in words."""

    figure: str
    """72, or 72–78 when some checks could not be made."""
    grade: str
    """grade C with what keeps it there, or why there is none."""
    coverage: str
    sentence: str
    """All of it, to be read aloud."""
    low: int
    high: int
    color: str
    """Class name in the style sheet."""


@dataclass(frozen=True, slots=True)
class Trend:
    """How the score moved over the earlier runs."""

    change: str
    failures: str
    points: str
    """Of an SVG polyline, the lower ends."""
    band: str
    """Of an SVG polygon, from the lower ends to the upper ends."""
    dots: tuple[tuple[float, float], ...]
    first: int
    last: int
    sentence: str


@dataclass(frozen=True, slots=True)
class TableView:
    """A table with how it was read."""

    name: str
    mark: Mark
    reason: str | None
    rows: int
    sources: tuple[tuple[str, str, str], ...]
    """Kind, what, and its hash or error."""
    left_out: int


@dataclass(frozen=True, slots=True)
class Page:
    """All that the templates need."""

    run: Run
    finished: str
    finished_day: str
    snapshot: str
    """The first characters of the snapshot's hash."""
    content: str
    score: ScoreView
    tally: tuple[Tally, ...]
    trend: Trend | None
    rights: str | None
    """What was not seen for lack of rights; None when root ran it."""
    blind: tuple[str, ...]
    """Names of the tables that need root."""
    reach: tuple[str, ...]
    """Sentences about who allowed an audit over the network, how it was seen, and what was sent; else empty."""
    root_command: str | None
    steps: tuple[Step, ...]
    steps_title: str
    steps_promise: str
    strengths: tuple[CheckView, ...]
    more_strengths: int
    standards: tuple[StandardView, ...]
    kinds: tuple[KindView, ...]
    topics: tuple[Topic, ...]
    severities: tuple[tuple[str, int], ...]
    failures: tuple[CheckView, ...]
    """Failed and waived checks, the worst first."""
    gaps: tuple[Gap, ...]
    tables: tuple[TableView, ...]
    read_completely: int


def build_page(run: Run, earlier: Sequence[HistoryPoint] = ()) -> Page:
    """Work out everything that the reports show."""
    controls_of = links_to_controls(run)
    checks = view_checks(run, controls_of)
    by_id = {check.id: check for check in checks}
    first = steps(run, by_id)
    good = strengths(checks)
    severities: dict[str, int] = {}
    for check in sorted(checks, key=lambda check: check.severity.rank):
        severities[check.severity.value] = severities.get(check.severity.value, 0) + 1
    return Page(
        run=run,
        finished=moment(run.finished),
        finished_day=day(run.finished),
        snapshot=run.snapshot_sha256[:12],
        content=run.content.version,
        score=_score(run),
        tally=tally(mark_of(result) for result in run.results),
        trend=_trend(run, earlier) if earlier else None,
        rights=None if run.target.is_root else _rights(run),
        blind=tuple(table.name for table in run.tables if table.needs == "root" and table.status != TableStatus.OK),
        reach=_reach(run),
        root_command=root_command(run),
        steps=first,
        steps_title=_steps_title(run, len(first)),
        steps_promise=_promise(run, first),
        strengths=good[:MOST_STRENGTHS],
        more_strengths=max(len(good) - MOST_STRENGTHS, 0),
        standards=view_standards(run),
        kinds=view_objectives(run, by_id, controls_of),
        topics=topics(checks),
        severities=tuple(severities.items()),
        failures=tuple(
            sorted(
                (check for check in checks if check.mark in (FAIL, WAIVED)),
                key=lambda check: (check.mark is WAIVED, check.severity.rank, check.id),
            )
        ),
        gaps=gaps(run, checks),
        tables=tuple(
            TableView(
                name=table.name,
                mark=TABLE[table.status],
                reason=sentence(table.reason) if table.reason else None,
                rows=table.rows,
                sources=tuple(_source(source) for source in table.sources[:MOST_SOURCES]),
                left_out=max(len(table.sources) - MOST_SOURCES, 0),
            )
            for table in run.tables
        ),
        read_completely=sum(table.status is TableStatus.OK for table in run.tables),
    )


def _score(run: Run) -> ScoreView:
    score = run.score
    exact = score.low == score.high
    why_none = f"it looks only at {run.narrow}" if run.narrow else "too little could be checked"
    grade = f"grade {score.grade}" if score.grade else f"no grade: {why_none}"
    if score.held_back:
        grade += f", since {score.held_back}"
    coverage = "everything could be checked" if score.coverage == 100 else f"{score.coverage} % could be checked"
    spoken = f"{score.low}" if exact else f"{score.low} to {score.high}"
    colors = {"A": "good", "B": "good", "C": "fair", "D": "fair"}
    return ScoreView(
        figure=f"{score.low}" if exact else f"{score.low}–{score.high}",
        grade=grade,
        coverage=coverage,
        sentence=f"Score: {spoken} of 100, {grade}, {coverage}.",
        low=score.low,
        high=score.high,
        color=colors.get(score.grade, "poor") if score.grade else "open",
    )


def _rights(run: Run) -> str | None:
    if run.target.consent is not None:
        return None
    if not run.counts.needs_root:
        return "The audit ran without administrator rights (root), and no check needed more."
    return (
        "The audit ran without administrator rights (root), so "
        f"{count_of(run.counts.needs_root, 'check')} could not be made."
    )


def _reach(run: Run) -> tuple[str, ...]:
    consent = run.target.consent
    return () if consent is None else (permission(consent), view_of(consent), sent(run))


def _steps_title(run: Run, count: int) -> str:
    if not count:
        return "Nothing to fix was found" if run.counts.unknown else "Nothing to fix"
    return "Fix this first" if count == 1 else f"Fix these {number(count)} first"


def _promise(run: Run, first: Sequence[Step]) -> str:
    if not first:
        left = run.counts.unknown
        return f"No check failed, but {left} could not be made." if left else "No check failed."
    after = run.score.low + sum(step.gain for step in first)
    subject = "This" if len(first) == 1 else "Together they"
    if after == run.score.low:
        return f"{subject} would leave the score at {after}, and still be worth the work."
    return f"{subject} would raise the score from {run.score.low} to {after}."


def _trend(run: Run, earlier: Sequence[HistoryPoint]) -> Trend:
    last = earlier[-1]
    points = run.score.low - last.low
    failed = run.counts.failed - last.failed
    exact = run.score.low == run.score.high and last.low == last.high
    where = "" if exact else " at the lower end"
    if points:
        change = f"{'+' if points > 0 else '−'}{count_of(abs(points), 'point')}{where} since {day(last.finished)}"
    else:
        change = f"Same score{where} as on {day(last.finished)}"
    if failed:
        failures = count_of(abs(failed), "more failure" if failed > 0 else "fewer failure")
    else:
        failures = "as many failures"
    scores = [*((point.low, point.high) for point in earlier), (run.score.low, run.score.high)][-MOST_POINTS:]
    lows = [low for low, _ in scores]
    least, most = min(lows), max(high for _, high in scores)

    def place(index: int, value: int) -> tuple[float, float]:
        return round(14 + 240 * index / (len(scores) - 1), 1), round(66 - 48 * (value - least) / (most - least or 1), 1)

    dots = tuple(place(index, low) for index, low in enumerate(lows))
    tops = [place(index, high) for index, (_, high) in enumerate(scores)]
    return Trend(
        change=change,
        failures=failures,
        points=_svg(dots),
        band=_svg([*dots, *reversed(tops)]),
        dots=dots,
        first=lows[0],
        last=lows[-1],
        sentence=f"Lower end of the score in the last {len(lows)} runs, oldest first: {', '.join(map(str, lows))}.",
    )


def _svg(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _source(source: Source) -> tuple[str, str, str]:
    if source.error:
        outcome = source.error
    elif source.exit_code:
        outcome = f"exit code {source.exit_code}"
    else:
        outcome = source.sha256[:12] if source.sha256 else ""
    return source.kind, source.what, outcome
