"""Put the question of each check to the collected tables. A pure function of checks and snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from secaudit.engine import verdict
from secaudit.engine.acceptance import Judge
from secaudit.engine.compile import NOW, Compiled, Query
from secaudit.engine.proof import evidence_maker
from secaudit.engine.sandbox import QueryProblem, Sandbox
from secaudit.engine.verdict import Verdict
from secaudit.model import Scalar, Status, TableData, TableStatus
from secaudit.tableapi import TableSpec

EVIDENCE_ROWS = 50
"""Rows of evidence kept for one check; failing ones first."""

PASSED_ROWS = 10
"""Of these, at most so many that passed: enough to show what was looked at."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check found."""

    compiled: Compiled
    verdict: Verdict
    rows: tuple[Mapping[str, Scalar], ...]
    rows_total: int
    failed: int = 0
    """How many rows failed."""
    accepted: int = 0
    """Of these, how many somebody accepted before; such a row has the key `accepted`, with the reason."""


class Evaluator:
    """Holds the rows of one snapshot, ready for questions."""

    def __init__(
        self,
        specs: Mapping[str, TableSpec],
        tables: Iterable[TableData],
        now_s: int,
        files: Iterable[str] | None = None,
        accepting: Judge | None = None,
    ) -> None:
        """Load the tables.

        Args:
            specs: all tables known here.
            tables: the collected ones.
            now_s: the time of the audit, seconds since 1970 UTC.
            files: the path patterns that were collected; None when that does not matter (examples).
            accepting: says which failing rows were accepted before.
        """
        self._accepting = accepting
        self._now_s = now_s
        self._files = None if files is None else frozenset(files)
        self._sandbox = Sandbox()
        self._tables: dict[str, TableData] = {}
        for data in tables:
            spec = specs.get(data.name)
            if spec is None:
                continue
            self._sandbox.create(spec)
            known = {column.name for column in spec.columns}
            if not known >= set(data.columns):
                data = replace(
                    data, status=TableStatus.FAILED, reason="recorded with other columns than known here", rows=()
                )
            try:
                self._sandbox.fill(data)
            except QueryProblem as problem:
                data = replace(data, status=TableStatus.FAILED, reason=str(problem), rows=())
            self._tables[data.name] = data
        self._sandbox.lock()

    @property
    def tables(self) -> Mapping[str, TableData]:
        """The tables as they were judged."""
        return self._tables

    def evaluate(self, compiled: Compiled) -> Outcome:
        """Judge one check. Never raises for anything that the check or the data does."""
        for name in sorted(compiled.tables - set(self._tables)):
            return Outcome(compiled, Verdict(Status.UNKNOWN, f"the table {name} was not collected"), (), 0)
        for pattern in compiled.files:
            if self._files is not None and pattern not in self._files:
                return Outcome(compiled, Verdict(Status.UNKNOWN, f"the files {pattern} were not collected"), (), 0)
        try:
            if compiled.applies is not None:
                _, rows = self._ask(compiled.applies)
                if not rows:
                    absent = verdict.not_applicable(
                        self._tables, compiled.applies.tables, compiled.files, compiled.check.homes
                    )
                    return Outcome(compiled, absent, (), 0)
            columns, rows = self._ask(compiled.main)
        except QueryProblem as problem:
            return Outcome(compiled, Verdict(Status.UNKNOWN, str(problem)), (), 0)
        position = columns.index("pass")
        passes = [row[position] for row in rows]
        places = [row[columns.index("path")] for row in rows] if "path" in columns else []
        decided = verdict.decide(
            passes,
            compiled.check.on_empty,
            self._tables,
            compiled.tables,
            compiled.files,
            compiled.check.proof,
            compiled.check.homes,
            places,
        )
        describe = evidence_maker(compiled, columns)
        failed = [index for index, value in enumerate(passes) if value == 0]
        accepted: dict[int, str] = {}
        if self._accepting is not None and failed and decided.status is Status.FAIL:
            told = self._accepting.accept(compiled.check.id, [describe(rows[index]) for index in failed])
            accepted = {failed[number]: words for number, words in told.items()}
        kept = tuple(
            {**describe(rows[index]), "accepted": accepted[index]} if index in accepted else describe(rows[index])
            for index in _worth_keeping(passes, accepted)
        )
        return Outcome(compiled, decided, kept, len(rows), len(failed), len(accepted))

    def _ask(self, query: Query) -> tuple[tuple[str, ...], list[tuple[Scalar, ...]]]:
        values = {**query.values, NOW: self._now_s} if NOW in query.values else query.values
        return self._sandbox.query(query.sql, values, query.tables)

    def query(self, sql: str) -> tuple[tuple[str, ...], list[tuple[Scalar, ...]]]:
        """Put a person's own question to all tables.

        Raises:
            QueryProblem: as `Sandbox.query`.
        """
        return self._sandbox.query(sql, {NOW: self._now_s} if f":{NOW}" in sql else {}, None, 30.0)

    def close(self) -> None:
        self._sandbox.close()


def _worth_keeping(passes: list[Scalar], accepted: Mapping[int, str]) -> list[int]:
    """The rows to keep as evidence: what failed, new things first, then what could not be determined, then some of what
    passed.
    """
    failed = sorted((index for index, value in enumerate(passes) if value == 0), key=lambda index: index in accepted)
    unclear = [index for index, value in enumerate(passes) if value != 0 and value != 1]
    kept = (failed + unclear)[:EVIDENCE_ROWS]
    room = min(PASSED_ROWS, EVIDENCE_ROWS - len(kept))
    return kept + [index for index, value in enumerate(passes) if value == 1][:room]
