"""ftp_login: whether FTP servers let the account `anonymous` in. It is a login, so it must be asked for by name."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.protocols.services.recognise.ftp import read_reply
from secaudit.tableapi import Absent, Net, Partial, Planned, Stopped, Target, table
from secaudit.tables.network import _open_ports
from secaudit.tables.network._open_ports import WAIT_S, OpenPort, chosen_ports, of_service, open_ports

PROBE = "net-ftp-anonymous"
WHAT = "FTP login as anonymous, then QUIT"
TIMEOUT_S = 20.0
REFUSAL_S = 10.0
"""Servers take their time before they refuse a password."""


class Row(NamedTuple):
    """One FTP server."""

    host: str
    address: str
    port: int
    anonymous: int | None
    """1: it let us in. 0: it refused. NULL: it could not be told."""
    code: str
    """The number of its answer."""


def planned(net: Net) -> Iterator[Planned]:
    """One login for each FTP server that is found."""
    yield from _open_ports.planned(net)
    for host in net.hosts:
        yield Planned("service", host, 0, WHAT, len(chosen_ports(net)), "intrusive")


@table(targets={"network"}, timeout_s=WAIT_S, plan=planned)
def ftp_login(target: Target) -> Iterator[Row]:
    """Yield one row per FTP server. Nothing is listed and nothing is fetched.

    Raises:
        NotCovered: nobody asked for this login.
        Absent: no FTP server answered.
        Partial: one of them did not answer the question.
    """
    net = target.net
    scan = open_ports(target)
    problems = []
    servers = [one for one in of_service(scan, "ftp") if one.method != "port" and not one.tls]
    if servers or scan.problems:
        net.require("intrusive", "logging in as anonymous is a login", probe=PROBE)
    for one in servers:
        try:
            code = _log_in(net, one)
        except (OSError, Stopped) as error:
            code = ""
            problems.append(f"{one.host} port {one.port}: {error}")
        anonymous = {"2": 1, "5": 0}.get(code[:1])
        yield Row(one.host, one.address, one.port, anonymous, code)
    if problems:
        raise Partial("; ".join(problems[:5]))
    scan.check_complete()
    if not servers:
        raise Absent("no FTP server answered")


def _log_in(net: Net, one: OpenPort) -> str:
    with net.connect(one.host, one.port, "service", WHAT, "intrusive", TIMEOUT_S, one.address) as wire:
        if read_reply(wire)[:1] != "2":
            return ""
        wire.send(b"USER anonymous\r\n")
        code = read_reply(wire)[:3]
        if code[:1] == "3":
            wire.send(b"PASS secaudit@\r\n")
            code = read_reply(wire, REFUSAL_S)[:3]
        wire.send(b"QUIT\r\n")
    return code if code.isdigit() else ""
