"""What tests of network tables need: targets on loopback with the user's consent, and rows as dictionaries."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable

from secaudit.engine.collect import collect_one
from secaudit.engine.registry import load_table
from secaudit.model import Consent, TableData
from secaudit.tableapi import Wants
from secaudit.targets.network.access import NetworkAccess
from secaudit.targets.network.gate import Gate, Named
from secaudit.targets.recorder import Cache
from tabletest import NOW_S, rows_of

OWN = Consent(local=True, level="active")


def site(url: str, consent: Consent = OWN) -> NetworkAccess:
    """A site on loopback."""
    from secaudit.targets.network.naming import parse_url

    name = parse_url(url)
    return NetworkAccess(Named("site", url=name.url, hosts=(name.host,)), consent)


def hosts(
    *names: str,
    ports: Iterable[int] = (),
    consent: Consent = OWN,
    engine: str = "own",
    assets: tuple[str, ...] | None = None,
) -> NetworkAccess:
    """Hosts on loopback."""
    return NetworkAccess(Named("network", hosts=names, ports=tuple(ports), engine=engine, assets=assets), consent)


def domain(
    name: str, resolver: tuple[str, int], selectors: tuple[str, ...] = (), consent: Consent = OWN
) -> NetworkAccess:
    """A domain that a DNS server on loopback tells about."""
    return NetworkAccess(Named("domain", domain=name, selectors=selectors, resolver=resolver), consent)


def gate_of(access: NetworkAccess) -> Gate:
    """Its gate, to be asked what was sent."""
    return access.gate


def read_network(name: str, access: NetworkAccess, cache: Cache | None = None, now_s: int = NOW_S) -> TableData:
    """Collect one table; with the same cache the facts that tables share are found once."""
    spec = load_table(name)
    return collect_one(access, spec, Wants(()), now_s, cache or Cache(), time.monotonic() + spec.timeout_s)


def network_rows(name: str, access: NetworkAccess, cache: Cache | None = None) -> list[dict[str, str | int | None]]:
    """Collect one table that must be read completely, and give its rows."""
    data = read_network(name, access, cache)
    assert data.status == "ok", (data.status, data.reason)
    return rows_of(data)


def free_port() -> int:
    """A port of loopback that nobody listens on just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def unplanned(access: NetworkAccess, *tables: str) -> list[str]:
    """What was sent and no plan of these tables names: always empty."""
    named = {
        (planned.kind, planned.what)
        for name in tables
        for planned in (load_table(name).plan or (lambda net: ()))(access.gate)
    }
    return sorted(
        f"{one.kind} {one.what}"
        for one in access.gate.sent()
        if one.kind != "dns" and (one.kind, one.what) not in named
    )
