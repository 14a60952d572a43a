"""Addresses and routes of the live machine from /proc/net, without any command. Shared by network tables."""

from __future__ import annotations

import ipaddress
import struct
from typing import NamedTuple

from secaudit.tableapi import Target

RTF_UP = 0x1


class Address(NamedTuple):
    """One address of one interface."""

    interface: str
    address: str
    prefix: int


class Route(NamedTuple):
    """One route of IPv4."""

    interface: str
    network: ipaddress.IPv4Network


def ipv6_addresses(target: Target) -> list[Address]:
    """/proc/net/if_inet6; empty when IPv6 is switched off."""
    try:
        text = target.read_text("/proc/net/if_inet6")
    except FileNotFoundError:
        return []
    found: list[Address] = []
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 6:
            found.append(Address(words[5], str(ipaddress.IPv6Address(int(words[0], 16))), int(words[2], 16)))
    return found


def ipv4_routes(target: Target) -> list[Route]:
    """/proc/net/route, the most special routes first."""
    try:
        text = target.read_text("/proc/net/route")
    except FileNotFoundError:
        return []
    found: list[Route] = []
    for line in text.splitlines()[1:]:
        words = line.split()
        if len(words) >= 8 and int(words[3], 16) & RTF_UP:
            network = ipaddress.ip_network(f"{_ipv4(words[1])}/{_ipv4(words[7])}", strict=False)
            if isinstance(network, ipaddress.IPv4Network):
                found.append(Route(words[0], network))
    return sorted(found, key=lambda route: -route.network.prefixlen)


def own_addresses(target: Target, version: int) -> list[str]:
    """The addresses of this machine other than loopback, each once."""
    if version == 6:
        return list(dict.fromkeys(one.address for one in ipv6_addresses(target) if one.interface != "lo"))
    try:
        lines = target.read_text("/proc/net/fib_trie").splitlines()
    except FileNotFoundError:
        return []
    found: dict[str, None] = {}
    for line, following in zip(lines, lines[1:]):  # noqa: B905  Python 3.9
        if "/32 host LOCAL" in following and "|-- " in line:
            address = line.partition("|-- ")[2].strip()
            if not address.startswith("127."):
                found[address] = None
    return list(found)


def outer_interfaces(target: Target) -> frozenset[str]:
    """Where packets from outside may arrive: interfaces with a default route and all that have hardware.

    Without any of them (a container without a way out), all but loopback.
    """
    found = {route.interface for route in ipv4_routes(target) if route.network.prefixlen == 0}
    try:
        text = target.read_text("/proc/net/ipv6_route")
    except FileNotFoundError:
        text = ""
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 10 and words[0] == "0" * 32 and words[1] == "00" and words[9] != "lo":
            found.add(words[9])
    names = [name for name in _interfaces(target) if name != "lo"]
    found.update(name for name in names if target.exists(f"/sys/class/net/{name}/device"))
    return frozenset(found or names)


def _interfaces(target: Target) -> list[str]:
    """/proc/net/dev follows the network namespace, which /sys may not."""
    lines = target.read_text("/proc/net/dev").splitlines()[2:]
    return [line.partition(":")[0].strip() for line in lines if ":" in line]


def _ipv4(text: str) -> str:
    """/proc prints the 32-bit word as the machine stores it."""
    return str(ipaddress.IPv4Address(struct.pack("=I", int(text, 16))))
