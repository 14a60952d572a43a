"""What tests of network tables need: targets on loopback with the user's consent, and rows as dictionaries."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from secaudit.engine.collect import collect_one
from secaudit.engine.registry import load_table
from secaudit.model import Consent, TableData
from secaudit.tableapi import Wants
from secaudit.targets.network.access import NetworkAccess
from secaudit.targets.network.gate import Gate, Named
from secaudit.targets.recorder import Cache
from tabletest import NOW_S, rows_of

HERE = Path(__file__).resolve().parent.parent
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


@contextmanager
def server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A TCP server on loopback that talks to each caller in a thread, as it likes."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def one(caller: socket.socket) -> None:
        with suppress(OSError), caller:
            caller.settimeout(10)
            talk(caller)

    def work() -> None:
        listener.settimeout(0.1)
        while not stop.is_set():
            with suppress(TimeoutError):
                caller, _ = listener.accept()
                threading.Thread(target=one, args=(caller,), daemon=True).start()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stop.set()
        thread.join(2)
        listener.close()


def oracle(name: str) -> Path:
    """Where another program's auditor lies, made by scripts/make-oracles.sh; it may be missing."""
    return Path(os.environ.get("SECAUDIT_ORACLES") or HERE / ".cache" / "oracles") / "bin" / name


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
