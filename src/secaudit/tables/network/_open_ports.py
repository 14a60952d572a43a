"""The open ports of the hosts, each with who answers there: looked for once, for all tables that need it.

`open_ports(target)` gives a `Scan`, whose `ports` are `OpenPort`s: host, address, port, service, how it was told,
product, version, banner, `tls` (1: TLS from the first byte on, 0: it answered in the clear, None: it said nothing), and
for SSH its hello. So the TLS endpoints of the hosts are `[one for one in open_ports(target).ports if one.tls]`; those
that begin in the clear and may go over to TLS are known by `service` (smtp, imap, pop3, ftp, postgresql, mysql ...).

Tables that use it have `plan=planned` of this module in their plan.
"""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

from secaudit.protocols.services import guess
from secaudit.protocols.services.ports import COMMON, wide
from secaudit.protocols.ssh.hello import Hello
from secaudit.tableapi import FREE_PORTS, Failed, Net, NotCovered, Partial, Planned, Stopped, TableProblem, Target, Wire
from secaudit.tables.network import _nmap

SCAN_TIMEOUT_S = {"loopback": 1.0, "private": 1.0, "public": 2.5}
SERVICE_TIMEOUT_S = 8.0
WAIT_S = 300.0
"""The time that tables which use this need at most."""
PROBLEMS_LIMIT = 5


class OpenPort(NamedTuple):
    """One open port and who answers there."""

    host: str
    """As the user named it."""
    address: str
    port: int
    service: str
    """ssh, http, redis ...; empty when not known."""
    method: str
    """banner, http, tls, nmap: the service said so. port: the number only. Empty: not known."""
    product: str
    version: str
    banner: str
    tls: int | None
    ssh: Hello | None


class Host(NamedTuple):
    """What was found at the first address of one host."""

    host: str
    address: str
    states: dict[int, str]
    """Port -> open, closed or filtered."""
    complete: bool
    """All ports were tried."""


class Scan(NamedTuple):
    """What was found on all hosts."""

    hosts: tuple[Host, ...]
    ports: tuple[OpenPort, ...]
    problems: tuple[str, ...]
    """Why some of it is missing."""

    def check_complete(self) -> None:
        """Raise Partial when something is missing."""
        if self.problems:
            more = len(self.problems) - PROBLEMS_LIMIT
            tail = f"; and {more} more" if more > 0 else ""
            raise Partial("; ".join(self.problems[:PROBLEMS_LIMIT]) + tail)


def chosen_ports(net: Net) -> tuple[int, ...]:
    """Those that the user named; else 64 common ones, and with `--active` about 1,200."""
    if net.ports:
        return net.ports
    return wide() if net.may("active") else COMMON


def planned(net: Net) -> Iterator[Planned]:
    """What looking for open ports sends at most."""
    ports = chosen_ports(net)
    level = "active" if len(ports) > FREE_PORTS else "passive"
    for host in net.hosts:
        if net.engine == "nmap":
            yield from _nmap.planned(host, ports)
        else:
            yield Planned("port", host, 0, f"try {len(ports)} ports", 1, level)
        for what in guess.WHATS:
            yield Planned("service", host, 0, what, len(ports), "passive")


def open_ports(target: Target) -> Scan:
    """Find the open ports, once in an audit."""
    return target.shared("open-ports", _look)


def _look(target: Target) -> Scan:
    net = target.net
    ports = chosen_ports(net)
    if len(ports) > FREE_PORTS:
        net.require("active", f"trying {len(ports)} ports")
    problems: list[str] = []
    hosts: list[Host] = []
    refused: list[NotCovered] = []
    told: dict[tuple[str, int], _nmap.Service] = {}

    def scan(host: str) -> Host | TableProblem | OSError:
        try:
            address = net.addresses(host)[0]
            if net.engine == "nmap":
                found = _nmap.scan(net, host, address, ports)
                told.update({(host, port): service for port, service in found.services.items()})
                states, complete = found.states, found.complete
            else:
                states = net.scan(host, ports, SCAN_TIMEOUT_S[net.vantage])
                complete = len(states) == len(ports)
        except (NotCovered, Failed, Stopped, OSError) as error:
            return error
        target.tell(f"{sum(state == 'open' for state in states.values())} open ports at {host}")
        return Host(host, address, states, complete)

    for host, found in zip(net.hosts, net.each(net.hosts, scan)):  # noqa: B905  Python 3.9
        if isinstance(found, Host):
            hosts.append(found)
            if not found.complete:
                problems.append(f"{host}: only {len(found.states)} of {len(ports)} ports were tried")
            continue
        if isinstance(found, NotCovered):
            refused.append(found)
        problems.append(f"{host}: {found}")
    if refused and not hosts:
        raise refused[0]
    places = [(one, port) for one in hosts for port, state in sorted(one.states.items()) if state == "open"]
    target.tell(f"who answers at {len(places)} open ports")
    results = net.each(places, lambda place: _identify(net, *place, told.get((place[0].host, place[1]))))
    for _, problem in results:
        if problem:
            problems.append(problem)
    return Scan(tuple(hosts), tuple(port for port, _ in results), tuple(problems))


def _identify(net: Net, one: Host, port: int, by_nmap: _nmap.Service | None) -> tuple[OpenPort, str]:
    def connect(what: str) -> Wire:
        return net.connect(one.host, port, "service", what, "passive", SERVICE_TIMEOUT_S, one.address)

    problem = ""
    try:
        found = guess.identify(port, connect)
        if found.problem:
            problem = f"{one.host} port {port}: {found.problem}"
    except TableProblem as error:
        problem = f"{one.host} port {port}: {error}"
        found = guess.Found("", "", "", "", "", None, None, "")
    service, method, product, version = found.service, found.method, found.product, found.version
    secure = found.tls
    if by_nmap is not None and by_nmap.certain:
        if method in ("", "port"):
            service, method = by_nmap.name or service, "nmap"
        product, version = product or by_nmap.product, version or by_nmap.version
        if secure is None and by_nmap.tunnel == "ssl":
            secure = 1
    return OpenPort(
        one.host, one.address, port, service, method, product, version, found.banner, secure, found.ssh
    ), problem


def of_service(scan: Scan, *services: str) -> tuple[OpenPort, ...]:
    """The open ports where one of these services answered."""
    return tuple(one for one in scan.ports if one.service in services)


def each_place(net: Net, ports: Iterable[OpenPort]) -> dict[str, list[OpenPort]]:
    """The ports by host, for work that must be one after another on each host."""
    found: dict[str, list[OpenPort]] = {}
    for one in ports:
        found.setdefault(one.host, []).append(one)
    return found
