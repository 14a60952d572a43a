"""A stranger's SQL can read the declared tables and do nothing else."""

from __future__ import annotations

import time

import pytest

from secaudit.engine.registry import load_table
from secaudit.engine.sandbox import QueryProblem, Sandbox
from secaudit.model import TableData, TableStatus


@pytest.fixture
def sandbox() -> Sandbox:
    box = Sandbox()
    for name in ("users", "groups"):
        box.create(load_table(name))
    box.lock()
    return box


@pytest.mark.parametrize(
    "sql",
    [
        "ATTACH DATABASE '/tmp/x.db' AS x",
        "ATTACH DATABASE ':memory:' AS x",
        "DETACH DATABASE main",
        "PRAGMA table_info(users)",
        "PRAGMA writable_schema = 1",
        "SELECT * FROM pragma_table_info('users')",
        "SELECT * FROM sqlite_master",
        "SELECT * FROM sqlite_schema",
        "INSERT INTO users (username) VALUES ('x')",
        "UPDATE users SET username = 'x'",
        "DELETE FROM users",
        "DROP TABLE users",
        "CREATE TABLE x (y)",
        "CREATE TEMP TABLE x (y)",
        "CREATE VIEW x AS SELECT 1",
        "CREATE TRIGGER t AFTER INSERT ON users BEGIN SELECT 1; END",
        "CREATE VIRTUAL TABLE x USING fts5(y)",
        "VACUUM INTO '/tmp/stolen.db'",
        "SELECT load_extension('/tmp/x.so')",
        "SELECT random()",
        "SELECT randomblob(10)",
        "SELECT datetime('now')",
        "SELECT strftime('%s', 'now')",
        "SELECT CURRENT_TIMESTAMP",
        "SELECT writefile('/tmp/x', 'y')",
        "SELECT readfile('/etc/passwd')",
        "SELECT fts3_tokenizer('simple')",
        "SELECT * FROM groups",
        "SELECT username FROM users WHERE uid IN (SELECT gid FROM groups)",
        "WITH x AS (SELECT * FROM groups) SELECT * FROM x",
        "BEGIN",
        "COMMIT",
        "SAVEPOINT x",
        "SELECT 1; SELECT 2",
    ],
)
def test_everything_but_reading_declared_tables_is_refused(sandbox: Sandbox, sql: str) -> None:
    with pytest.raises(QueryProblem):
        sandbox.query(sql, {}, ["users"])


def test_reading_what_is_declared_works(sandbox: Sandbox) -> None:
    columns, rows = sandbox.query("SELECT username AS resource, 1 AS pass FROM users", {}, ["users"])
    assert columns == ("resource", "pass")
    assert rows == []


@pytest.mark.parametrize(
    "sql",
    [
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT 1 FROM c) SELECT x FROM c",
    ],
)
def test_recursion_without_end_is_stopped(sandbox: Sandbox, sql: str) -> None:
    begun = time.monotonic()
    with pytest.raises(QueryProblem, match=r"longer than|more than"):
        sandbox.query(sql, {}, [], time_s=0.3)
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT zeroblob(1000000000)",
        "SELECT hex(zeroblob(900000000))",
        "SELECT printf('%1000000000s', 'x')",
        "SELECT replace(printf('%1000000s', ''), ' ', printf('%1000000s', ''))",
    ],
)
def test_a_string_of_a_gigabyte_is_never_made(sandbox: Sandbox, sql: str) -> None:
    try:
        _, rows = sandbox.query(sql, {}, [])
    except QueryProblem:
        return
    assert len(str(rows)) < 3_000_000  # some SQLite versions give NULL instead of an error


def test_a_null_where_none_is_promised_makes_the_table_unreadable() -> None:
    box = Sandbox()
    spec = load_table("users")
    box.create(spec)
    row = tuple(None for _ in spec.columns)
    with pytest.raises(QueryProblem, match="NOT NULL"):
        box.fill(TableData("users", spec.column_names, TableStatus.OK, (row,)))


@pytest.mark.parametrize("where", ["authorizer", "function"])
def test_ctrl_c_inside_sqlite_is_not_taken_for_a_wrong_query(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """SQLite swallows what our functions raise; the user pressed Ctrl-C and must not read about a wrong check."""

    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    if where == "authorizer":
        monkeypatch.setattr(sandbox, "_readable", None)
        sandbox._connection.set_authorizer(sandbox._guarded(interrupted))
    else:
        sandbox._connection.set_authorizer(None)
        sandbox._connection.create_function("stop", 0, sandbox._guarded(interrupted))
    with pytest.raises(KeyboardInterrupt):
        sandbox.query("SELECT 1" if where == "authorizer" else "SELECT stop()", {}, None)
