"""Compile a check: its short form or SQL becomes one query, and the tables that it needs are found by preparing it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from secaudit.content.decode import DecodeProblem, Keys, nearest
from secaudit.engine.conditions import Binder, Condition, read_conditions, to_sql
from secaudit.engine.sandbox import QueryProblem, Sandbox
from secaudit.model import Check, Homes, ParamValue, Scalar
from secaudit.tableapi import TableSpec

FILE_TABLES = frozenset({"file", "paths", "path_chain"})
"""Tables whose rows depend on `files:`."""

ROOT = "root"
IN_HOMES = {Homes.PEOPLE: "IS NOT", Homes.ROOT: "IS"}
"""How the owner of a row compares with root in checks about some home folders only."""

NOW = "now_s"
"""A parameter that every query may use: the time of the audit, seconds since 1970 UTC."""

_PARAMETER = re.compile(r":([a-z][a-z0-9_]*)")
_WITH = re.compile(r"WITH\s+(?:RECURSIVE\s+)?", re.IGNORECASE)
_STRING = re.compile(r"'(?:[^']|'')*'")


@dataclass(frozen=True, slots=True)
class Query:
    """Prepared SQL with its values."""

    sql: str
    values: Mapping[str, Scalar]
    tables: frozenset[str]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A check that is ready to run."""

    check: Check
    main: Query
    applies: Query | None
    files: tuple[str, ...]
    shape: tuple[Condition, ...] = ()
    """The demands of the short form, to describe the evidence; empty for SQL."""
    resource: str | None = None
    """The short form's first column."""

    @property
    def tables(self) -> frozenset[str]:
        return self.main.tables | (self.applies.tables if self.applies else frozenset())


class Compiler:
    """Compiles checks against the empty schema of all tables."""

    def __init__(self, tables: Mapping[str, TableSpec]) -> None:
        self._tables = tables
        self._sandbox = Sandbox()
        for spec in tables.values():
            self._sandbox.create(spec)
        self._sandbox.lock()

    def compile(self, check: Check, overrides: Mapping[str, ParamValue] | None = None) -> Compiled:
        """Make a check ready to run.

        Args:
            check: the check.
            overrides: values of its parameters that the profile sets.

        Raises:
            DecodeProblem: naming the key of the check that is wrong.
        """
        params = {name: param.default for name, param in check.params.items()}
        for name, value in (overrides or {}).items():
            if name not in params:
                raise DecodeProblem(("params",), f'no parameter "{name}" in {check.id}', nearest(name, params))
            params[name] = value
        _require_one_form(check)
        applies = None
        if check.applies is not None:
            if (check.applies.select is None) == (check.applies.sql is None):
                raise DecodeProblem(("applies",), "either select or sql is needed here", (("fix", "keep one"),))
            if check.applies.sql is not None:
                applies = self._from_sql(check, check.applies.sql, params, ("applies", "sql"), needs_pass=False)
            else:
                applies, _, _ = self._from_form(
                    str(check.applies.select), check.applies.where, {}, params, ("applies",)
                )
        if check.sql is not None:
            main = self._from_sql(check, check.sql, params, ("sql",), needs_pass=True)
            shape: tuple[Condition, ...] = ()
            resource = None
        else:
            main, shape, resource = self._from_form(str(check.select), check.where, check.expect, params, ())
            if not check.expect:
                raise DecodeProblem(
                    ("expect",), "expect is missing or empty", (("fix", "add expect: {column: value}"),)
                )
        files = self._files(check, main)
        main = self._scoped(main, files, check.homes)
        used = _used_params(check)
        for name in check.params:
            if name not in used:
                raise DecodeProblem(("params", name), f'the parameter "{name}" is never used', (("fix", "remove it"),))
        if check.homes in IN_HOMES and not any(_owner_column(self._tables[name]) for name in main.tables):
            raise DecodeProblem(("homes",), "none of its tables says whose home folder a row is from")
        scoped = applies and self._scoped(applies, files, check.homes)
        return Compiled(check, main, scoped, files, shape, resource)

    def _files(self, check: Check, main: Query) -> tuple[str, ...]:
        """Path patterns the check needs: those it names, or the literal path of its short form."""
        wanted = list(check.files)
        if check.select in FILE_TABLES and not wanted:
            for key in ("path", "pattern"):
                demand = check.where.get(key)
                if isinstance(demand, Mapping):
                    demand = demand.get("equals", demand.get("in"))
                if isinstance(demand, str):
                    wanted.append(demand)
                elif isinstance(demand, list):
                    wanted.extend(map(str, demand))
        if main.tables & FILE_TABLES and not wanted:
            raise DecodeProblem(
                ("files",), "the tables file and paths need to know which files", (("fix", "add files: [/path, ...]"),)
            )
        for position, pattern in enumerate(wanted):
            if not pattern.startswith(("/", "~/")) and pattern != "~":
                raise DecodeProblem(
                    ("files", position), f'"{pattern}" is not an absolute path', (("fix", "begin with / or ~/"),)
                )
        return tuple(wanted)

    def _scoped(self, query: Query, files: tuple[str, ...], homes: Homes) -> Query:
        """Let a check see only the rows of its own path patterns and homes; the tables hold those of all checks."""
        views = []
        for name in sorted(query.tables):
            limits = []
            if name in FILE_TABLES:
                items = ", ".join("'" + pattern.replace("'", "''") + "'" for pattern in files)
                limits.append(f"pattern IN ({items})")
            column = _owner_column(self._tables[name])
            if column is not None and homes in IN_HOMES:
                limits.append(f"\"{column}\" {IN_HOMES[homes]} '{ROOT}'")
            if limits:
                views.append(f'"{name}" AS (SELECT * FROM main."{name}" WHERE {" AND ".join(limits)})')
        if not views:
            return query
        body = query.sql.lstrip()
        head = _WITH.match(body)
        if head is None:
            sql = f"WITH {', '.join(views)}\n{body}"
        else:  # the query has names of its own: ours come before them
            sql = f"{head.group()}{', '.join(views)},\n{body[head.end() :]}"
        return replace(query, sql=sql)

    def _spec(self, name: str, keys: Keys) -> TableSpec:
        spec = self._tables.get(name)
        if spec is None:
            hints = (*nearest(name, self._tables), ("list", "secaudit tables"))
            raise DecodeProblem(keys, f'no table "{name}"', hints)
        return spec

    def _from_form(
        self,
        table: str,
        where: Mapping[str, object],
        expect: Mapping[str, object],
        params: Mapping[str, ParamValue],
        keys: Keys,
    ) -> tuple[Query, tuple[Condition, ...], str]:
        spec = self._spec(table, (*keys, "select"))
        columns = {column.name: column for column in spec.columns}
        filters = read_conditions(where, columns, params, (*keys, "where"), table)
        demands = read_conditions(expect, columns, params, (*keys, "expect"), table)
        binder = Binder()
        scope = " AND ".join(to_sql(condition, binder) for condition in filters) or "1"
        judged = " AND ".join(to_sql(condition, binder) for condition in demands) or "1"
        shown = [spec.columns[0].name, *(item.column.name for item in demands)]
        shown += [name for name in ("path", "line") if name in columns]
        picked = ", ".join(f'"{name}"' for name in dict.fromkeys(shown))
        if any(condition.column.nullable for condition in filters):
            # a row that may or may not be in scope: it stays, and without a clear pass it is unknown
            verdict = f"CASE WHEN ({scope}) THEN ({judged}) WHEN ({judged}) THEN 1 END"
            sql = f'SELECT {picked}, {verdict} AS pass FROM "{table}" WHERE NOT (({scope}) = 0 AND ({scope}) NOTNULL)'
        else:
            sql = f'SELECT {picked}, ({judged}) AS pass FROM "{table}" WHERE {scope}'
        return Query(sql, dict(binder.values), frozenset({table})), tuple(demands), spec.columns[0].name

    def _from_sql(
        self, check: Check, sql: str, params: Mapping[str, ParamValue], keys: Keys, *, needs_pass: bool
    ) -> Query:
        bare = _STRING.sub("''", sql)
        values: dict[str, Scalar] = {}
        for name in _PARAMETER.findall(bare):
            if name == NOW:
                values[name] = 0
                continue
            if name not in params:
                raise DecodeProblem(keys, f'no parameter "{name}" under params', nearest(name, params))
            value = params[name]
            values[name] = json.dumps(list(value)) if isinstance(value, tuple) else value
        try:
            tables, columns = self._sandbox.tables_of(sql, values)
        except QueryProblem as problem:
            raise DecodeProblem(keys, str(problem), _sql_hints(str(problem), self._tables)) from problem
        if not tables:
            raise DecodeProblem(keys, "the query reads no table", (("fix", "select from a table"),))
        if needs_pass and "pass" not in columns:
            raise DecodeProblem(keys, "the query gives no column pass", (("fix", "name the verdict: (...) AS pass"),))
        if needs_pass and "resource" not in columns:
            raise DecodeProblem(
                keys, "the query gives no column resource", (("fix", "name what is judged: ... AS resource"),)
            )
        declared = set(check.examples.healthy) | set(check.examples.failing)
        if hidden := sorted(tables - declared):
            raise DecodeProblem(
                keys,
                f"it reads the table {hidden[0]}, which its examples do not declare",
                (("fix", f"add {hidden[0]}: [...] to the examples (an empty list is allowed)"),),
            )
        return Query(sql, values, tables)


def _owner_column(spec: TableSpec) -> str | None:
    """The column that says whose home folder a row is from; where a table has both, `username` is a file's owner."""
    return next((name for name in ("home_of", "username") if name in spec.column_names), None)


def _require_one_form(check: Check) -> None:
    if (check.select is None) == (check.sql is None):
        fix = (("fix", "write select, where, expect; or sql"),)
        raise DecodeProblem((), "a check has either select or sql", fix)
    if check.sql is not None and (check.where or check.expect):
        raise DecodeProblem(
            ("sql",), "sql stands alone, without where and expect", (("fix", "move both into the SQL"),)
        )


def _used_params(check: Check) -> set[str]:
    texts = [check.sql or "", (check.applies.sql if check.applies else None) or ""]
    used = {name for text in texts for name in _PARAMETER.findall(_STRING.sub("''", text))}
    forms = [check.where, check.expect, check.applies.where if check.applies else {}]
    for form in forms:
        for demand in form.values():
            values = demand.values() if isinstance(demand, Mapping) else [demand]
            used.update(value[1:] for value in values if isinstance(value, str) and value.startswith("$"))
    return used


def _sql_hints(message: str, tables: Mapping[str, TableSpec]) -> tuple[tuple[str, str], ...]:
    if match := re.search(r"no such table: (\w+)", message):
        return (*nearest(match.group(1), tables), ("list", "secaudit tables"))
    if match := re.search(r"no such column: (?:\w+\.)?(\w+)", message):
        names = {name for spec in tables.values() for name in spec.column_names}
        return tuple(hint for hint in nearest(match.group(1), names) if hint[0] == "fix")
    return ()
