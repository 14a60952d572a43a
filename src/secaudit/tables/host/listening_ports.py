"""listening_ports: who listens for the network. As osquery's table of this name, which also lists UNIX sockets."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host import _sockets


class ListeningPort(NamedTuple):
    """One listening TCP socket or unconnected UDP socket."""

    port: int
    protocol: str
    """tcp or udp."""
    family: str
    """ipv4 or ipv6. A socket on `::` most often takes IPv4 as well."""
    address: str
    address_scope: str
    """loopback, link-local, private, multicast, public, or any (all addresses)."""
    pid: int | None
    """NULL when the process belongs to somebody else and this is not root, or when the kernel itself listens."""
    process: str | None
    """Its short name."""
    path: str | None
    """Its program."""
    uid: int | None
    """The user who opened the socket; it is known without root."""


@table(targets={"host"})
def listening_ports(target: Target) -> Iterator[ListeningPort]:
    """Yield one row per listening socket of the network namespace of this audit. Containers have others.

    The rows are complete for every user; only the process stays unknown without root.

    Source: proc_net(5), /proc/net/{tcp,tcp6,udp,udp6}.

    Raises:
        Failed: /proc/net shows nothing.
    """
    sockets = _sockets.listening(target)
    holders = _sockets.holders(target, {socket.inode for socket in sockets})
    for socket in sockets:
        holder = holders.get(socket.inode)
        yield ListeningPort(
            port=socket.port,
            protocol=socket.protocol,
            family=f"ipv{socket.version}",
            address=socket.address,
            address_scope=_sockets.scope(socket.address),
            pid=holder.pid if holder else None,
            process=holder.name if holder else None,
            path=holder.path if holder else None,
            uid=socket.uid,
        )
