"""Scores, objectives, controls and the plan."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample_results import result
from secaudit.assessment.plan import plan
from secaudit.assessment.rollup import control_status, objective_result, standard_result
from secaudit.assessment.score import counts, score
from secaudit.model import (
    Control,
    EvidenceKind,
    Group,
    Met,
    Objective,
    ObjectiveKind,
    Result,
    Role,
    Severity,
    Standard,
    Status,
)

OBJECTIVE = Objective("thing-safe", "Things are safe", ObjectiveKind.TECHNICAL, (EvidenceKind.HOST,), "Because")
RESULTS = st.lists(
    st.builds(
        lambda number, status, severity, role: result(f"check-{number}", status, severity, role=role),
        st.integers(0, 10_000),
        st.sampled_from(Status),
        st.sampled_from(Severity),
        st.sampled_from(Role),
    ),
    max_size=30,
    unique_by=lambda item: item.check,
)


@given(RESULTS)
def test_the_score_is_an_interval_of_whole_points(results: list[Result]) -> None:
    found = score(results)
    assert 0 <= found.low <= found.high <= 100
    assert 0 <= found.coverage <= 100
    if found.coverage == 100:
        assert found.low == found.high


@given(RESULTS, st.integers(0, 29))
def test_fixing_a_check_never_lowers_the_score(results: list[Result], position: int) -> None:
    if not results:
        return
    index = position % len(results)
    if results[index].status is Status.NOT_APPLICABLE:
        return
    better = [*results[:index], replace(results[index], status=Status.PASS), *results[index + 1 :]]
    assert score(better).low >= score(results).low
    assert score(better).high >= score(results).high


@given(RESULTS)
def test_seeing_more_only_narrows_the_interval(results: list[Result]) -> None:
    before = score(results)
    for index, item in enumerate(results):
        if item.status is Status.UNKNOWN:
            for seen in (Status.PASS, Status.FAIL):
                after = score([*results[:index], replace(item, status=seen), *results[index + 1 :]])
                assert before.low <= after.low <= after.high <= before.high


def test_unknown_is_neither_pass_nor_fail() -> None:
    found = score([result("a"), result("b", Status.UNKNOWN), result("c", Status.FAIL), result("d", Status.FAIL)])
    assert (found.low, found.high, found.coverage) == (25, 50, 75)


def test_nothing_seen_has_no_grade() -> None:
    assert score([]).grade is None
    assert score([result("a", Status.UNKNOWN)]).grade is None
    assert score([result("a")]).grade == "A"


@pytest.mark.parametrize(
    ("severity", "failing", "grade", "why"),
    [
        ("medium", 5, "A", None),
        ("high", 1, "C", "1 check of severity high fails"),
        ("high", 2, "C", "2 checks of severity high fail"),
        ("high", 3, "D", "3 checks of severity high fail"),
        ("critical", 1, "E", "1 check of severity critical fails"),
    ],
)
def test_the_worst_failures_hold_the_grade_back(severity: str, failing: int, grade: str, why: str | None) -> None:
    good = [result(f"good-{number}") for number in range(400)]
    bad = [replace(result(f"bad-{number}", Status.FAIL), severity=Severity(severity)) for number in range(failing)]
    found = score([*good, *bad])
    assert found.low >= 90
    assert (found.grade, found.held_back) == (grade, why)
    assert score([*good, *bad, *(result(f"worse-{n}", Status.FAIL) for n in range(3000))]).grade == "F"


def test_counts_tell_what_root_would_see() -> None:
    found = counts([result("a", Status.UNKNOWN, needs="root"), result("b", Status.UNKNOWN), result("c")])
    assert (found.unknown, found.needs_root, found.passed) == (2, 1, 1)


@given(RESULTS)
def test_the_plan_ends_where_everything_that_failed_is_mended(results: list[Result]) -> None:
    steps = plan(results)
    failing = {item.check for item in results if item.status is Status.FAIL}
    assert {step.check for step in steps} == failing
    mended = [replace(item, status=Status.PASS) if item.check in failing else item for item in results]
    if steps:
        assert steps[-1].score_after == score(mended).low
        assert score(results).low + sum(step.gain for step in steps) == score(mended).low
    assert all(step.gain >= 0 for step in steps)


def test_the_plan_begins_with_the_worst() -> None:
    steps = plan(
        [
            result("a-low", Status.FAIL, Severity.LOW),
            result("b-critical", Status.FAIL, Severity.CRITICAL),
            result("c-high", Status.FAIL, Severity.HIGH),
            result("d-high-alone", Status.FAIL, Severity.HIGH, objective="other-thing"),
        ]
    )
    assert [step.check for step in steps] == ["b-critical", "d-high-alone", "c-high", "a-low"]


def met(*results: Result) -> Met:
    return objective_result(OBJECTIVE, results).status


def test_objectives_follow_the_worst_failure() -> None:
    assert met(result("a"), result("b", Status.FAIL, Severity.HIGH)) is Met.NOT_MET
    assert met(result("a"), result("b", Status.FAIL, Severity.LOW)) is Met.PARTLY_MET
    assert met(result("a"), result("b", Status.FAIL, Severity.HIGH, role=Role.INDICATES)) is Met.MET
    assert met(result("a", Status.FAIL, Severity.HIGH), result("b", Status.UNKNOWN)) is Met.NOT_MET


def test_silence_is_never_met() -> None:
    assert met() is Met.NOT_ASSESSED
    assert met(result("a", Status.UNKNOWN)) is Met.NOT_ASSESSED
    assert met(result("a"), result("b", Status.UNKNOWN)) is Met.PARTLY_ASSESSED
    assert met(result("a", role=Role.SUPPORTS)) is Met.NOT_ASSESSED
    assert met(result("a", role=Role.INDICATES)) is Met.NOT_ASSESSED
    assert met(result("a", Status.NOT_APPLICABLE)) is Met.NOT_APPLICABLE


def test_an_objective_only_people_can_answer_says_so() -> None:
    asked = replace(OBJECTIVE, evidence=(EvidenceKind.QUESTION,))
    found = objective_result(asked, ())
    assert found.status is Met.NOT_ASSESSED
    assert found.reason == "needs a person's answer"


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([Met.MET, Met.MET], Met.MET),
        ([Met.MET, Met.NOT_APPLICABLE], Met.MET),
        ([Met.MET, Met.NOT_MET], Met.PARTLY_MET),
        ([Met.PARTLY_MET], Met.PARTLY_MET),
        ([Met.NOT_MET, Met.NOT_MET], Met.NOT_MET),
        ([Met.NOT_MET, Met.NOT_ASSESSED], Met.NOT_MET),
        ([Met.MET, Met.NOT_ASSESSED], Met.PARTLY_ASSESSED),
        ([Met.MET, Met.NOT_MET, Met.NOT_ASSESSED], Met.PARTLY_ASSESSED),
        ([Met.NOT_ASSESSED], Met.NOT_ASSESSED),
        ([Met.PARTLY_ASSESSED], Met.PARTLY_ASSESSED),
        ([Met.NOT_APPLICABLE], Met.NOT_APPLICABLE),
        ([], Met.NOT_ASSESSED),
    ],
)
def test_controls_follow_their_objectives(parts: list[Met], status: Met) -> None:
    assert control_status(parts) is status


@given(st.lists(st.sampled_from(Met), min_size=1))
def test_a_control_is_met_only_when_every_applicable_objective_is(parts: list[Met]) -> None:
    if control_status(parts) is Met.MET:
        assert set(parts) <= {Met.MET, Met.NOT_APPLICABLE}


def test_a_control_judged_by_one_check_says_by_which() -> None:
    control = Control(id="8.9", title="One place for logs", group="8", guidance="Do it.", checks=("logs-away",))
    standard = Standard(
        id="set",
        title="Set",
        publisher="Test",
        version="1",
        text="own-words",
        notice="None.",
        groups=(Group("8", "Logs"),),
        controls=(control,),
    )
    failed = standard_result(standard, {}, [result("logs-away", Status.FAIL, Severity.INFO)]).controls[0]
    assert (failed.status, failed.reason) == (Met.NOT_MET, "judged by the check logs-away")
    unseen = standard_result(standard, {}, [result("other")]).controls[0]
    assert (unseen.status, unseen.reason) == (Met.NOT_ASSESSED, "no check of this profile looks at it")


def test_a_control_that_is_partly_assessed_names_its_failure_first() -> None:
    kinds = {"a-open": None, "b-met": Status.PASS, "c-failed": Status.FAIL}
    objectives = {}
    for name, status in kinds.items():
        made = Objective(name, "Title", ObjectiveKind.TECHNICAL, (EvidenceKind.HOST,), "Why.")
        results = [] if status is None else [replace(result(f"check-{name}", status), objective=name)]
        objectives[name] = objective_result(made, results)
    control = Control(id="1", title="One", group="1", guidance="Do it.", objectives=tuple(kinds))
    standard = Standard("set", "Set", "Test", "1", "own-words", "None.", (Group("1", "All"),), (control,))
    found = standard_result(standard, objectives, []).controls[0]
    assert found.status is Met.PARTLY_ASSESSED
    assert found.reason is not None
    assert "check-c-failed" in found.reason
