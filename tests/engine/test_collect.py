"""Collection: a collector that fails, hangs, floods or lies is a status, never a lost run."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from secaudit.engine import collect as collect_module
from secaudit.engine.collect import Progress, collect
from secaudit.model import TableData, TableStatus
from secaudit.tableapi import Absent, Denied, Partial, TableSpec, Target, Unsupported, Wants, table
from secaudit.targets.host import HostAccess
from secaudit.targets.root import RootAccess


class Row(NamedTuple):
    name: str
    number: int | None
    text: str | None


def spec_of(function: object) -> TableSpec:
    return function.spec  # type: ignore[attr-defined,no-any-return]


@table(targets={"host"})
def good(target: Target) -> Iterator[Row]:
    yield Row("one", 1, None)


@table(targets={"host"})
def raises(target: Target) -> Iterator[Row]:
    yield Row("one", 1, None)
    raise ValueError("unexpected \x1b[2J")


@table(targets={"host"})
def denied(target: Target) -> Iterator[Row]:
    raise Denied("reading needs root")
    yield


@table(targets={"host"})
def partial(target: Target) -> Iterator[Row]:
    yield Row("one", 1, None)
    raise Partial("the rest could not be read", needs="root", gaps=("/etc/x",))


@table(targets={"host"})
def absent(target: Target) -> Iterator[Row]:
    raise Absent("not installed")
    yield


@table(targets={"host"})
def unsupported(target: Target) -> Iterator[Row]:
    raise Unsupported("not here")
    yield


@table(targets={"host"})
def os_denied(target: Target) -> Iterator[Row]:
    raise PermissionError(13, "Permission denied", "/etc/shadow")
    yield


@table(targets={"host"}, timeout_s=0.3)
def hangs(target: Target) -> Iterator[Row]:
    threading.Event().wait(60)
    yield Row("never", 1, None)


@table(targets={"host"}, timeout_s=0.3)
def hangs_in_a_command(target: Target) -> Iterator[Row]:
    target.run(["sleep", "60"], timeout_s=50)
    yield Row("never", 1, None)


@table(targets={"host"})
def odd_cells(target: Target) -> Iterator[Row]:
    yield Row("bad \udcff name", 2**70, "nul \0 here")
    yield Row("long", 1, "x" * 100_000)
    yield Row("wrong type", "text", 3)  # type: ignore[arg-type]


@table(targets={"host"})
def endless(target: Target) -> Iterator[Row]:
    number = 0
    while True:
        number += 1
        yield Row("again", number, None)


@table(targets={"host"})
def recursive(target: Target) -> Iterator[Row]:
    def deeper() -> int:
        return deeper() + 1

    yield Row("x", deeper(), None)


@table(targets={"host"})
def hangs_for_ctrl_c(target: Target) -> Iterator[Row]:
    threading.Event().wait(60)
    yield Row("never", 1, None)


def run(*functions: object, **options: object) -> dict[str, TableData]:
    tables, _ = collect(HostAccess(), [spec_of(item) for item in functions], Wants(()), 1_795_450_000, **options)  # type: ignore[arg-type]
    return {data.name: data for data in tables}


def test_every_way_to_end_is_a_status() -> None:
    found = run(good, raises, denied, partial, absent, unsupported, os_denied)
    assert {name: data.status for name, data in found.items()} == {
        "good": TableStatus.OK, "raises": TableStatus.FAILED, "denied": TableStatus.DENIED,
        "partial": TableStatus.PARTIAL, "absent": TableStatus.ABSENT, "unsupported": TableStatus.UNSUPPORTED,
        "os_denied": TableStatus.DENIED,
    }  # fmt: skip
    assert found["raises"].rows == (("one", 1, None),)
    assert found["raises"].reason is not None
    assert "ValueError" in found["raises"].reason
    assert found["partial"].gaps == ("/etc/x",)
    assert found["denied"].needs == (None if os.geteuid() == 0 else "root"), "sudo would not help root"


def test_tables_come_in_the_order_of_their_names() -> None:
    assert list(run(raises, good, absent)) == ["absent", "good", "raises"]


def test_a_table_that_hangs_does_not_hold_the_others() -> None:
    begun = time.monotonic()
    found = run(hangs, hangs_in_a_command, good, jobs=1)
    assert time.monotonic() - begun < 10
    assert found["hangs"].status is TableStatus.TIMEOUT
    assert found["hangs_in_a_command"].status is TableStatus.TIMEOUT
    assert found["good"].status is TableStatus.OK


def test_cells_that_do_not_fit_become_null_and_the_table_partial() -> None:
    data = run(odd_cells)["odd_cells"]
    assert data.status is TableStatus.PARTIAL
    assert data.rows[0] == ("bad \\xff name", None, "nul \\x00 here")
    assert len(str(data.rows[1][2])) == collect_module.MAX_TEXT
    assert data.rows[2] == ("wrong type", None, None)


def test_endless_rows_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect_module, "MAX_ROWS", 1000)
    data = run(endless)["endless"]
    assert data.status is TableStatus.PARTIAL
    assert len(data.rows) == 1000


def test_endless_recursion_is_a_status() -> None:
    assert run(recursive)["recursive"].status is TableStatus.FAILED


def test_a_target_that_a_table_cannot_look_through_is_unsupported(tmp_path: Path) -> None:
    tables, _ = collect(RootAccess(str(tmp_path)), [spec_of(good)], Wants(()), 0)
    assert tables[0].status is TableStatus.UNSUPPORTED


def test_the_observer_hears_of_each_table() -> None:
    heard: list[Progress] = []
    run(good, denied, absent, observe=heard.append)
    assert [item.done for item in heard] == [1, 2, 3]


def test_ctrl_c_keeps_what_was_finished() -> None:
    def interrupt(progress: Progress) -> None:
        raise KeyboardInterrupt

    begun = time.monotonic()
    tables, interrupted = collect(
        HostAccess(), [spec_of(good), spec_of(hangs_for_ctrl_c)], Wants(()), 0, jobs=2, observe=interrupt
    )
    assert interrupted
    assert time.monotonic() - begun < 5
    by_name = {data.name: data for data in tables}
    assert by_name["good"].status is TableStatus.OK
    assert by_name["hangs_for_ctrl_c"].reason == "interrupted"


@table(targets={"host"}, part="slow")
def slow_part(target: Target) -> Iterator[Row]:
    for number in range(40):
        target.tell(f"{number} of 40")
        time.sleep(0.02)
    yield Row("one", 1, None)


def test_a_part_can_be_left_out_or_get_its_own_time_and_never_ends_ok() -> None:
    for limit, status in ((0, TableStatus.PARTIAL), (0.2, TableStatus.TIMEOUT)):
        tables, _ = collect(HostAccess(), [spec_of(good), spec_of(slow_part)], Wants(()), 0, limits={"slow": limit})
        by_name = {data.name: data for data in tables}
        assert by_name["good"].status is TableStatus.OK
        assert (by_name["slow_part"].status, by_name["slow_part"].rows) == (status, ())
        assert by_name["slow_part"].reason


def test_a_long_table_says_how_far_it_is() -> None:
    seen: list[Progress] = []
    collect(HostAccess(), [spec_of(slow_part)], Wants(()), 0, observe=seen.append)
    assert any(item.detail.endswith("of 40") for item in seen)
    assert seen[-1] == Progress(1, 1, "slow_part")
