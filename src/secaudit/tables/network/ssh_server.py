"""ssh_server: SSH servers as every visitor sees them: their banner."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.protocols.ssh.hello import signals
from secaudit.tableapi import Target, table
from secaudit.tables.network._open_ports import WAIT_S, planned
from secaudit.tables.network._ssh_servers import finish, problems_of, ssh_ports


class Row(NamedTuple):
    """One SSH server."""

    host: str
    address: str
    port: int
    banner: str
    """The whole line, at most 255 bytes."""
    protocol: str | None
    """2.0; 1.99 means version 1 as well; 1.5 means version 1 only. NULL when the banner was broken."""
    software: str
    """`OpenSSH_9.2p1`."""
    product: str
    """`OpenSSH`."""
    version: str
    """`9.2p1`."""
    comments: str
    """What follows the software: often the system's package, `Debian-2+deb12u10`."""
    lines_before: int | None
    """Lines of other text before the banner."""
    strict_kex: int | None
    """1 when it offers strict key exchange (kex-strict-s-v00@openssh.com). NULL when its offer was not seen."""


@table(targets={"network"}, timeout_s=WAIT_S, plan=planned)
def ssh_server(target: Target) -> Iterator[Row]:
    """Yield one row per SSH server that greeted.

    Source: RFC 4253 section 4.2.

    Raises:
        Absent: no SSH server answered.
        Partial: one of them did not go on after its greeting.
    """
    scan, ports = ssh_ports(target)
    for one in ports:
        hello = one.ssh
        greeting = hello.greeting if hello else None
        strict = (
            None
            if hello is None or hello.offer is None
            else int("kex-strict-s-v00@openssh.com" in signals(hello.offer))
        )
        yield Row(
            host=one.host,
            address=one.address,
            port=one.port,
            banner=greeting.banner if greeting else one.banner,
            protocol=greeting.protocol if greeting else None,
            software=greeting.software if greeting else "",
            product=one.product,
            version=one.version,
            comments=greeting.comments if greeting else "",
            lines_before=greeting.lines_before if greeting else None,
            strict_kex=strict,
        )
    finish(scan, [text for text in problems_of(ports) if "version 1 of the protocol only" not in text])
