"""ssh_group_exchange: which sizes SSH servers give when a client asks for a Diffie-Hellman group."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.protocols.ssh import kex
from secaudit.tableapi import Absent, Net, Planned, Target, table
from secaudit.tables.network import _ssh_servers
from secaudit.tables.network._open_ports import WAIT_S
from secaudit.tables.network._ssh_servers import Server, ask_each, finish, problems_of, servers, ssh_ports

WHAT = "SSH greeting and a request for a group"
TIMEOUT_S = 8.0
REQUESTS = ((1024, 1024, 1536), (1024, 1024, 8192))
"""Least, wanted, most bits: a client that takes weak groups only, and one that takes any."""


class Row(NamedTuple):
    """The answer to one request."""

    host: str
    address: str
    port: int
    method: str
    """diffie-hellman-group-exchange-sha256 or -sha1."""
    least_bits: int
    """The smallest that was asked for."""
    most_bits: int
    modulus_bits: int | None
    """Size of the group that it gave. NULL when it gave none."""
    refused: int | None
    """1 when it ended the connection instead. NULL when no answer came."""


def planned(net: Net) -> Iterator[Planned]:
    """What is sent at most."""
    return _ssh_servers.planned(net, WHAT, len(REQUESTS))


@table(targets={"network"}, timeout_s=WAIT_S, plan=planned)
def ssh_group_exchange(target: Target) -> Iterator[Row]:
    """Yield one row per request, for servers that offer group exchange.

    Source: RFC 4419.

    Raises:
        NotCovered: nobody asked for active questions.
        Absent: no SSH server offers group exchange.
        Partial: a server did not answer.
    """
    net = target.net
    net.require("active", "the size of groups needs connections of its own")
    scan, ports = ssh_ports(target)
    problems = problems_of(ports)

    def ask(server: Server) -> list[Row]:
        port, offer = server
        method = next((name for name in kex.GEX if name in offer.kex), "")
        if not method or not offer.host_keys:
            return []
        groups: list[kex.Group | None] = []
        for least, wanted, most in REQUESTS:
            group = None
            try:
                with net.connect(port.host, port.port, "ssh", WHAT, "active", TIMEOUT_S, port.address) as wire:
                    group = kex.ask_group(wire, method, offer.host_keys[0], least, wanted, most)
            except OSError as error:
                problems.append(f"{port.host} port {port.port}: the request for a group was not answered ({error})")
            groups.append(group)
        if groups[-1] == kex.Group(None, kex.CLOSED):
            # it hangs up on a request that every server can meet, so hanging up is no refusal here
            problems.append(f"{port.host} port {port.port}: it ends each connection that asks for a group")
            groups = [None if group is not None and group.refused == kex.CLOSED else group for group in groups]
        return [
            Row(
                port.host,
                port.address,
                port.port,
                method,
                least,
                most,
                modulus_bits=group.bits if group else None,
                refused=int(bool(group.refused)) if group else None,
            )
            for (least, _, most), group in zip(REQUESTS, groups)  # noqa: B905  Python 3.9
        ]

    count = 0
    for row in ask_each(net, servers(ports), ask, problems):
        count += 1
        yield row
    finish(scan, problems)
    if not count:
        raise Absent("no SSH server offers group exchange")
