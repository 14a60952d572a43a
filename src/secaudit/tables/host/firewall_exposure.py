"""firewall_exposure: which listening ports a stranger's packet really reaches. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host import _sockets
from secaudit.tables.host._ruleset import load


class FirewallExposure(NamedTuple):
    """One port that listens on something else than loopback."""

    port: int
    protocol: str
    """tcp or udp."""
    family: str
    """ipv4 or ipv6."""
    address: str
    process: str | None
    verdict: str | None
    """New packets from outside: accept, drop, reject, limited (only particular senders or interfaces get through);
    NULL when the rules hold something that we cannot judge."""
    rule: str
    """The rule that decided."""


@table(targets={"host"})
def firewall_exposure(target: Target) -> Iterator[FirewallExposure]:
    """Yield one row per listening port, protocol, family and address that is not loopback.

    A socket on `::` most often takes IPv4 too, so it gives a row for each family, unless the port has its own IPv4
    socket. Ports that NAT sends into a container are judged by the rules for forwarded packets.

    Source: /proc/net, `nft -j list ruleset`, iptables-save(8).

    Raises:
        Denied: only root may list the rules.
        Failed: they are in a form that we do not know.
    """
    machine = load(target)
    sockets = _sockets.listening(target)
    holders = _sockets.holders(target, {socket.inode for socket in sockets})
    own_v4 = {(socket.protocol, socket.port) for socket in sockets if socket.version == 4}
    seen: set[tuple[int, str, int, str]] = set()
    for socket in sorted(sockets, key=lambda one: (one.port, one.protocol, one.version, one.address)):
        scope = _sockets.scope(socket.address)
        if scope in ("loopback", "multicast"):
            continue
        versions = [socket.version]
        if socket.address == "::" and (socket.protocol, socket.port) not in own_v4:
            versions.append(4)
        for version in versions:
            mapped = socket.address.rpartition(":")[2] if socket.address.startswith("::ffff:") else ""
            address = "" if scope == "any" else mapped or socket.address
            key = (socket.port, socket.protocol, 4 if mapped else version, address)
            if key in seen:
                continue
            seen.add(key)
            verdict: str | None = "accept"
            rule = "no packet filter is installed"
            if machine is not None:
                verdict, rule = machine.judge(key[2], socket.protocol, socket.port, address)
            holder = holders.get(socket.inode)
            yield FirewallExposure(
                port=socket.port,
                protocol=socket.protocol,
                family=f"ipv{key[2]}",
                address=socket.address,
                process=holder.name if holder else None,
                verdict=verdict,
                rule=rule,
            )
