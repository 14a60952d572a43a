"""Rows as evidence: what was looked at, what it is, what it should be, and where it is written."""

from __future__ import annotations

from collections.abc import Callable

from secaudit.engine.compile import Compiled
from secaudit.engine.conditions import describe, octal
from secaudit.model import Scalar

HEAD = ("pass", "resource", "actual", "expected", "path", "line")
Row = tuple[Scalar, ...]
Evidence = dict[str, Scalar]


def evidence_maker(compiled: Compiled, columns: tuple[str, ...]) -> Callable[[Row], Evidence]:
    """The function that turns rows of this query into evidence: the columns of HEAD first, then what else it gave."""
    return _of_form(compiled, columns) if compiled.shape else _of_sql(columns)


def _of_sql(columns: tuple[str, ...]) -> Callable[[Row], Evidence]:
    def make(row: Row) -> Evidence:
        cells = dict(zip(columns, row, strict=True))
        head = {name: cells.pop(name, None) for name in HEAD}
        return {**head, **cells}

    return make


def _of_form(compiled: Compiled, columns: tuple[str, ...]) -> Callable[[Row], Evidence]:
    demands = compiled.shape
    several = len({item.column.name for item in demands}) > 1
    expected = [f"{item.column.name} {describe(item)}" if several else describe(item) for item in demands]
    wanted = ", ".join(expected)

    def make(row: Row) -> Evidence:
        cells = dict(zip(columns, row, strict=True))
        actual: list[str] = []
        for condition in demands:
            cell = cells[condition.column.name]
            text = "?" if cell is None else octal(cell) if condition.operator.endswith("_bits") else str(cell)
            part = f"{condition.column.name} {text}" if several else text
            if part not in actual:
                actual.append(part)
        unread = all(cells[item.column.name] is None for item in demands)
        return {
            "pass": cells["pass"],
            "resource": cells[compiled.resource] if compiled.resource else None,
            "actual": None if unread else ", ".join(actual),
            "expected": wanted,
            "path": cells.get("path"),
            "line": cells.get("line"),
        }

    return make
