"""Judges the checks of SSH servers and network services over real tables of hosts on loopback."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from networktest import gate_of, hosts, read_network, unplanned
from secaudit.content import library
from secaudit.engine.compile import Compiled, Compiler
from secaudit.engine.evaluate import Evaluator, Outcome
from secaudit.engine.registry import all_tables
from secaudit.model import Consent, TableData
from secaudit.targets.recorder import Cache
from tabletest import NOW_S, rows_of

TOPICS = ("ssh-service", "network-services")
LOOPBACK_COUNTS = {"loopback": 1}
"""In tests loopback stands for the network."""


@cache
def checks(counts: bool = True) -> dict[str, Compiled]:
    """The checks of both topics, by id."""
    compiler = Compiler(all_tables())
    entries = [entry.value for entry in library.load().checks.values() if entry.topic in TOPICS]
    found = {}
    for check in entries:
        changed = {name: value for name, value in LOOPBACK_COUNTS.items() if counts and name in check.params}
        found[check.id] = compiler.compile(check, changed)
    return found


class Audit:
    """What an audit of some ports of loopback says."""

    def __init__(
        self,
        ports: Iterable[int],
        *,
        only: Iterable[str] = (),
        consent: Consent | None = None,
        names: tuple[str, ...] = ("127.0.0.1",),
        engine: str = "own",
        assets: tuple[str, ...] | None = None,
        counts: bool = True,
    ) -> None:
        wanted = {name: one for name, one in checks(counts).items() if not only or name in only}
        consent = consent or Consent(local=True, level="active", intrusive=("net-ftp-anonymous",))
        self.access = hosts(*names, ports=ports, consent=consent, engine=engine, assets=assets)
        cache = Cache()
        names_of_tables = sorted(set().union(*(one.tables for one in wanted.values())))
        self.tables: dict[str, TableData] = {name: read_network(name, self.access, cache) for name in names_of_tables}
        evaluator = Evaluator(all_tables(), self.tables.values(), NOW_S)
        self.outcomes: dict[str, Outcome] = {name: evaluator.evaluate(one) for name, one in wanted.items()}
        evaluator.close()

    def having(self, *words: str) -> set[str]:
        """Ids of checks with one of these statuses."""
        return {name for name, outcome in self.outcomes.items() if outcome.verdict.status.value in words}

    def rows(self, table: str) -> list[dict[str, str | int | None]]:
        return rows_of(self.tables[table])

    def sent(self) -> list[str]:
        return [f"{one.kind} {one.what} {one.outcome}" for one in gate_of(self.access).sent()]

    def unplanned(self) -> list[str]:
        """What was sent beyond the plans."""
        return unplanned(self.access, *self.tables)
