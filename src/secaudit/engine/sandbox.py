"""An in-memory SQLite in which the SQL of a stranger can read the declared tables and do nothing else.

Measured traps behind the rules: `../shared/reference` is not shipped, so they are written out here. ATTACH, PRAGMA,
writes and the schema tables are refused by an authorizer that allows four actions; endless recursion ends by a
progress handler; one huge string is refused by SQLite's own length limit.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from secaudit.engine import functions
from secaudit.model import Scalar, TableData
from secaudit.tableapi import TableSpec

T = TypeVar("T")

MIN_SQLITE = (3, 37, 0)
"""STRICT tables; Ubuntu 22.04 has 3.37."""

QUERY_TIME_S = 2.0
MAX_RESULT_ROWS = 100_000
TEXT_LIMIT_BYTES = 2_000_000

FORBIDDEN_FUNCTIONS = frozenset(
    "load_extension random randomblob date time datetime julianday strftime unixepoch timediff current_date "
    "current_time current_timestamp changes total_changes last_insert_rowid sqlite_version sqlite_source_id "
    "sqlite_compileoption_get sqlite_compileoption_used fts3_tokenizer writefile readfile edit".split()
)
"""What would make a verdict depend on anything but the snapshot, or reach outside."""

_ALLOWED = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_RECURSIVE,
}


class QueryProblem(Exception):
    """A query was refused, took too long or failed; the message says which."""


class Sandbox:
    """Tables to ask. Use `query`; one at a time, from one thread."""

    def __init__(self) -> None:
        if sqlite3.sqlite_version_info < MIN_SQLITE:
            raise QueryProblem(f"SQLite {sqlite3.sqlite_version} is too old, 3.37 or newer is needed")
        self._connection = sqlite3.connect(
            ":memory:", isolation_level=None, cached_statements=0, check_same_thread=False
        )
        self._connection.execute("PRAGMA temp_store = MEMORY")
        self._interrupted = False
        functions.register(self._connection, self._guarded)
        self._connection.execute("SELECT * FROM json_each('[]')").fetchall()  # once before the authorizer, or it fails
        self._connection.execute("SELECT * FROM json_tree('[]')").fetchall()
        self._columns: dict[str, tuple[str, ...]] = {}
        self._readable: frozenset[str] | None = frozenset()
        self._read: set[str] = set()
        self._refused: str | None = None
        self._deadline = 0.0

    def create(self, spec: TableSpec) -> None:
        """Add an empty table."""
        columns = ", ".join(
            f'"{column.name}" {column.type}{"" if column.nullable else " NOT NULL"}' for column in spec.columns
        )
        self._connection.execute(f'CREATE TABLE "{spec.name}" ({columns}) STRICT')
        self._columns[spec.name] = spec.column_names

    def fill(self, data: TableData) -> None:
        """Add rows. A NULL in a column that promises none makes the whole table unreadable.

        Raises:
            QueryProblem: the rows do not fit the table.
        """
        marks = ", ".join("?" * len(data.columns))
        names = ", ".join(f'"{name}"' for name in data.columns)
        self._connection.execute("BEGIN")
        try:
            self._connection.executemany(f'INSERT INTO "{data.name}" ({names}) VALUES ({marks})', data.rows)
        except sqlite3.Error as error:
            self._connection.execute("ROLLBACK")
            raise QueryProblem(f"table {data.name}: {error}") from error
        self._connection.execute("COMMIT")

    def lock(self) -> None:
        """From here on only reading is possible."""
        set_limit = self._connection.setlimit
        set_limit(sqlite3.SQLITE_LIMIT_LENGTH, TEXT_LIMIT_BYTES)
        set_limit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, 100_000)
        set_limit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        set_limit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200)
        set_limit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 100)
        set_limit(sqlite3.SQLITE_LIMIT_COMPOUND_SELECT, 50)
        self._connection.set_authorizer(self._guarded(self._authorize))
        self._connection.set_progress_handler(self._guarded(self._late), 1000)

    def _guarded(self, function: Callable[..., T]) -> Callable[..., T]:
        """Remember Ctrl-C: SQLite turns whatever one of our functions raises into an error of the query."""

        def call(*arguments: Any) -> T:
            try:
                return function(*arguments)
            except KeyboardInterrupt:
                self._interrupted = True
                raise

        return call

    def _authorize(self, action: int, first: str | None, second: str | None, base: str | None, via: str | None) -> int:
        if action in _ALLOWED:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ:
            if first in self._columns:
                self._read.add(first)
                if self._readable is None or first in self._readable:
                    return sqlite3.SQLITE_OK
                self._refused = f"it reads the table {first}, which it does not declare"
                return sqlite3.SQLITE_DENY
            if first in ("json_each", "json_tree"):
                return sqlite3.SQLITE_OK
            if first is not None and not first.startswith(("sqlite_", "pragma_")):
                return sqlite3.SQLITE_OK  # a name of the query itself: WITH, or a sub-select
            self._refused = f"it reads {first}"
            return sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_FUNCTION:
            if (second or "").lower() in FORBIDDEN_FUNCTIONS:
                self._refused = f"it uses the function {second}"
                return sqlite3.SQLITE_DENY
            return sqlite3.SQLITE_OK
        self._refused = "it does something else than reading tables"
        return sqlite3.SQLITE_DENY

    def _late(self) -> int:
        return int(time.monotonic() > self._deadline)

    def query(
        self, sql: str, parameters: Mapping[str, Scalar], readable: Iterable[str] | None, time_s: float = QUERY_TIME_S
    ) -> tuple[tuple[str, ...], list[tuple[Scalar, ...]]]:
        """Give the column names and the rows.

        Args:
            sql: one SELECT.
            parameters: values of `:name`.
            readable: the tables it may read; None for all.
            time_s: when to stop it.

        Raises:
            QueryProblem: refused, too long, too many rows, or wrong SQL.
            KeyboardInterrupt: Ctrl-C.
        """
        self._readable = None if readable is None else frozenset(readable)
        self._read = set()
        self._refused = None
        self._deadline = time.monotonic() + time_s
        try:
            cursor = self._connection.execute(sql, parameters)
            rows = cursor.fetchmany(MAX_RESULT_ROWS + 1)
        except (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeError) as error:
            if self._interrupted:
                raise KeyboardInterrupt from error
            if self._refused:
                raise QueryProblem(f"the query is refused: {self._refused}") from error
            late = time.monotonic() > self._deadline
            if "not authorized" in str(error) or ("interrupted" in str(error) and not late):
                raise KeyboardInterrupt from error  # SQLite swallows a Ctrl-C that arrives in one of our callbacks
            if "interrupted" in str(error):
                raise QueryProblem(f"the query took longer than {time_s:g} s") from error
            raise QueryProblem(f"the query failed: {error}") from error
        if cursor.description is None:
            raise QueryProblem("the query is refused: it is not a SELECT")
        if len(rows) > MAX_RESULT_ROWS:
            raise QueryProblem(f"the query gave more than {MAX_RESULT_ROWS} rows")
        return tuple(item[0] for item in cursor.description), rows

    def tables_of(self, sql: str, parameters: Mapping[str, Scalar]) -> tuple[frozenset[str], tuple[str, ...]]:
        """Which tables a query reads, and its result columns, found by preparing it. Works while tables are empty."""
        names, _ = self.query(f"SELECT * FROM ({sql}\n) LIMIT 0", parameters, None)
        return frozenset(self._read), names

    def close(self) -> None:
        self._connection.close()
