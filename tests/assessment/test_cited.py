"""A standard that is finer than objectives: only the checks that name a control judge it, and never as met."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample_results import result
from secaudit.assessment.rollup import objective_result, standard_result
from secaudit.model import (
    Control,
    ControlResult,
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

CONTROL = Control(id="1.2.4", title="Queries are safe", group="1.2", objectives=("code-safe",), level=1)
UNSEEN = Control(id="1.2.5", title="Commands are safe", group="1.2", objectives=("code-safe",), level=2)
CLOSED = Control(id="1.2.6", title="Floods are survived", group="1.2", not_assessable="Only a flood shows it.")
WHOLE = Control(id="1.2.7", title="One check shows it", group="1.2", checks=("whole",))
STANDARD = Standard(
    id="fine", title="Fine", publisher="Test", version="1", text="own-words", notice="None.",
    groups=(Group("1", "All"), Group("1.2", "Input", within="1")),
    controls=(CONTROL, UNSEEN, CLOSED, WHOLE), cited_as="FINE 1.0",
)  # fmt: skip
KINDS = (EvidenceKind.PROJECT, EvidenceKind.SITE, EvidenceKind.QUESTION)
OBJECTIVE = Objective("code-safe", "Code is safe", ObjectiveKind.TECHNICAL, KINDS, "Why.")


def naming(check: str, status: Status, severity: Severity = Severity.HIGH, role: Role = Role.DETERMINES) -> Result:
    made = result(check, status, severity, objective="code-safe", role=role)
    return replace(made, references=("CWE-89", "FINE 1.0 1.2.4"))


def judged(*results: Result) -> dict[str, ControlResult]:
    objectives = {"code-safe": objective_result(OBJECTIVE, results)}
    return {item.id: item for item in standard_result(STANDARD, objectives, results).controls}


@pytest.mark.parametrize(
    ("results", "status", "reason"),
    [
        ((naming("a", Status.PASS),), Met.PARTLY_ASSESSED, "1 check passes; that does not show all of it"),
        (
            (naming("a", Status.PASS), naming("b", Status.UNKNOWN)),
            Met.PARTLY_ASSESSED,
            "1 check passes, 1 check could not look; that does not show all of it",
        ),
        ((naming("a", Status.PASS), naming("b", Status.FAIL)), Met.NOT_MET, "1 check fails: b"),
        (
            (naming("a", Status.FAIL, Severity.LOW), naming("b", Status.FAIL, Severity.MEDIUM)),
            Met.PARTLY_MET,
            "2 checks fail: a, b",
        ),
        ((naming("a", Status.UNKNOWN),), Met.NOT_ASSESSED, "1 check could not look"),
        ((naming("a", Status.NOT_APPLICABLE),), Met.NOT_ASSESSED, "what checks look for does not occur here"),
        ((naming("a", Status.PASS, role=Role.SUPPORTS),), Met.NOT_ASSESSED, "1 check supports it, but cannot show it"),
        ((naming("a", Status.FAIL, role=Role.INDICATES),), Met.NOT_ASSESSED, "needs a web site or a person's answer"),
        ((), Met.NOT_ASSESSED, "needs a web site or a person's answer"),
    ],
)
def test_checks_that_name_a_control_judge_it(results: tuple[Result, ...], status: Met, reason: str) -> None:
    found = judged(*results)["1.2.4"]
    assert (found.status, found.reason) == (status, reason)
    assert found.checks == tuple(item.check for item in results if item.role is not Role.INDICATES)


def test_another_check_of_the_same_objective_says_nothing_about_a_control_it_does_not_name() -> None:
    """A hole in queries is no hole in commands, and safe queries are no safe commands."""
    for status in (Status.FAIL, Status.PASS):
        found = judged(naming("sql", status))["1.2.5"]
        assert (found.status, found.checks) == (Met.NOT_ASSESSED, ())


def test_what_nothing_can_assess_keeps_its_reason() -> None:
    found = judged(naming("a", Status.PASS))["1.2.6"]
    assert (found.status, found.reason) == (Met.NOT_ASSESSED, "Only a flood shows it.")


def test_only_a_check_that_the_standard_names_can_show_all_of_a_control() -> None:
    assert judged(result("whole", Status.PASS))["1.2.7"].status is Met.MET
    assert judged(result("whole", Status.FAIL))["1.2.7"].status is Met.NOT_MET
    assert judged(result("whole", Status.UNKNOWN))["1.2.7"].status is Met.NOT_ASSESSED


@given(st.lists(st.builds(naming, st.just("a"), st.sampled_from(Status), st.sampled_from(Severity),
                          st.sampled_from(Role)), max_size=5))  # fmt: skip
def test_naming_alone_never_meets_a_control(results: list[Result]) -> None:
    assert judged(*results)["1.2.4"].status not in (Met.MET, Met.NOT_APPLICABLE)


def test_half_of_a_number_is_another_control() -> None:
    longer = replace(naming("a", Status.FAIL), references=("FINE 1.0 1.2.41", "FINE 1.0.1 1.2.4", "FINE 1.0 1.2"))
    assert judged(longer)["1.2.4"].checks == ()
