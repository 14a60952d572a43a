"""What counts as worse between two runs, and what does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reporting.sample import small_run
from sample_results import result
from secaudit.assessment.compare import Kind, compare, only_in
from secaudit.model import Result, Run, Status

FAIL, PASS, UNKNOWN, OFF = Status.FAIL, Status.PASS, Status.UNKNOWN, Status.NOT_APPLICABLE


def run_of(*results: Result) -> Run:
    return replace(small_run(), results=results)


def failing(*found: str, total: int | None = None, accepted: bool = False) -> Result:
    rows = tuple(
        {"pass": 0, "resource": "x", "actual": text, **({"accepted": "ok"} if accepted else {})} for text in found
    )
    return replace(result("a", FAIL), rows=rows, rows_total=len(rows) if total is None else total)


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (PASS, FAIL, Kind.NEW), (UNKNOWN, FAIL, Kind.NEW), (OFF, FAIL, Kind.NEW), (PASS, UNKNOWN, Kind.LOST), (FAIL, UNKNOWN, Kind.LOST),
        (FAIL, PASS, Kind.FIXED), (UNKNOWN, PASS, Kind.SEEN), (PASS, PASS, None), (FAIL, FAIL, None), (UNKNOWN, UNKNOWN, None),
        (PASS, OFF, None), (OFF, PASS, None),
    ],
)  # fmt: skip
def test_a_change_of_status(old: Status, new: Status, kind: Kind | None) -> None:
    found = compare(run_of(result("a", old)), run_of(result("a", new)))
    assert [one.kind for one in found] == ([kind] if kind else [])


def test_findings_are_told_one_by_one() -> None:
    (more,) = compare(run_of(failing("one", "two")), run_of(failing("two", "three")))
    assert (more.kind, more.came, more.gone) == (Kind.MORE, ("x: three",), ("x: one",))
    (less,) = compare(run_of(failing("one", "two")), run_of(failing("two")))
    assert (less.kind, less.kind.is_worse, less.gone) == (Kind.LESS, False, ("x: one",))


def test_a_line_that_moved_is_the_same_finding() -> None:
    def at(line: int) -> Result:
        row = {"pass": 0, "resource": f"a.py:{line}", "path": "a.py", "line": line, "actual": "eval"}
        return replace(result("a", FAIL), rows=(row,), rows_total=1)

    assert compare(run_of(at(3)), run_of(at(30))) == ()


def test_what_a_run_does_not_keep_is_counted_only() -> None:
    (more,) = compare(run_of(failing("one", total=60)), run_of(failing("two", total=61)))
    assert (more.kind, more.complete, more.came) == (Kind.MORE, False, ())
    assert compare(run_of(failing("one", total=60)), run_of(failing("two", total=60))) == ()


def test_an_accepted_finding_is_no_news() -> None:
    assert compare(run_of(failing("one")), run_of(failing("one", accepted=True)))[0].kind is Kind.LESS
    (new,) = compare(run_of(result("a", PASS)), run_of(failing("one", accepted=True)))
    assert new.came == ()


def test_checks_of_one_run_only_are_told_apart() -> None:
    old, new = run_of(result("a", PASS)), run_of(result("b", FAIL))
    assert compare(old, new) == ()
    assert (only_in(new, old), only_in(old, new)) == (("b",), ("a",))


def test_the_worst_comes_first() -> None:
    old = run_of(result("a", FAIL), result("b", PASS), result("c", PASS), result("d", UNKNOWN))
    new = run_of(result("a", PASS), result("b", UNKNOWN), result("c", FAIL), result("d", PASS))
    assert [one.kind for one in compare(old, new)] == [Kind.NEW, Kind.LOST, Kind.FIXED, Kind.SEEN]
