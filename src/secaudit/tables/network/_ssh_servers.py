"""The SSH servers among the open ports, for the tables about them."""

from __future__ import annotations

from typing import Callable, Iterator, NamedTuple, TypeVar

from secaudit.protocols.ssh.hello import Offer
from secaudit.tableapi import Absent, Net, Partial, Planned, Stopped, TableProblem, Target
from secaudit.tables.network import _open_ports
from secaudit.tables.network._open_ports import OpenPort, Scan, chosen_ports, each_place, of_service, open_ports

T = TypeVar("T")


class Server(NamedTuple):
    """One SSH server that told what it offers."""

    port: OpenPort
    offer: Offer


def ssh_ports(target: Target) -> tuple[Scan, tuple[OpenPort, ...]]:
    """The open ports where an SSH server greeted.

    Raises:
        Absent: none did, and all ports could be looked at.
    """
    scan = open_ports(target)
    found = tuple(one for one in of_service(scan, "ssh") if one.method != "port")
    if not found:
        scan.check_complete()
        raise Absent("no SSH server answered at the ports that were tried")
    return scan, found


def problems_of(ports: tuple[OpenPort, ...]) -> list[str]:
    """Why some of them did not tell what they offer."""
    return [
        f"{one.host} port {one.port}: {one.ssh.problem if one.ssh else 'the greeting was broken'}"
        for one in ports
        if one.ssh is None or one.ssh.offer is None
    ]


def servers(ports: tuple[OpenPort, ...]) -> tuple[Server, ...]:
    """Those that told what they offer."""
    return tuple(Server(one, one.ssh.offer) for one in ports if one.ssh is not None and one.ssh.offer is not None)


def finish(scan: Scan, problems: list[str]) -> None:
    """Raise Partial when something is missing."""
    if problems:
        raise Partial("; ".join(problems[:5]))
    scan.check_complete()


def planned(net: Net, what: str, each: int) -> Iterator[Planned]:
    """What a table that asks SSH servers sends at most."""
    yield from _open_ports.planned(net)
    for host in net.hosts:
        yield Planned("ssh", host, 0, what, each * len(chosen_ports(net)), "active")


def ask_each(net: Net, found: tuple[Server, ...], ask: Callable[[Server], list[T]], problems: list[str]) -> Iterator[T]:
    """What `ask` gives for each server: several hosts at the same time, the ports of one host one after the other."""
    by_host = each_place(net, [one.port for one in found])
    offers = {one.port: one.offer for one in found}

    def work(ports: list[OpenPort]) -> tuple[list[T], list[str]]:
        rows: list[T] = []
        wrong: list[str] = []
        for port in ports:
            try:
                rows += ask(Server(port, offers[port]))
            except (OSError, Stopped) as error:
                wrong.append(f"{port.host} port {port.port}: {error}")
            except TableProblem as error:
                wrong.append(f"{port.host} port {port.port}: {error}")
        return rows, wrong

    for rows, wrong in net.each(by_host.values(), work):
        problems += wrong
        yield from rows
