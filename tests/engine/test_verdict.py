"""Verdicts: nothing that could not be seen becomes a pass."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secaudit.engine import verdict
from secaudit.engine.functions import (
    all_pass_of,
    any_pass_of,
    has_bits,
    lacks_bits,
    matches,
    pattern_problem,
    to_int,
    version_compare,
)
from secaudit.model import Homes, OnEmpty, Proof, Status, TableData, TableStatus

PASSES = st.lists(st.sampled_from([0, 1, None]))
ANY = st.one_of(st.none(), st.integers(), st.text(), st.floats())


def table(status: TableStatus, name: str = "t", gaps: tuple[str, ...] = ()) -> dict[str, TableData]:
    return {name: TableData(name, (), status, (), "the reason", "root", (), gaps)}


def decide(passes: list[int | None], status: TableStatus, on_empty: OnEmpty = OnEmpty.PASS) -> Status:
    return verdict.decide(list(passes), on_empty, table(status), frozenset({"t"})).status


@given(PASSES, st.sampled_from([item for item in TableStatus if item is not TableStatus.OK]), st.sampled_from(OnEmpty))
def test_only_a_complete_table_lets_a_check_pass(
    passes: list[int | None], status: TableStatus, on_empty: OnEmpty
) -> None:
    assert decide(passes, status, on_empty) is not Status.PASS


@given(st.lists(ANY, min_size=1))
def test_anything_but_1_never_passes(passes: list[object]) -> None:
    found = verdict.of_rows(passes)  # type: ignore[arg-type]
    if any(not (isinstance(value, int) and value == 1) for value in passes):
        assert found is not Status.PASS


@pytest.mark.parametrize("status", [TableStatus.DENIED, TableStatus.PARTIAL, TableStatus.TIMEOUT, TableStatus.FAILED])
def test_a_row_that_failed_stays_failed(status: TableStatus) -> None:
    assert decide([1, 0, None], status) is Status.FAIL


@pytest.mark.parametrize("status", [TableStatus.ABSENT, TableStatus.UNSUPPORTED])
def test_what_is_not_here_is_not_applicable(status: TableStatus) -> None:
    assert decide([], status) is Status.NOT_APPLICABLE


def test_no_rows_mean_what_the_check_says() -> None:
    expected = {
        OnEmpty.PASS: Status.PASS, OnEmpty.FAIL: Status.FAIL, OnEmpty.UNKNOWN: Status.UNKNOWN,
        OnEmpty.NOT_APPLICABLE: Status.NOT_APPLICABLE,
    }  # fmt: skip
    for on_empty, status in expected.items():
        assert decide([], TableStatus.OK, on_empty) is status


def test_gaps_in_other_files_do_not_touch_a_check() -> None:
    tables = table(TableStatus.PARTIAL, gaps=("~/.ssh/*",))
    passed = verdict.decide([1], OnEmpty.UNKNOWN, tables, frozenset({"t"}), ("/etc/passwd",))
    assert passed.status is Status.PASS
    hidden = verdict.decide([1], OnEmpty.UNKNOWN, tables, frozenset({"t"}), ("~/.ssh/*",))
    assert hidden.status is Status.UNKNOWN
    assert hidden.needs == "root"


@given(PASSES)
def test_all_pass_and_any_pass_are_three_valued(values: list[int | None]) -> None:
    expected_all = None if not values else 0 if 0 in values else None if None in values else 1
    expected_any = None if not values else 1 if 1 in values else None if None in values else 0
    assert all_pass_of(values) == expected_all
    assert any_pass_of(values) == expected_any


@pytest.mark.parametrize(("text", "number"), [("12", 12), (" 7 ", 7), ("-1", -1), ("unlimited", None), ("", None), ("1.5", None), (None, None), ("9" * 30, None)])  # fmt: skip
def test_junk_is_never_a_number(text: str | None, number: int | None) -> None:
    assert to_int(text) == number


@given(ANY, ANY)
def test_bits_of_what_is_no_number_are_not_decided(value: object, bits: object) -> None:
    if not isinstance(value, int) or not isinstance(bits, int):
        assert has_bits(value, bits) is None
        assert lacks_bits(value, bits) is None


def test_versions_compare_as_debian_says() -> None:
    ordered = ["1.0~beta1~svn1245", "1.0~beta1", "1.0", "1.0-1", "1.0-1+deb12u1", "1.0.1", "1.9", "1.10", "1:0.1"]
    for (one, left), (two, right) in itertools.product(enumerate(ordered), enumerate(ordered)):
        assert version_compare(left, right) == (one > two) - (one < two), (left, right)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(.*)*x", "(a|b*)*c", r"(a)\1", "[", ".*.*.*.*", "(?:a{1,})+"])
def test_patterns_that_could_take_long_are_refused(pattern: str) -> None:
    assert pattern_problem(pattern) is not None
    assert matches("aaaa", pattern) is None


def test_long_text_is_not_decided() -> None:
    assert matches("x" * 5000, "x") is None
    assert matches("x", "^x$") == 1
    assert matches("y", "^x$") == 0


@given(PASSES, st.sampled_from([TableStatus.DENIED, TableStatus.PARTIAL, TableStatus.TIMEOUT, TableStatus.FAILED]))
def test_proof_by_some_keeps_a_pass_and_takes_back_a_fail(passes: list[int | None], status: TableStatus) -> None:
    found = verdict.decide(list(passes), OnEmpty.FAIL, table(status), frozenset({"t"}), (), Proof.SOME).status
    assert found is (Status.PASS if verdict.of_rows(passes) is Status.PASS else Status.UNKNOWN)


@given(PASSES, st.sampled_from([TableStatus.DENIED, TableStatus.PARTIAL, TableStatus.TIMEOUT, TableStatus.FAILED]))
def test_proof_by_each_needs_no_other_rows_and_no_less_of_its_own(
    passes: list[int | None], status: TableStatus
) -> None:
    found = verdict.decide(list(passes), OnEmpty.PASS, table(status), frozenset({"t"}), (), Proof.EACH).status
    said = verdict.of_rows(passes)
    certain = said is Status.FAIL or (said is Status.PASS and status is TableStatus.PARTIAL)
    assert found is (said if certain else Status.UNKNOWN)


def without_root(
    beyond: tuple[str, ...] = (), gaps: tuple[str, ...] = (), homes: tuple[str, ...] = ("/root",)
) -> dict[str, TableData]:
    """A table of which nothing but what is in root's home is missing."""
    return {"t": TableData("t", (), TableStatus.PARTIAL, (), "closed", "root", (), gaps, homes, beyond)}


@given(PASSES, st.sampled_from(OnEmpty), st.sampled_from(Homes), st.sampled_from(Proof))
def test_a_closed_home_of_root_matters_to_those_checks_that_are_about_it(
    passes: list[int | None], on_empty: OnEmpty, need: Homes, proof: Proof
) -> None:
    names = frozenset({"t"})
    found = verdict.decide(list(passes), on_empty, without_root(), names, (), proof, need)
    if need in (Homes.ALL, Homes.ROOT):
        assert found == verdict.decide(list(passes), on_empty, table(TableStatus.PARTIAL), names, (), proof) or (
            found.status is Status.UNKNOWN
        )
    else:
        assert found == verdict.decide(list(passes), on_empty, table(TableStatus.OK), names, (), proof)


def test_people_s_files_are_enough_only_where_nothing_else_is_missing() -> None:
    def decided(tables: dict[str, TableData], *files: str) -> Status:
        return verdict.decide([1], OnEmpty.UNKNOWN, tables, frozenset(tables), files, Proof.ALL, Homes.PEOPLE).status

    assert decided(without_root()) is Status.PASS
    assert decided(without_root(homes=())) is Status.UNKNOWN
    assert decided(without_root() | table(TableStatus.PARTIAL, "u")) is Status.UNKNOWN
    assert decided(without_root() | table(TableStatus.DENIED, "u")) is Status.UNKNOWN
    both = without_root(beyond=("/srv/*",), gaps=("/srv/*", "~/x"))
    assert decided(both, "~/x") is Status.PASS
    assert decided(both, "~/x", "/srv/*") is Status.UNKNOWN
    assert decided(both, "/etc/y") is Status.PASS


def test_a_row_that_says_that_a_closed_home_is_closed_is_no_news() -> None:
    def decided(places: list[str]) -> verdict.Verdict:
        tables, names = without_root(), frozenset({"t"})
        return verdict.decide([1, None], OnEmpty.UNKNOWN, tables, names, (), Proof.ALL, Homes.NONE, places)

    assert decided(["/home/a/x", "/root/x"]).status is Status.PASS
    assert decided(["/home/a/x", "/rooted/x"]).status is Status.UNKNOWN
    assert decided(["/root/x", "/home/a/x"]).status is Status.UNKNOWN
