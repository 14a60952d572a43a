"""ssh_auth_methods: by which proofs SSH servers let people in, asked by the installed ssh program."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.protocols.ssh import login
from secaudit.tableapi import Net, Partial, Planned, ProgramMissing, Target, TimedOut, table
from secaudit.tables.network import _open_ports
from secaudit.tables.network._open_ports import WAIT_S
from secaudit.tables.network._ssh_servers import Server, ask_each, finish, problems_of, servers, ssh_ports

WHAT = "login with the method none"
ANSWER_S = 8


class Row(NamedTuple):
    """One way to log in that a server offers, or a server that did not tell."""

    host: str
    address: str
    port: int
    method: str | None
    """publickey, password, keyboard-interactive, hostbased, gssapi-with-mic ... `none`: it lets everybody in.
    NULL: it did not tell."""


def planned(net: Net) -> Iterator[Planned]:
    """What is sent at most."""
    yield from _open_ports.planned(net)
    for host in net.hosts:
        count = len(_open_ports.chosen_ports(net))
        yield Planned("ssh", host, 0, f"ssh: {WHAT}", count, "active")


@table(targets={"network"}, timeout_s=WAIT_S, plan=planned)
def ssh_auth_methods(target: Target) -> Iterator[Row]:
    """Yield one row per method. The account `secaudit` is asked for, so it stands in the server's log.

    Source: RFC 4252 section 5.2. Other accounts may have other methods.

    Raises:
        NotCovered: nobody asked for active questions.
        Absent: no SSH server answered.
        Partial: the ssh program is missing, or a server did not answer.
    """
    net = target.net
    net.require("active", "the ways to log in are asked with the name of an account")
    scan, ports = ssh_ports(target)
    problems = problems_of(ports)

    def ask(server: Server) -> list[Row]:
        port, offer = server
        found = None
        argv = login.command(port.address, port.port, ANSWER_S, offer)
        try:
            done = net.run(argv, port.host, port.port, "ssh", WHAT, "active", ANSWER_S * 2.0)
            found = login.read_methods(done.stderr)
            if found is None:
                problems.append(f"{port.host} port {port.port}: {login.problem(done.stderr)}")
        except ProgramMissing:
            problems.append("the program ssh is not installed here")
        except TimedOut:
            problems.append(f"{port.host} port {port.port}: no answer within {ANSWER_S * 2} s")
        names: tuple[str | None, ...] = (None,) if found is None else ("none",) if found.open else found.names
        return [Row(port.host, port.address, port.port, name) for name in names]

    yield from ask_each(net, servers(ports), ask, problems)
    if "the program ssh is not installed here" in problems:
        raise Partial("the program ssh is not installed here")
    finish(scan, problems)
