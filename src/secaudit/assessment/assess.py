"""Make the run out of outcomes: results, objectives, controls, score and plan. A pure function."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from secaudit.assessment.plan import plan
from secaudit.assessment.rollup import objective_result, standard_result
from secaudit.assessment.score import counts, score
from secaudit.engine.evaluate import Outcome
from secaudit.model import (
    BaselineReport,
    ContentInfo,
    Exclusion,
    Objective,
    Profile,
    Result,
    Run,
    Snapshot,
    Standard,
    TableReport,
    Tailoring,
    Tool,
)


def to_result(outcome: Outcome, topic: str, family: str | None) -> Result:
    """What one check found, with the words of the check so that the run stands alone."""
    check, verdict = outcome.compiled.check, outcome.verdict
    waiver, reason = _accepted(outcome)
    return Result(
        check=check.id,
        status=verdict.status,
        severity=check.severity,
        title=check.title,
        fail_title=check.fail_title,
        objective=check.objective,
        role=check.role,
        topic=topic,
        reason=verdict.reason or reason,
        needs=verdict.needs,
        rows=outcome.rows,
        rows_total=outcome.rows_total,
        why=check.why.strip(),
        verify=check.verify.strip(),
        fix=(check.fix_for(family) or "").strip() or None,
        careful=check.careful.strip() if check.careful else None,
        undo=check.undo.strip() if check.undo else None,
        references=check.references,
        tables=tuple(sorted(outcome.compiled.tables)),
        waiver=waiver,
    )


def _accepted(outcome: Outcome) -> tuple[str | None, str | None]:
    """What to say when findings were accepted before: the waiver when that are all, else a reason with the counts."""
    if not outcome.accepted:
        return None, None
    if outcome.accepted < outcome.failed:
        return None, f"{outcome.accepted} of {outcome.failed} findings were accepted before, the others are new"
    words = list(dict.fromkeys(str(row["accepted"]) for row in outcome.rows if row.get("accepted")))
    more = f" and {len(words) - 3} other reasons" if words[3:] else ""
    return f"accepted in the baseline: {'; '.join(words[:3])}{more}", None


def assess(
    snapshot: Snapshot,
    snapshot_sha256: str,
    content: ContentInfo,
    profile: Profile,
    results: Iterable[Result],
    objectives: Mapping[str, Objective],
    standards: Iterable[Standard],
    excluded: Iterable[Exclusion],
    tailored: Iterable[Tailoring] = (),
    baseline: BaselineReport | None = None,
) -> Run:
    """Roll everything up into one run."""
    judged = tuple(sorted(results, key=lambda result: result.check))
    rolled = {name: objective_result(objective, judged) for name, objective in sorted(objectives.items())}
    stamp = snapshot.started.replace("-", "").replace(":", "")
    return Run(
        id=f"{stamp}-{snapshot_sha256[:8]}",
        tool=Tool("secaudit", snapshot.tool_version),
        content=content,
        target=snapshot.target,
        profile=profile.id,
        profile_title=profile.title,
        started=snapshot.started,
        finished=snapshot.finished,
        partial=snapshot.interrupted,
        snapshot_sha256=snapshot_sha256,
        score=replace(score(judged), grade=None, held_back=None) if profile.narrow else score(judged),
        counts=counts(judged),
        plan=plan(judged),
        results=judged,
        objectives=tuple(rolled.values()),
        standards=tuple(standard_result(standard, rolled, judged) for standard in standards),
        tables=tuple(
            TableReport(table.name, table.status, table.reason, table.needs, len(table.rows), table.sources)
            for table in snapshot.tables
        ),
        excluded=tuple(excluded),
        tailored=tuple(tailored),
        narrow=profile.narrow,
        baseline=baseline,
    )
