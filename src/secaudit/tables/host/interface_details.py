"""interface_details: the network cards and tunnels. As osquery's table of this name."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table

FOLDER = "/sys/class/net"
IFF_UP = 0x1
IFF_PROMISC = 0x100


class InterfaceDetail(NamedTuple):
    """One interface."""

    interface: str
    mtu: int | None
    flags: int | None
    """netdevice(7)."""
    up: int | None
    promiscuous: int | None
    """1 when it takes packets that are meant for others."""
    bridge_port: int
    """1 when it is part of a bridge or of Open vSwitch, which need promiscuous mode."""
    wireless: int
    virtual: int
    """1 when no hardware is behind it: loopback, tunnels, bridges, containers."""


@table(targets={"host"})
def interface_details(target: Target) -> Iterator[InterfaceDetail]:
    """Yield one row per interface of this network namespace.

    Source: /sys/class/net, sysfs(5), netdevice(7).
    """
    for name in target.listdir(FOLDER):
        folder = f"{FOLDER}/{name}"
        flags = _number(target, f"{folder}/flags")
        if flags is None and not target.exists(f"{folder}/flags"):
            continue  # a file such as bonding_masters, not an interface
        yield InterfaceDetail(
            interface=name,
            mtu=_number(target, f"{folder}/mtu"),
            flags=flags,
            up=None if flags is None else int(bool(flags & IFF_UP)),
            promiscuous=None if flags is None else int(bool(flags & IFF_PROMISC)),
            bridge_port=int(target.exists(f"{folder}/brport") or target.exists(f"{folder}/master")),
            wireless=int(target.exists(f"{folder}/wireless") or target.exists(f"{folder}/phy80211")),
            virtual=int(not target.exists(f"{folder}/device")),
        )


def _number(target: Target, path: str) -> int | None:
    try:
        return int(target.read_text(path).strip(), 0)
    except (OSError, ValueError):
        return None
