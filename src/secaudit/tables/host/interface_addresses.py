"""interface_addresses: under which addresses this machine can be reached. As osquery's table of this name."""

from __future__ import annotations

import json
from typing import Iterator, NamedTuple

from secaudit.tableapi import Failed, ProgramMissing, Target, table
from secaudit.tables.host import _sockets
from secaudit.tables.host._addresses import ipv6_addresses


class InterfaceAddress(NamedTuple):
    """One address of one interface."""

    interface: str
    address: str
    mask: int
    """Bits of the network part."""
    family: str
    """ipv4 or ipv6."""
    address_scope: str
    """loopback, link-local, private or public."""


@table(targets={"host"})
def interface_addresses(target: Target) -> Iterator[InterfaceAddress]:
    """Yield one row per address of this network namespace.

    Source: `ip -j address`, ip-address(8); where ip(8) cannot print JSON, IPv6 comes from /proc/net/if_inet6.

    Raises:
        Failed: the addresses of IPv4 could not be listed (the rows of IPv6 are there).
    """
    try:
        done = target.run(["ip", "-j", "address", "show"])
        links = json.loads(done.stdout) if done.exit_code == 0 else None
    except (ProgramMissing, ValueError):
        links = None
    if not isinstance(links, list):
        for one in ipv6_addresses(target):
            yield _row(one.interface, one.address, one.prefix, "ipv6")
        raise Failed("ip(8) of iproute2, which lists the addresses of IPv4, is not installed")
    for link in links:
        for entry in link.get("addr_info", ()):
            family = {"inet": "ipv4", "inet6": "ipv6"}.get(entry.get("family"))
            if family and "local" in entry:
                yield _row(str(link.get("ifname", "")), str(entry["local"]), int(entry.get("prefixlen", 0)), family)


def _row(interface: str, address: str, mask: int, family: str) -> InterfaceAddress:
    return InterfaceAddress(interface, address, mask, family, _sockets.scope(address))
