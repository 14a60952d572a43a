"""scan_ports: ports that answer over the network, and who answers there. Osquery asks the machine itself instead."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import FREE_PORTS, Absent, Net, Planned, Target, table
from secaudit.tables.network import _asked, _open_ports
from secaudit.tables.network._open_ports import WAIT_S, chosen_ports, open_ports


class Row(NamedTuple):
    """One open port; also a port of another state when the user named it."""

    host: str
    """As the user named it."""
    address: str
    port: int
    protocol: str
    """tcp."""
    state: str
    """open, closed (refused), filtered (no answer)."""
    service: str
    """ssh, http, redis ...; empty when not known."""
    method: str
    """How it was told: banner, http, tls, nmap, asked (in its own protocol, with `--active`). port: by the number only,
    which proves nothing. Empty: not known."""
    product: str
    version: str
    banner: str
    """Its first line; signs that cannot be shown are escapes."""
    tls: int | None
    """1: TLS from the first byte on. 0: it answers in the clear. NULL: it said nothing to either question."""


def planned(net: Net) -> Iterator[Planned]:
    """With `--active`, services are also told by questions of their own protocols."""
    return _asked.planned(net) if net.may(_asked.LEVEL) else _open_ports.planned(net)


@table(targets={"network"}, timeout_s=WAIT_S, plan=planned)
def scan_ports(target: Target) -> Iterator[Row]:
    """Yield one row per open port of the first address of each host, and for ports that the user named in any state.

    Without `--ports` these are 64 common ones, and with `--active` all below 1025 and the usual ones above.
    Only TCP. Services are told by their banner, by their answer to a page request, or by TLS; ports of printers and of
    machine controls are opened and sent nothing.

    Raises:
        Absent: no port is open.
        Partial: a host or a port could not be looked at.
    """
    scan = open_ports(target)
    net = target.net
    named = set(net.ports) if len(net.ports) <= FREE_PORTS else set()
    known = {(one.host, one.port): one for one in scan.ports}
    if net.may(_asked.LEVEL):
        for port_asked, answer in _asked.asked(target)[1]:
            product, version = answer.product or port_asked.product, answer.version or port_asked.version
            better = port_asked._replace(service=answer.service, method="asked", product=product, version=version)
            known[port_asked.host, port_asked.port] = better
    count = 0
    for host in scan.hosts:
        for port, state in sorted(host.states.items()):
            one = known.get((host.host, port))
            if one is not None:
                count += 1
                yield Row(host.host, host.address, port, "tcp", state, *one[3:9])
            elif port in named:
                yield Row(host.host, host.address, port, "tcp", state, "", "", "", "", "", None)
    scan.check_complete()
    if not count:
        raise Absent(f"none of the {len(chosen_ports(net))} ports is open")
