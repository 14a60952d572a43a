"""ssh_host_keys: the host keys of SSH servers, with their sizes: one connection for each type of key."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.protocols.ssh import kex
from secaudit.protocols.ssh.keyblob import HostKey
from secaudit.tableapi import Net, Planned, Target, table
from secaudit.tables.network import _ssh_servers
from secaudit.tables.network._open_ports import WAIT_S
from secaudit.tables.network._ssh_servers import Server, ask_each, finish, problems_of, servers, ssh_ports

WHAT = "SSH greeting and the start of a key exchange, for a host key"
TIMEOUT_S = 8.0
TYPES = 4
"""Types of keys that are asked for: more connections would look like an attack."""


class Row(NamedTuple):
    """One host key, or a type that the server offers and did not show."""

    host: str
    address: str
    port: int
    type: str
    """ssh-ed25519, ssh-rsa (whatever it signs with), ecdsa-sha2-nistp256, ssh-dss ..."""
    bits: int | None
    """NULL when the key was not shown, or its type is not known."""
    fingerprint: str | None
    """SHA256:..., as `ssh-keygen -l` prints it. NULL when the key was not shown."""


def planned(net: Net) -> Iterator[Planned]:
    """What is sent at most."""
    return _ssh_servers.planned(net, WHAT, TYPES)


@table(targets={"network"}, timeout_s=WAIT_S, plan=planned)
def ssh_host_keys(target: Target) -> Iterator[Row]:
    """Yield one row per type of host key that a server offers. No encryption comes about.

    Source: RFC 4253 section 8.

    Raises:
        NotCovered: nobody asked for active questions.
        Absent: no SSH server answered.
        Partial: a server did not show a key.
    """
    net = target.net
    net.require("active", "each host key needs a connection of its own")
    scan, ports = ssh_ports(target)
    problems = problems_of(ports)

    def ask(server: Server) -> list[Row]:
        port, offer = server
        exchange = kex.choose_kex(offer)
        rows = []
        wanted = kex.key_algorithms(offer)
        for number, (kind, algorithm) in enumerate(wanted.items()):
            shown = None
            if exchange is None:
                problems.append(f"{port.host} port {port.port}: we know none of its key exchanges")
            elif number >= TYPES:
                problems.append(f"{port.host} port {port.port}: more than {TYPES} types of keys")
            else:
                try:
                    with net.connect(port.host, port.port, "ssh", WHAT, "active", TIMEOUT_S, port.address) as wire:
                        shown = kex.ask_host_key(wire, exchange, algorithm)
                except OSError as error:
                    problems.append(f"{port.host} port {port.port}: the key {kind} was not shown ({error})")
            key = shown or HostKey(kind, None, "")
            rows.append(Row(port.host, port.address, port.port, key.type, key.bits, key.fingerprint or None))
        return rows

    yield from ask_each(net, servers(ports), ask, problems)
    finish(scan, problems)
