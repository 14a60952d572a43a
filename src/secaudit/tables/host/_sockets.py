"""Listening TCP and UDP sockets of /proc/net, and which process holds them. Shared by all tables about open ports."""

from __future__ import annotations

import ipaddress
import struct
from typing import NamedTuple

from secaudit.tableapi import Failed, Target

TCP_LISTEN = "0A"
UDP_UNCONNECTED = "07"
FILES = (("tcp", 4), ("tcp6", 6), ("udp", 4), ("udp6", 6))
LIMIT_BYTES = 64 * 1024 * 1024
"""A busy server with 300,000 connections has 45 MB in /proc/net/tcp."""


class Socket(NamedTuple):
    """One socket that takes connections or datagrams from anyone."""

    protocol: str
    """tcp or udp."""
    version: int
    """4 or 6."""
    address: str
    port: int
    uid: int | None
    inode: int


def listening(target: Target) -> list[Socket]:
    """Give all listening sockets of this network namespace.

    Raises:
        Failed: /proc/net shows none of the four lists.
    """
    found: list[Socket] = []
    lists = 0
    for name, version in FILES:
        try:
            text = target.read_text(f"/proc/net/{name}", limit_bytes=LIMIT_BYTES)
        except FileNotFoundError:  # IPv6 is switched off
            continue
        lists += 1
        protocol = name[:3]
        wanted = TCP_LISTEN if protocol == "tcp" else UDP_UNCONNECTED
        for line in text.splitlines()[1:]:
            if f" {wanted} " not in line:
                continue
            fields = line.split()
            if len(fields) < 10 or fields[3] != wanted:
                continue
            address, _, port = fields[1].rpartition(":")
            found.append(
                Socket(
                    protocol,
                    version,
                    _address(address),
                    int(port, 16),
                    int(fields[7]) if fields[7].isdigit() else None,
                    int(fields[9]) if fields[9].isdigit() else 0,
                )
            )
    if not lists:
        raise Failed("/proc/net does not show the sockets of this machine")
    return found


def _address(text: str) -> str:
    """/proc prints each 32-bit word as the machine stores it."""
    words = [int(text[start : start + 8], 16) for start in range(0, len(text), 8)]
    return str(ipaddress.ip_address(struct.pack(f"={len(words)}I", *words)))


def scope(address: str) -> str:
    """Who can send to this address: loopback, link-local, private, multicast, public, or any (all addresses)."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if found.is_unspecified:
        return "any"
    if found.is_loopback:
        return "loopback"
    if found.is_multicast:
        return "multicast"
    if found.is_link_local:
        return "link-local"
    # 100.64/10 is shared behind a provider's NAT (RFC 6598) and used by private overlays
    carrier = isinstance(found, ipaddress.IPv4Address) and found in ipaddress.ip_network("100.64.0.0/10")
    return "private" if found.is_private or carrier else "public"


class Holder(NamedTuple):
    """The process that holds a socket."""

    pid: int
    name: str
    path: str | None


def holders(target: Target, inodes: set[int]) -> dict[int, Holder]:
    """Find the processes of the given sockets; those of other users are found only as root.

    Folders of other users are not even opened, so that an ordinary user's audit stays cheap, and the search ends when
    all are found. When several processes share a socket, the lowest number is given: it is the one that opened it.
    """
    wanted = {f"socket:[{inode}]": inode for inode in inodes if inode}
    found: dict[int, Holder] = {}
    try:
        me = target.stat("/proc/self").uid
        pids = sorted(int(name) for name in target.listdir("/proc") if name.isdigit())
    except OSError:
        return found
    for pid in pids:
        if len(found) == len(wanted):
            break
        folder = f"/proc/{pid}"
        try:
            if not target.is_root and target.stat(folder).uid != me:
                continue
            names = target.listdir(f"{folder}/fd")
        except OSError:  # it has ended, or is not ours to see
            continue
        for name in names:
            try:
                inode = wanted.get(target.readlink(f"{folder}/fd/{name}"))
            except OSError:
                continue
            if inode is not None and inode not in found:
                found[inode] = _holder(target, pid)
    return found


def _holder(target: Target, pid: int) -> Holder:
    try:
        name = target.read_text(f"/proc/{pid}/comm").rstrip("\n")
    except OSError:
        name = ""
    try:
        path: str | None = target.readlink(f"/proc/{pid}/exe")
    except OSError:
        path = None
    return Holder(pid, name, path)
