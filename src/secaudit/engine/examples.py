"""Run the examples of a check: small worlds in which its verdict is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from secaudit.content.decode import DecodeProblem, nearest
from secaudit.engine.compile import FILE_TABLES, Compiled
from secaudit.engine.evaluate import Evaluator, Outcome
from secaudit.model import Rows, Scalar, Status, TableData, TableStatus
from secaudit.tableapi import Column, TableSpec

EXAMPLE_NOW_S = 1_795_450_000
"""23 November 2026: `:now_s` in examples."""

EXPECTED = {
    "healthy": Status.PASS,
    "failing": Status.FAIL,
    "unknown": Status.UNKNOWN,
    "not_applicable": Status.NOT_APPLICABLE,
}


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """What a check said about one of its examples."""

    name: str
    expected: Status
    outcome: Outcome

    @property
    def is_right(self) -> bool:
        return self.outcome.verdict.status is self.expected


def worlds(compiled: Compiled) -> Iterator[tuple[str, Rows]]:
    """The examples that a check has: name and rows by table."""
    for name in EXPECTED:
        rows: Rows | None = getattr(compiled.check.examples, name)
        if rows is not None:
            yield name, rows


def tables_of(compiled: Compiled, name: str, world: Rows, specs: Mapping[str, TableSpec]) -> list[TableData]:
    """The example's rows as complete tables. Columns left out are NULL where that is allowed, else empty or 0.

    Raises:
        DecodeProblem: the example names an unknown table or column, or a value of the wrong type.
    """
    found = []
    for table, rows in world.items():
        spec = specs.get(table)
        if spec is None:
            raise DecodeProblem(("examples", name, table), f'no table "{table}"', nearest(table, specs))
        cells = tuple(
            _row(spec, _with_pattern(compiled, table, row), ("examples", name, table, number))
            for number, row in enumerate(rows)
        )
        found.append(TableData(table, spec.column_names, TableStatus.OK, cells))
    for table in sorted(compiled.tables - set(world)):
        spec = specs[table]
        found.append(TableData(table, spec.column_names, TableStatus.OK, ()))
    return found


def _with_pattern(compiled: Compiled, table: str, row: Mapping[str, Scalar]) -> Mapping[str, Scalar]:
    """Rows of the tables of files need not name the pattern that found them: it is the check's own that fits."""
    if table not in FILE_TABLES or "pattern" in row or not compiled.files:
        return row
    path = str(row.get("path", ""))
    fitting = [pattern for pattern in compiled.files if fnmatchcase(path, pattern.replace("~", "*"))]
    return {**row, "pattern": (fitting or list(compiled.files))[0]}


def _row(spec: TableSpec, row: Mapping[str, Scalar], keys: tuple[str | int, ...]) -> tuple[Scalar, ...]:
    columns = {column.name: column for column in spec.columns}
    for name in row:
        if name not in columns:
            hints = (("columns", ", ".join(columns)), *(hint for hint in nearest(name, columns) if hint[0] == "fix"))
            raise DecodeProblem((*keys, name), f'no column "{name}" in table {spec.name}', hints)
    return tuple(_cell(column, row, keys) for column in spec.columns)


def _cell(column: Column, row: Mapping[str, Scalar], keys: tuple[str | int, ...]) -> Scalar:
    if column.name not in row:
        return None if column.nullable else "" if column.type == "TEXT" else 0
    value = row[column.name]
    place = (*keys, column.name)
    if value is None:
        if not column.nullable:
            raise DecodeProblem(place, f"{column.name} is never NULL")
        return None
    if column.type == "INTEGER":
        if isinstance(value, str) and value.startswith("0o"):
            try:
                return int(value, 8)
            except ValueError:
                pass
        if not isinstance(value, int):
            raise DecodeProblem(place, f'{column.name} is a number, "{value}" is text')
        return value
    if not isinstance(value, str):
        raise DecodeProblem(place, f"{column.name} is text", (("fix", f'write "{value}"'),))
    return value


def judge(compiled: Compiled, tables: list[TableData], specs: Mapping[str, TableSpec]) -> Outcome:
    """What the check says about these tables."""
    evaluator = Evaluator(specs, tables, EXAMPLE_NOW_S)
    try:
        return evaluator.evaluate(compiled)
    finally:
        evaluator.close()


def run_examples(compiled: Compiled, specs: Mapping[str, TableSpec]) -> list[ExampleResult]:
    """Run each example of a check.

    Raises:
        DecodeProblem: an example does not fit the tables.
    """
    return [
        ExampleResult(name, EXPECTED[name], judge(compiled, tables_of(compiled, name, world, specs), specs))
        for name, world in worlds(compiled)
    ]
