"""What tests of site checks need: a site on loopback with both of its ports, and the verdicts of checks about it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from urllib.parse import urlsplit

from networktest import OWN, read_network
from secaudit.content import library
from secaudit.engine.compile import Compiled, Compiler
from secaudit.engine.evaluate import Evaluator
from secaudit.engine.registry import all_tables
from secaudit.faults.http import HttpFaults
from secaudit.model import Consent, TableData
from secaudit.targets.network.access import NetworkAccess
from secaudit.targets.network.gate import Named
from secaudit.targets.recorder import Cache
from tabletest import NOW_S

TABLES = (
    "http_exchanges", "http_headers", "http_defects", "http_policies", "http_csp", "http_csp_policies", "http_cookies",
    "http_forms", "http_resources", "http_scripts", "http_challenges", "http_metas", "http_jwts", "http_secrets",
    "http_traces", "http_sockets", "security_txt",
)  # fmt: skip
"""All that one visit tells, and security.txt."""


def web_site(url: str, other_port: int = 0, consent: Consent = OWN) -> NetworkAccess:
    """A site, and the port of its other scheme."""
    host = urlsplit(url).hostname or ""
    return NetworkAccess(Named("site", url=url, hosts=(host,), ports=(other_port,) if other_port else ()), consent)


def fault_site(server: HttpFaults, consent: Consent = OWN) -> NetworkAccess:
    """The site of a server of faults, visited where its faults show."""
    other = server.http_port if server.url.startswith("https") else server.https_port or server.closed_port
    return web_site(server.url, other, consent)


@cache
def compiled_checks(tables: frozenset[str] = frozenset(TABLES)) -> dict[str, Compiled]:
    """All shipped checks that ask these tables and no others."""
    compiler = Compiler(all_tables())
    made = {
        name: compiler.compile(entry.value)
        for name, entry in library.load().checks.items()
        if "checks/network/" in str(entry.path)
    }
    return {name: one for name, one in made.items() if one.tables <= tables}


def collected(access: NetworkAccess, tables: Iterable[str] = TABLES) -> list[TableData]:
    """These tables, with what they share found once."""
    memory = Cache()
    return [read_network(name, access, memory) for name in tables]


def verdicts(access: NetworkAccess, tables: Iterable[str] = TABLES) -> dict[str, str]:
    """What each check over these tables says: pass, fail, unknown or not_applicable."""
    names = tuple(tables)
    evaluator = Evaluator(all_tables(), collected(access, names), NOW_S)
    try:
        return {
            name: str(evaluator.evaluate(one).verdict.status) for name, one in compiled_checks(frozenset(names)).items()
        }
    finally:
        evaluator.close()


def failing(access: NetworkAccess, tables: Iterable[str] = TABLES) -> set[str]:
    """The checks that fail."""
    return {name for name, status in verdicts(access, tables).items() if status == "fail"}
