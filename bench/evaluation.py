"""Compile and evaluate 500 checks over 10,000 rows."""

from __future__ import annotations

import statistics
import time

from secaudit.content import library
from secaudit.engine.compile import Compiled, Compiler
from secaudit.engine.evaluate import Evaluator
from secaudit.engine.registry import all_tables
from secaudit.model import Check, Scalar, TableData, TableStatus
from secaudit.tableapi import TableSpec

CHECKS, ROWS = 500, 10_000
BUDGET = "100 ms"


def run() -> None:
    """Measure and print."""
    specs = all_tables()
    checks = [entry.value for _, entry in sorted(library.load().checks.items())]
    many = [checks[number % len(checks)] for number in range(CHECKS)]
    data = _tables(specs)
    compiling: list[float] = []
    loading: list[float] = []
    asking: list[float] = []
    for _ in range(5):
        moments = [time.perf_counter()]
        compiled = _compile(many, specs)
        moments.append(time.perf_counter())
        evaluator = Evaluator(specs, data, 0)
        moments.append(time.perf_counter())
        for item in compiled:
            evaluator.evaluate(item)
        moments.append(time.perf_counter())
        evaluator.close()
        for kept, (start, end) in zip(
            (compiling, loading, asking), zip(moments, moments[1:], strict=False), strict=True
        ):
            kept.append(1000 * (end - start))
    total = sum(len(table.rows) for table in data)
    print(f"\nEvaluation of {CHECKS} checks over {total} rows  ({BUDGET})")
    for name, times in (("compile", compiling), ("load rows", loading), ("evaluate", asking)):
        print(f"  {name:<34} {statistics.median(times):8.1f} ms")


def _compile(checks: list[Check], specs: dict[str, TableSpec]) -> list[Compiled]:
    compiler = Compiler(specs)
    return [compiler.compile(check) for check in checks]


def _tables(specs: dict[str, TableSpec]) -> list[TableData]:
    """The same number of made-up rows in each table."""
    each = ROWS // len(specs)
    found = []
    for spec in specs.values():
        rows: list[tuple[Scalar, ...]] = [
            tuple(f"/{column.name}/{number}" if column.type == "TEXT" else number for column in spec.columns)
            for number in range(each)
        ]
        found.append(TableData(spec.name, spec.column_names, TableStatus.OK, tuple(rows)))
    return found
