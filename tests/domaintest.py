"""What tests of domains need: every check over what one DNS server says."""

from __future__ import annotations

from functools import cache

from networktest import OWN
from secaudit.content import library
from secaudit.engine.collect import collect
from secaudit.engine.compile import Compiled, Compiler
from secaudit.engine.evaluate import Evaluator
from secaudit.engine.registry import known_tables, table_modules
from secaudit.model import Consent, Status
from secaudit.tableapi import TableSpec, Wants
from secaudit.targets.network.access import NetworkAccess
from secaudit.targets.network.gate import Named
from tabletest import NOW_S

TOPICS = (("network", "mail"), ("network", "dns"))


@cache
def domain_tables() -> dict[str, TableSpec]:
    """All tables about domains."""
    names = [name for name, module in table_modules().items() if ".network." in module]
    return {name: spec for name, spec in known_tables(names).items() if "domain" in spec.targets}


@cache
def domain_checks() -> tuple[Compiled, ...]:
    """All checks that read nothing but tables about domains."""
    compiler = Compiler(domain_tables())
    loaded = library.load().checks
    chosen = [entry for _, entry in sorted(loaded.items()) if entry.path.parts[-3:-1] in TOPICS]
    return tuple(compiler.compile(entry.value) for entry in chosen)


def domain_of(
    name: str, resolver: tuple[str, int], selectors: tuple[str, ...] = (), consent: Consent = OWN
) -> NetworkAccess:
    """A domain whose resolver and name servers are one server on loopback."""
    named = Named("domain", domain=name, selectors=selectors, resolver=resolver, ports=(resolver[1],))
    return NetworkAccess(named, consent)


def judge(access: NetworkAccess) -> dict[str, tuple[Status, str]]:
    """Status and reason of each check."""
    tables, _ = collect(access, domain_tables().values(), Wants(()), NOW_S)
    evaluator = Evaluator(domain_tables(), tables, NOW_S)
    try:
        results = {one.check.id: evaluator.evaluate(one) for one in domain_checks()}
    finally:
        evaluator.close()
    return {name: (found.verdict.status, found.verdict.reason or "") for name, found in results.items()}
