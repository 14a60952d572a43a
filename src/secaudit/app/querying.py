"""query: a person's own SQL over the tables of this machine, a mounted one, or a stored run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from secaudit.app.auditing import AuditRequest, Clock, collect_tables, epoch_s, read_snapshot, utc_now
from secaudit.app.keeping import open_run
from secaudit.app.listing import Listing
from secaudit.app.opening import open_target
from secaudit.content.decode import nearest
from secaudit.engine.evaluate import Evaluator
from secaudit.engine.registry import all_tables
from secaudit.engine.sandbox import QueryProblem, Sandbox
from secaudit.errors import StateError, UsageError
from secaudit.model import Snapshot, TableStatus

_PATH = re.compile(r"'((?:/|~/)[^']*)'")


def query(
    sql: str, *, root: Path | None = None, project: Path | None = None, run: str | None = None,
    replay: Path | None = None, files: Sequence[str] = (), clock: Clock = utc_now,
) -> tuple[Listing, list[str]]:  # fmt: skip
    """Answer a question.

    Args:
        sql: one SELECT.
        root: ask a mounted file system instead of this machine.
        project: ask a project.
        run: ask a stored run.
        replay: ask a recorded snapshot.
        files: path patterns for the tables `file`, `paths` and `path_chain`; absolute paths in the SQL are added.
        clock: the time.

    Returns:
        The rows, and notes: how the target was opened, and each table that was not read completely.

    Raises:
        UsageError: the SQL is wrong or does more than read.
    """
    names = _tables_of(sql)
    if run is not None:
        kept = open_run(run)
        if kept.snapshot is None:
            raise StateError("this run was stored without its snapshot", (("fix", "audit again"),))
        snapshot = kept.snapshot
    elif replay is not None:
        snapshot = read_snapshot(replay)
    else:
        wanted = tuple(sorted({*files, *_PATH.findall(sql)}))
        access = open_target(root, project)
        snapshot = collect_tables(access, names, wanted, clock, AuditRequest(), None)
        listing, notes = _ask(sql, names, snapshot)
        return listing, [*access.notes, *notes]
    return _ask(sql, names, snapshot)


def _tables_of(sql: str) -> set[str]:
    sandbox = Sandbox()
    try:
        for spec in all_tables().values():
            sandbox.create(spec)
        sandbox.lock()
        tables, _ = sandbox.tables_of(sql, {"now_s": 0} if ":now_s" in sql else {})
    except QueryProblem as problem:
        raise _usage(str(problem)) from problem
    finally:
        sandbox.close()
    return set(tables)


def _ask(sql: str, names: set[str], snapshot: Snapshot) -> tuple[Listing, list[str]]:
    missing = names - {table.name for table in snapshot.tables}
    if missing:
        raise UsageError(
            f"the stored run did not collect the table {sorted(missing)[0]}", (("fix", "ask this machine"),)
        )
    evaluator = Evaluator(all_tables(), snapshot.tables, epoch_s(snapshot.started), snapshot.files)
    try:
        columns, rows = evaluator.query(sql)
    except QueryProblem as problem:
        raise _usage(str(problem)) from problem
    finally:
        evaluator.close()
    notes = []
    for name in sorted(names):
        table = evaluator.tables[name]
        if table.status is not TableStatus.OK:
            needs = f" (needs {table.needs})" if table.needs else ""
            notes.append(f"{name} is {table.status}: {table.reason}{needs}")
    return Listing(columns, [tuple(row) for row in rows], f"{len(rows)} rows"), notes


def _usage(message: str) -> UsageError:
    hints: list[tuple[str, str]] = []
    if match := re.search(r"no such table: (\w+)", message):
        hints.extend(hint for hint in nearest(match.group(1), all_tables()) if hint[0] == "fix")
    if match := re.search(r"no such column: (?:\w+\.)?(\w+)", message):
        names = {name for spec in all_tables().values() for name in spec.column_names}
        hints.extend(hint for hint in nearest(match.group(1), names) if hint[0] == "fix")
    return UsageError(message, (*hints, ("list", "secaudit tables")))
