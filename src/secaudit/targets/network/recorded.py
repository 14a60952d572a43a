"""One table's view of the gate: what it sent is a source of its rows, and its deadline is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from secaudit.tableapi import Command, DnsReply, Net, Sent, Wire

T = TypeVar("T")


class RecordedNet:
    """`tableapi.Net`, with a source noted for each thing sent."""

    def __init__(self, net: Net, note: Callable[[str], None], check_deadline: Callable[[], None]) -> None:
        self._net = net
        self._note = note
        self._check_deadline = check_deadline
        self.kind, self.url, self.hosts, self.domain = net.kind, net.url, net.hosts, net.domain
        self.ports, self.selectors, self.assets, self.engine = net.ports, net.selectors, net.assets, net.engine

    @property
    def vantage(self) -> str:
        return self._net.vantage

    def may(self, level: str, probe: str = "") -> bool:
        return self._net.may(level, probe)

    def require(self, level: str, why: str, probe: str = "") -> None:
        self._net.require(level, why, probe)

    def addresses(self, host: str) -> tuple[str, ...]:
        return self._net.addresses(host)

    def connect(
        self,
        host: str,
        port: int,
        kind: str,
        what: str,
        level: str = "passive",
        timeout_s: float = 5.0,
        address: str = "",
    ) -> Wire:
        self._check_deadline()
        self._note(f"{host}:{port} {what}")
        return self._net.connect(host, port, kind, what, level, timeout_s, address)

    def scan(self, host: str, ports: Iterable[int], timeout_s: float = 2.0) -> dict[int, str]:
        self._check_deadline()
        wanted = sorted(set(ports))
        self._note(f"{host} {len(wanted)} ports")
        return self._net.scan(host, wanted, timeout_s)

    def dns(self, name: str, type: str) -> DnsReply:
        self._check_deadline()
        self._note(f"DNS {type} {name}")
        return self._net.dns(name, type)

    def each(self, jobs: Iterable[T], work: Callable[[T], Any]) -> list[Any]:
        return self._net.each(jobs, work)

    def back_off(self, host: str, reason: str) -> None:
        self._net.back_off(host, reason)

    def run(
        self,
        argv: list[str],
        host: str,
        port: int,
        kind: str,
        what: str,
        level: str,
        timeout_s: float,
        feed: bytes = b"",
    ) -> Command:
        self._check_deadline()
        self._note(f"{host}:{port} {argv[0]}: {what}")
        return self._net.run(argv, host, port, kind, what, level, timeout_s, feed)

    def sent(self) -> tuple[Sent, ...]:
        return self._net.sent()
