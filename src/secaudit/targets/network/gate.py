"""The one door to the network: consent, addresses resolved once, limits, and a record of everything that is sent."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from secaudit.model import Consent
from secaudit.tableapi import FREE_PORTS, Command, DnsReply, Failed, NotCovered, ProgramMissing, Sent, Stopped, TimedOut
from secaudit.targets import command
from secaudit.targets.network import limits
from secaudit.targets.network.consent import NEEDS_ACTIVE, allows, covers
from secaudit.targets.network.names import Resolver
from secaudit.targets.network.portscan import scan
from secaudit.targets.network.ranges import LOOPBACK, PRIVATE, PUBLIC, class_of, is_address
from secaudit.targets.network.wire import SocketWire, outcome_of

T = TypeVar("T")

PROGRAM_LIMIT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Named:
    """What the user named."""

    kind: str
    url: str = ""
    hosts: tuple[str, ...] = ()
    domain: str = ""
    ports: tuple[int, ...] = ()
    selectors: tuple[str, ...] = ()
    assets: tuple[str, ...] | None = None
    engine: str = "own"
    resolver: tuple[str, int] | None = None
    """A DNS server instead of the system's."""


class Gate:
    """`tableapi.Net` over real sockets. All methods may be called from several threads."""

    def __init__(self, named: Named, consent: Consent) -> None:
        self.kind, self.url, self.hosts, self.domain = named.kind, named.url, named.hosts, named.domain
        self.ports, self.selectors, self.assets, self.engine = named.ports, named.selectors, named.assets, named.engine
        self._consent = consent
        self._names = Resolver(named.resolver)
        self._begun = time.monotonic()
        self._lock = threading.Lock()
        self._resolving = threading.Lock()
        self._sent: list[Sent] = []
        self._counts: dict[tuple[str, str, int], int] = {}
        self._next_s: dict[tuple[str, str, int], float] = {}
        self._silent: dict[str, int] = {}
        self._resting: dict[str, str] = {}
        self._pinned: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        self._busy: dict[str, threading.Semaphore] = {}
        self._answers: dict[tuple[str, str], DnsReply] = {}
        self._asking: dict[tuple[str, str], threading.Lock] = {}

    # ------------------------------------------------------------ what is allowed

    @property
    def consent(self) -> Consent:
        """As it was given, with the addresses that were found and how they were seen."""
        with self._lock:
            found = tuple(f"{host}={address}" for host, (good, _) in sorted(self._pinned.items()) for address in good)
        return replace(self._consent, vantage=self.vantage, addresses=found)

    @cached_property
    def vantage(self) -> str:
        """As `tableapi.Net`; found once, since addresses stay what they are."""
        if self.kind == "domain":
            return self._names.vantage
        found = {class_of(address) for host in self.hosts for address in self._resolve(host)[0]}
        for name in (PUBLIC, PRIVATE):
            if name in found:
                return name
        return LOOPBACK if found else PUBLIC

    def may(self, level: str, probe: str = "") -> bool:
        return allows(self._consent, level, probe)

    def require(self, level: str, why: str, probe: str = "") -> None:
        if not self.may(level, probe):
            needs = f"--intrusive {probe}" if level == "intrusive" else NEEDS_ACTIVE
            raise NotCovered(f"{why}; that was not asked for", needs=needs)

    def _refuse_level(self, level: str, what: str) -> None:
        if level == "intrusive" and self._consent.intrusive:
            return  # the table asked for its own probe by `require`
        self.require(level, f"{what} is a question of level {level}")

    def _check_host(self, host: str) -> None:
        own = host in self.hosts or (self.domain and (host == self.domain or host.endswith("." + self.domain)))
        if not own:
            raise NotCovered(f"{host} was not named, so nothing is sent to it")

    # ------------------------------------------------------------ names

    def addresses(self, host: str) -> tuple[str, ...]:
        self._check_host(host)
        good, refused = self._resolve(host)
        if not good and refused:
            raise NotCovered(refused[0])
        if not good:
            raise Failed(f"the name {host} has no address")
        return good

    def _resolve(self, host: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Addresses that the consent covers, and why others are not: looked up once, whatever comes later."""
        with self._resolving:
            if host not in self._pinned:
                good: list[str] = []
                refused: list[str] = []
                for address in self._look_up(host):
                    reason = covers(self._consent, address)
                    (refused if reason else good).append(reason or address)
                with self._lock:
                    self._pinned[host] = (tuple(good), tuple(refused))
            return self._pinned[host]

    def _look_up(self, host: str) -> list[str]:
        if is_address(host):
            return [host]
        if self._names.named:
            found = [record for kind in ("A", "AAAA") for record in self.dns(host, kind).records]
        else:
            begun = time.monotonic()
            found = self._names.of_system(host)
            outcome = "ok" if found else "NXDOMAIN"
            self._note("dns", host, "", 53, f"look up {host}", "passive", outcome, 0, 0, begun)
        return list(dict.fromkeys(found))

    def dns(self, name: str, type: str) -> DnsReply:
        key = (name.lower().rstrip("."), type.upper())
        with self._lock:
            asking = self._asking.setdefault(key, threading.Lock())
        with asking:
            with self._lock:
                known = self._answers.get(key)
            if known is None:
                known = self._ask(*key)
                with self._lock:
                    self._answers[key] = known
            return known

    def _ask(self, name: str, kind: str) -> DnsReply:
        with self._lock:
            silent = self._silent.get("", 0) >= limits.SILENT_IN_A_ROW
        if silent or self._over() or self._spend("dns", "", 0, limits.BUDGETS["dns"]):
            return DnsReply(name, kind, "STOPPED", (), (), authenticated=False, ttl_s=0)
        self._wait(("dns", "", 0), 0 if self._names.vantage == LOOPBACK else 1 / limits.DNS_PER_SECOND)
        begun = time.monotonic()
        reply, out, into = self._names.ask(name, kind)
        self._heard("", silent=reply.code == "TIMEOUT")
        what = f"{kind} {name}"
        self._note(
            "dns", name, self._names.address, self._names.port, what, "passive", reply.code, out, into, begun
        )  # fmt: skip
        return reply

    # ------------------------------------------------------------ connections

    def connect(
        self,
        host: str,
        port: int,
        kind: str,
        what: str,
        level: str = "passive",
        timeout_s: float = 5.0,
        address: str = "",
    ) -> SocketWire:
        self._refuse_level(level, what)
        known = self.addresses(host)
        chosen = address or known[0]
        if chosen not in known:
            raise NotCovered(f"{chosen} is no address of {host}")
        self._admit(kind, host, port)
        busy = self._semaphore(host, chosen)
        if not busy.acquire(timeout=limits.TURN_S):
            raise Stopped(f"no turn within {limits.TURN_S:g} s to connect to {host} again")
        begun = time.monotonic()

        def ended(wire: SocketWire, outcome: str) -> None:
            busy.release()
            self._heard(host, silent=outcome == "timeout" and not wire.received_bytes)
            self._note(kind, host, chosen, port, what, level, outcome, wire.sent_bytes, wire.received_bytes, begun)

        family = socket.AF_INET6 if ":" in chosen else socket.AF_INET
        raw = socket.socket(family, socket.SOCK_STREAM)
        try:
            raw.settimeout(timeout_s)
            raw.connect((chosen, port))
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            raw.close()
            busy.release()
            outcome = outcome_of(error)
            self._heard(host, silent=outcome == "timeout")
            self._note(kind, host, chosen, port, what, level, outcome, 0, 0, begun)
            raise
        return SocketWire(raw, host, chosen, port, begun + timeout_s, ended)

    def scan(self, host: str, ports: Iterable[int], timeout_s: float = 2.0) -> dict[int, str]:
        wanted = sorted(set(ports))
        level = "active" if len(wanted) > FREE_PORTS else "passive"
        self.require(level, f"trying {len(wanted)} ports")
        address = self.addresses(host)[0]
        self._refuse_stopped(host)
        pace = limits.PACES[class_of(address)]
        begun = time.monotonic()
        left_s = limits.TOTAL_S - (begun - self._begun)
        found, complete = scan(address, wanted, timeout_s, pace.ports_per_second, max(0.1, left_s))
        outcome = "ok" if complete else "stopped"
        self._note("port", host, address, 0, f"try {len(found)} ports", level, outcome, 0, 0, begun)
        return found

    def each(self, jobs: Iterable[T], work: Callable[[T], Any]) -> list[Any]:
        todo = list(jobs)
        if len(todo) < 2:
            return [work(job) for job in todo]
        with ThreadPoolExecutor(min(len(todo), limits.PACES[self.vantage].parallel)) as pool:
            waiting = [pool.submit(work, job) for job in todo]
        return [one.result() for one in waiting]

    def back_off(self, host: str, reason: str) -> None:
        with self._lock:
            self._resting.setdefault(host, reason)

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
        self._refuse_level(level, what)
        known = self.addresses(host)
        self._admit(kind, host, port)
        if not any(address in part for address in known for part in (*argv, feed.decode("ascii", "replace"))):
            raise NotCovered(f"{argv[0]} was not told the address that {host} was found at")
        begun = time.monotonic()
        outcome, printed = "ok", 0
        try:
            done = command.run(argv, timeout_s, PROGRAM_LIMIT_BYTES) if not feed else _run_fed(argv, feed, timeout_s)
            printed = len(done.stdout) + len(done.stderr)
        except TimedOut:
            outcome = "timeout"
            raise
        except ProgramMissing:
            outcome = "not sent"
            raise
        finally:
            if outcome != "not sent":
                self._note(kind, host, known[0], port, f"{argv[0]}: {what}", level, outcome, 0, printed, begun)
        return done

    def sent(self) -> tuple[Sent, ...]:
        with self._lock:
            return tuple(one._replace(number=number + 1) for number, one in enumerate(self._sent))

    # ------------------------------------------------------------ limits

    def _admit(self, kind: str, host: str, port: int) -> None:
        """Wait for this connection's turn.

        Raises:
            Stopped: it has none any more.
        """
        self._refuse_stopped(host)
        place = 0 if kind in limits.PER_HOST else port
        if self._spend(kind, host, place, limits.BUDGETS[kind]):
            raise Stopped(f"{limits.BUDGETS[kind]} {kind} connections to {host} are the limit of one audit")
        pace = limits.PACES[self.vantage]
        self._wait(("", host, 0), 1 / pace.per_second if pace.per_second else 0)
        self._wait((kind, host, port), limits.SPACING_S.get(kind, 0) if pace.per_second else 0)

    def _refuse_stopped(self, host: str) -> None:
        if self._over():
            raise Stopped(f"{limits.TOTAL_S:g} seconds are the limit of one audit")
        with self._lock:
            if reason := self._resting.get(host):
                raise Stopped(f"{host} is left alone: {reason}")
            if self._silent.get(host, 0) >= limits.SILENT_IN_A_ROW:
                raise Stopped(f"{host} did not answer {limits.SILENT_IN_A_ROW} times in a row and is left alone")

    def _over(self) -> bool:
        return time.monotonic() - self._begun > limits.TOTAL_S

    def _spend(self, kind: str, host: str, port: int, most: int) -> bool:
        """Count one more; True when the budget was spent before."""
        with self._lock:
            count = self._counts.get((kind, host, port), 0)
            self._counts[kind, host, port] = count + 1
        return count >= most

    def _wait(self, key: tuple[str, str, int], gap_s: float) -> None:
        if not gap_s:
            return
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next_s.get(key, 0))
            self._next_s[key] = turn + gap_s
        time.sleep(turn - now)

    def _semaphore(self, host: str, address: str) -> threading.Semaphore:
        with self._lock:
            return self._busy.setdefault(host, threading.Semaphore(limits.PACES[class_of(address)].parallel))

    def _heard(self, host: str, *, silent: bool) -> None:
        with self._lock:
            self._silent[host] = self._silent.get(host, 0) + 1 if silent else 0

    def _note(
        self,
        kind: str,
        host: str,
        address: str,
        port: int,
        what: str,
        level: str,
        outcome: str,
        out: int,
        into: int,
        begun: float,
    ) -> None:
        started_ms = int((begun - self._begun) * 1000)
        with self._lock:
            self._sent.append(Sent(0, started_ms, kind, host, address, port, what, level, outcome, out, into))


def _run_fed(argv: list[str], feed: bytes, timeout_s: float) -> Command:
    code, printed = command.run_raw(argv, feed, timeout_s, PROGRAM_LIMIT_BYTES)
    return Command(tuple(argv), code, printed.decode("utf-8", "backslashreplace"), "")
