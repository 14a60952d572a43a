"""ssh_algorithms: what SSH servers offer, in their order, before anything is encrypted."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.network._open_ports import WAIT_S, planned
from secaudit.tables.network._ssh_servers import finish, problems_of, servers, ssh_ports


class Row(NamedTuple):
    """One algorithm of one server."""

    host: str
    address: str
    port: int
    kind: str
    """kex, hostkey, cipher, mac, compression. signal: a name in the list of key exchanges that only tells what else the
    server can do (kex-strict-s-v00@openssh.com, ext-info-s)."""
    direction: str
    """to_server or to_client; empty for kex, hostkey and signal."""
    position: int
    """From 1; the server's wish."""
    name: str


_LISTS = (
    ("kex", ""),
    ("hostkey", ""),
    ("cipher", "to_server"),
    ("cipher", "to_client"),
    ("mac", "to_server"),
    ("mac", "to_client"),
    ("compression", "to_server"),
    ("compression", "to_client"),
)


@table(targets={"network"}, timeout_s=WAIT_S, plan=planned)
def ssh_algorithms(target: Target) -> Iterator[Row]:
    """Yield one row per name in a list. A name that a server repeats is one row.

    Source: RFC 4253 section 7.1 (SSH_MSG_KEXINIT).

    Raises:
        Absent: no SSH server answered.
        Partial: one of them did not tell what it offers.
    """
    scan, ports = ssh_ports(target)
    for port, offer in servers(ports):
        for (kind, direction), names in zip(_LISTS, offer[:8]):  # noqa: B905  Python 3.9
            for position, name in enumerate(dict.fromkeys(names), 1):
                told = "signal" if kind == "kex" and name.startswith(("kex-strict-", "ext-info-")) else kind
                yield Row(port.host, port.address, port.port, told, direction, position, name)
    finish(scan, problems_of(ports))
