"""Web: one-shot requests beside http.client and httpx, and a whole site audit beside nikto, on loopback."""

from __future__ import annotations

import http.client
import importlib
import importlib.util
import socket
import ssl
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from bench.measure import find, once
from secaudit.protocols.http import exchange
from secaudit.targets.network.wire import SocketWire

servers: Any = importlib.import_module("webservers")

REQUESTS = 300
ROUNDS = 5


class _Direct:
    """The part of `tableapi.Net` that an exchange needs, without the limits that an audit keeps."""

    def connect(
        self, host: str, port: int, kind: str, what: str, level: str = "", timeout_s: float = 5.0, address: str = ""
    ) -> SocketWire:
        raw = socket.create_connection((address or "127.0.0.1", port), timeout_s)
        return SocketWire(raw, host, "127.0.0.1", port, time.monotonic() + timeout_s, lambda wire, outcome: None)


def run() -> None:
    """Measure and print."""
    if why := servers.missing("nginx"):
        print(f"web: {why}")
        return
    with servers.nginx(servers.NGINX_GOOD, redirect=False) as server:
        print(f"\n{REQUESTS} requests, each on a connection of its own, median of {ROUNDS}\n")
        for scheme in ("http", "https"):
            peers = _peers(server, scheme)
            took: dict[str, list[tuple[float, float]]] = {name: [] for name in peers}
            for _ in range(ROUNDS):  # in turn, so that a busy machine is unfair to all
                for name, ask in peers.items():
                    begun, spent = time.perf_counter(), time.process_time()
                    for _ in range(REQUESTS):
                        ask()
                    took[name].append((time.perf_counter() - begun, time.process_time() - spent))
            for name, rounds in took.items():
                wall_s, cpu_s = (statistics.median(one) for one in zip(*rounds, strict=True))
                print(f"  {scheme:5}  {name:12} {wall_s:6.2f} s  {cpu_s:6.2f} s of the processor")
    with servers.nginx("") as server:
        _whole(server)


def _peers(server: Any, scheme: str) -> dict[str, Callable[[], object]]:
    port = server.https_port if scheme == "https" else server.http_port
    trusting = ssl._create_unverified_context()
    direct = _Direct()

    def library() -> None:
        made: http.client.HTTPConnection
        if scheme == "https":
            made = http.client.HTTPSConnection("127.0.0.1", port, context=trusting)
        else:
            made = http.client.HTTPConnection("127.0.0.1", port)
        made.request("GET", "/", headers={"Connection": "close"})
        made.getresponse().read()
        made.close()

    peers: dict[str, Callable[[], object]] = {
        "secaudit": lambda: exchange(direct, "localhost", port, scheme),  # type: ignore[arg-type]
        "http.client": library,
    }
    if importlib.util.find_spec("httpx"):
        httpx: Any = importlib.import_module("httpx")

        def other() -> None:
            with httpx.Client(verify=trusting, headers={"Connection": "close"}) as client:
                client.get(f"{scheme}://127.0.0.1:{port}/")

        peers["httpx"] = other
    return peers


def _whole(server: Any) -> None:
    program = str(Path(sys.executable).parent / "secaudit")
    base = [
        program, "audit", "--site", server.https_url, "--ports", str(server.http_port), "--i-may-scan", "--no-save",
        "--fail-on", "never",
    ]  # fmt: skip
    print("\na whole audit of a site with the settings that nginx comes with\n")
    for name, argv in {"secaudit": base, "secaudit --active": [*base, "--active"]}.items():
        figures = once(argv)
        print(f"  {name:18} {figures.wall_s:6.2f} s  {figures.cpu_s:6.2f} s of the processor  exit {figures.exit_code}")
    nikto = find("nikto") or find("nikto.pl")
    if nikto is None:
        print("  nikto              is not installed")
        return
    begun = time.perf_counter()
    done = subprocess.run([nikto, "-host", server.https_url, "-ask", "no"], capture_output=True, text=True, check=False)
    lines = sum(line.startswith("+") for line in done.stdout.splitlines())
    print(f"  nikto              {time.perf_counter() - begun:6.2f} s  {lines} lines")
