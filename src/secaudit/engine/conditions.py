"""The short form of a check, `where` and `expect`, as SQL that is safe with NULL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from secaudit.content.decode import DecodeProblem, Keys, nearest
from secaudit.engine.functions import pattern_problem
from secaudit.model import ParamValue
from secaudit.tableapi import Column

OPERATORS = (
    "equals", "not", "in", "not_in", "at_least", "at_most", "matches", "contains", "has_bits", "lacks_bits",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Condition:
    """One demand on one column."""

    column: Column
    operator: str
    value: ParamValue


def read_conditions(
    given: Mapping[str, object],
    columns: Mapping[str, Column],
    params: Mapping[str, ParamValue],
    keys: Keys,
    table: str,
) -> list[Condition]:
    """Read `{column: value}` or `{column: {operator: value}}`.

    Raises:
        DecodeProblem: an unknown column, operator or parameter, or a value that does not fit.
    """
    found: list[Condition] = []
    for name, demand in given.items():
        place = (*keys, name)
        column = columns.get(name)
        if column is None:
            known = ("columns", ", ".join(columns))
            hints = tuple(hint for hint in nearest(name, columns) if hint[0] == "fix")
            raise DecodeProblem(place, f'no column "{name}" in table {table}', (known, *hints))
        demands = demand if isinstance(demand, Mapping) else {"equals": demand}
        if not demands:
            raise DecodeProblem(place, "nothing is demanded here", (("fix", "write equals: value"),))
        for operator, raw in demands.items():
            if operator not in OPERATORS:
                raise DecodeProblem((*place, operator), f'no operator "{operator}"', nearest(str(operator), OPERATORS))
            value = _resolve(raw, params, (*place, operator))
            found.append(Condition(column, operator, _fit(column, operator, value, (*place, operator))))
    return found


def _resolve(raw: object, params: Mapping[str, ParamValue], keys: Keys) -> ParamValue:
    if isinstance(raw, str) and raw.startswith("$"):
        if raw[1:] not in params:
            raise DecodeProblem(keys, f'no parameter "{raw[1:]}" under params', nearest(raw[1:], params))
        return params[raw[1:]]
    if isinstance(raw, bool):
        return int(raw)
    if isinstance(raw, str | int):
        return raw
    if isinstance(raw, list) and all(isinstance(item, str | int) for item in raw):
        return tuple(raw)
    raise DecodeProblem(keys, "a text, a number or a list of them is needed here")


def _fit(column: Column, operator: str, value: ParamValue, keys: Keys) -> ParamValue:
    """Make the value fit the column's type and the operator, or say why it cannot."""
    listed = operator in ("in", "not_in")
    if listed != isinstance(value, tuple):
        raise DecodeProblem(keys, f"{operator} needs {'a list' if listed else 'one value, not a list'}")
    if isinstance(value, tuple):
        return tuple(_one(column, operator, item, keys) for item in value)
    return _one(column, operator, value, keys)


def _one(column: Column, operator: str, value: str | int, keys: Keys) -> str | int:
    numeric = operator in ("at_least", "at_most", "has_bits", "lacks_bits")
    if operator in ("matches", "contains"):
        if column.type != "TEXT":
            raise DecodeProblem(keys, f"{operator} needs a text column; {column.name} is a number")
        if operator == "matches" and (problem := pattern_problem(str(value))):
            raise DecodeProblem(keys, f"the pattern is refused: {problem}")
        return str(value)
    if column.type == "INTEGER" or numeric:
        number = _number(value)
        if number is None:
            raise DecodeProblem(keys, f'a number is needed for {column.name}, not "{value}"')
        return number
    return str(value)


def _number(value: str | int) -> int | None:
    if isinstance(value, int):
        return value
    try:
        return int(value, 8) if value.startswith("0o") else int(value)
    except ValueError:
        return None


class Binder:
    """Gives each value of a query its own name."""

    def __init__(self) -> None:
        self.values: dict[str, str | int] = {}

    def add(self, value: str | int) -> str:
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f":{name}"


def to_sql(condition: Condition, binder: Binder) -> str:
    """SQL that gives 1, 0, or NULL when the cell is NULL."""
    column, value = f'"{condition.column.name}"', condition.value
    if isinstance(value, tuple):
        items = ", ".join(binder.add(item) for item in value)
        return f"({column} {'IN' if condition.operator == 'in' else 'NOT IN'} ({items}))"
    bound = binder.add(value)
    number = column if condition.column.type == "INTEGER" else f"to_int({column})"
    return {
        "equals": f"({column} = {bound})",
        "not": f"({column} <> {bound})",
        "at_least": f"({number} >= {bound})",
        "at_most": f"({number} <= {bound})",
        "matches": f"matches({column}, {bound})",
        "contains": f"(instr({column}, {bound}) > 0)",
        "has_bits": f"has_bits({number}, {bound})",
        "lacks_bits": f"lacks_bits({number}, {bound})",
    }[condition.operator]


def describe(condition: Condition) -> str:
    """The demand in words, for the `expected` column of the evidence."""
    value = condition.value
    if isinstance(value, tuple):
        words = " or ".join(map(str, value))
        return words if condition.operator == "in" else f"none of {words}"
    if condition.operator in ("has_bits", "lacks_bits"):
        return f"{'with' if condition.operator == 'has_bits' else 'without'} permission bits {octal(value)}"
    return {
        "equals": f"{value}",
        "not": f"not {value}",
        "at_least": f"at least {value}",
        "at_most": f"at most {value}",
        "matches": f"matching {value}",
        "contains": f"containing {value}",
    }[condition.operator]


def octal(value: object) -> str:
    """A mode as `ls` users know it: 0644."""
    return f"0{value:03o}" if isinstance(value, int) else str(value)
