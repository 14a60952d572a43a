"""Judges checks of web sites over the tables of a real server on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from networktest import gate_of, read_network, site
from secaudit.content import library
from secaudit.content.probes import GRAPHQL
from secaudit.engine.compile import Compiled, Compiler
from secaudit.engine.evaluate import Evaluator
from secaudit.engine.registry import all_tables
from secaudit.faults.http import Answer, HttpFaults, Request
from secaudit.model import TableData
from secaudit.tableapi import Sent
from secaudit.targets.recorder import Cache
from tabletest import NOW_S

TABLES = (
    "http_probes", "http_linked", "http_cors", "http_methods", "http_errors", "http_error_headers", "http_host",
    "http_redirect_parameters", "http_sessions", "http_software", "http_software_files",
)  # fmt: skip
"""Tables that ask more than a visitor does, and the one of software."""


@cache
def active_checks() -> dict[str, Compiled]:
    """Checks over these tables, by id."""
    compiler = Compiler(all_tables())
    entries = library.load().checks.values()
    compiled = [compiler.compile(entry.value) for entry in entries if entry.topic in ("web-exposure", "web-behaviour")]
    return {one.check.id: one for one in compiled if one.tables <= set(TABLES)}


class Audit:
    """What an active audit of one site says."""

    def __init__(self, url: str, now_s: int = NOW_S) -> None:
        access, cache = site(url), Cache()
        self.tables: dict[str, TableData] = {name: read_network(name, access, cache, now_s=now_s) for name in TABLES}
        self.access = access
        self.sent: tuple[Sent, ...] = gate_of(access).sent()
        evaluator = Evaluator(all_tables(), self.tables.values(), now_s)
        self.verdicts = {name: evaluator.evaluate(one) for name, one in active_checks().items()}
        evaluator.close()

    def failing(self) -> set[str]:
        return self.having("fail")

    def having(self, *words: str) -> set[str]:
        """Ids of checks with one of these statuses."""
        return {name for name, outcome in self.verdicts.items() if outcome.verdict.status.value in words}

    def rows(self, table: str) -> list[dict[str, str | int | None]]:
        data = self.tables[table]
        return [dict(zip(data.columns, row, strict=True)) for row in data.rows]


class Site(HttpFaults):
    """A server that answers as a function says."""

    def __init__(self, answering: Callable[[Request], Answer], faults: Iterable[str] = ()) -> None:
        super().__init__(faults)
        self._answering = answering
        self.bodies: list[tuple[str, bytes]] = []

    def answer(self, request: Request) -> Answer:
        if request.body:
            self.bodies.append((request.method, request.body))
        return self._answering(request)


__all__ = ["GRAPHQL", "TABLES", "Audit", "Site", "active_checks"]
