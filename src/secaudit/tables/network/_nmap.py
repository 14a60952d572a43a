"""Ports and services by nmap, when the user asks for this engine and it is installed.

What reaches nmap: an address that the gate resolved and that `ipaddress` wrote back, ports made from numbers, and one
of the fixed lists of options below. No text of the user or of a target is ever an argument.
"""

from __future__ import annotations

import ipaddress
from typing import Iterable, Iterator, NamedTuple

from secaudit.protocols.services import nmap_xml
from secaudit.tableapi import FREE_PORTS, Failed, Net, Planned, ProgramMissing, TimedOut

PROFILES = {
    "ports": ("-sT",),
    "services": ("-sT", "-sV", "--version-light"),
}
"""Connect scans only: they need no rights. No script is run."""
ALWAYS = ("-n", "-Pn", "--no-stylesheet", "--host-timeout", "240s", "--max-retries", "2", "-oX", "-")
TIMEOUT_S = 270.0


class Service(NamedTuple):
    """What nmap says about one open port."""

    name: str
    product: str
    version: str
    tunnel: str
    certain: bool
    """It asked, and did not go by the number."""


class Result(NamedTuple):
    """What nmap found on one host."""

    states: dict[int, str]
    services: dict[int, Service]
    complete: bool


_NAMES = {"domain": "dns", "mongod": "mongodb", "ms-sql-s": "mssql", "ms-wbt-server": "rdp", "microsoft-ds": "smb",
          "netbios-ssn": "smb", "rpcbind": "portmapper", "X11": "x11", "https": "http", "http-proxy": "http",
          "ssl": ""}  # fmt: skip
"""nmap's names of services -> ours, where they differ."""


def profile(net: Net) -> str:
    """Asking for versions is more than one visitor does."""
    return "services" if net.may("active") else "ports"


def words(name: str, count: int) -> str:
    """The words under which a run is planned and written down."""
    return f"nmap {' '.join(PROFILES[name])} over {count} ports"


def planned(host: str, ports: Iterable[int]) -> Iterator[Planned]:
    """What a scan of one host by nmap sends at most."""
    count = len(tuple(ports))
    for name in PROFILES:
        active = name == "services" or count > FREE_PORTS
        yield Planned("service", host, 0, f"nmap: {words(name, count)}", 1, "active" if active else "passive")


def arguments(name: str, address: str, ports: Iterable[int]) -> list[str]:
    """The whole command line.

    Raises:
        ValueError: the address is none, or a port is none.
    """
    known = ipaddress.ip_address(address)
    numbers = [int(port) for port in ports]
    if not numbers or not all(0 < number < 65536 for number in numbers):
        raise ValueError("ports are numbers from 1 to 65535")
    version = ["-6"] if known.version == 6 else []
    return ["nmap", *version, *ALWAYS, *PROFILES[name], "-p", _ranges(sorted(set(numbers))), str(known)]


def _ranges(numbers: list[int]) -> str:
    """`1-1024,1433`: as short as it can be said."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)


def scan(net: Net, host: str, address: str, ports: tuple[int, ...]) -> Result:
    """Let nmap look at one host.

    Raises:
        Failed: nmap is missing, or what it printed cannot be read.
    """
    name = profile(net)
    argv = arguments(name, address, ports)
    level = "active" if name == "services" or len(ports) > FREE_PORTS else "passive"
    try:
        done = net.run(argv, host, 0, "service", words(name, len(ports)), level, TIMEOUT_S)
    except ProgramMissing:
        raise Failed("nmap is not installed; leave out --engine nmap, or install it") from None
    except TimedOut:
        raise Failed(f"nmap took longer than {TIMEOUT_S:g} s") from None
    return result_of(done.stdout.encode("utf-8", "backslashreplace"), address, ports)


def result_of(xml: bytes, address: str, ports: tuple[int, ...]) -> Result:
    """What the document says about one address.

    Raises:
        Failed: it cannot be read, or says nothing about it.
    """
    try:
        document = nmap_xml.read(xml)
    except nmap_xml.Refused as error:
        raise Failed(f"what nmap printed cannot be read: {error}") from error
    states: dict[int, str] = {}
    services: dict[int, Service] = {}
    complete = document.complete
    found = [one for one in document.hosts if address in one.addresses]
    if not found:
        raise Failed(f"nmap says nothing about {address} ({document.problem or 'no such host in its output'})")
    for one in found:
        complete = complete and not one.timed_out
        for port in one.ports:
            if port.protocol != "tcp":
                continue
            states[port.port] = port.state if port.state in ("open", "closed") else "filtered"
            if port.state == "open" and port.method:
                name = _NAMES.get(port.service, port.service)
                certain = port.method == "probed" and port.service != "tcpwrapped"
                services[port.port] = Service(name, port.product, port.version, port.tunnel, certain)
        if complete and len(one.others) == 1:  # all that are not listed have this one state
            state = "closed" if one.others[0][0] == "closed" else "filtered"
            states.update({port: state for port in ports if port not in states})
    return Result(states, services, complete and len(states) >= len(ports))
