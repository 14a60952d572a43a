"""plain: each failing thing has its line; of what could not be determined the first few, and how many there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from sample import clean_run

from sample_results import result
from secaudit.model import Result, Scalar, Status
from secaudit.reporting import plain
from secaudit.reporting.evidence import evidence

REASON = "values could not be determined"


def of(status: Status, rows: list[Mapping[str, Scalar]], total: int) -> Result:
    return replace(result("units-fine", status), rows=tuple(rows), rows_total=total, reason=REASON)


def lines(*results: Result) -> list[list[str]]:
    text = plain.render(replace(clean_run(), results=results))
    return [line.split("\t") for line in text.splitlines()]


def units(count: int, passed: int | None) -> list[Mapping[str, Scalar]]:
    return [{"resource": f"{number}.service", "path": f"/etc/{number}", "pass": passed} for number in range(count)]


@pytest.mark.parametrize(
    ("count", "total", "last"),
    [
        (4, 4, ["/etc/3", "", ""]),
        (5, 5, ["", "", "and 2 more: secaudit explain units-fine"]),
        (50, 166, ["", "", "and at least 47 more: secaudit explain units-fine"]),
        (50, 50, ["", "", "and 47 more: secaudit explain units-fine"]),
    ],
)
def test_unknown_rows_are_cut_and_counted(count: int, total: int, last: list[str]) -> None:
    shown = lines(of(Status.UNKNOWN, units(count, None), total))
    assert len(shown) == 4
    assert all(line[:3] == ["unknown", "medium", "units-fine"] and line[6] == REASON for line in shown)
    assert [line[3] for line in shown[:3]] == ["/etc/0", "/etc/1", "/etc/2"]
    assert shown[3][3:6] == last


def test_each_failing_row_has_its_line() -> None:
    shown = lines(of(Status.FAIL, [*units(40, 0), *units(9, None)], 49))
    assert [line[3] for line in shown] == [f"/etc/{number}" for number in range(40)]


def test_unknown_rows_that_look_the_same_are_one_line() -> None:
    same: list[Mapping[str, Scalar]] = [{"resource": "a", "pass": None}] * 50
    assert [line[3:6] for line in lines(of(Status.UNKNOWN, same, 50))] == [["a", "", ""]]
    assert [line[3:6] for line in lines(of(Status.UNKNOWN, same, 60))] == [
        ["a", "", ""], ["", "", "and more: secaudit explain units-fine"],
    ]  # fmt: skip


def test_no_number_of_further_lines_is_below_zero() -> None:
    same: list[Mapping[str, Scalar]] = [{"resource": "a", "path": "/a", "actual": "x", "pass": 0}] * 50
    assert evidence(of(Status.FAIL, same, 166), 5).rest == "and more"


def test_a_check_without_rows_says_why() -> None:
    assert lines(of(Status.UNKNOWN, [], 0)) == [["unknown", "medium", "units-fine", "", "", "", REASON]]
