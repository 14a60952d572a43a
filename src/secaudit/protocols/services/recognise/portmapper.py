"""The port mapper of NFS and NIS. Sources: RFC 1833 (version 2, DUMP), RFC 5531 (records over TCP)."""

from __future__ import annotations

import os

from secaudit.protocols.services.asking import Answer, Place

SERVICES = ("portmapper",)
PORTS = (111,)
PRODUCTS = ()
WHAT = "port mapper DUMP"
ANYWHERE = False
WEB = False
CONNECTIONS = 1

PROGRAMS = {100000: "portmapper", 100003: "nfs", 100004: "ypserv", 100005: "mountd", 100007: "ypbind",
            100021: "nlockmgr", 100024: "status", 100227: "nfs_acl"}  # fmt: skip
"""Source: /etc/rpc of Debian's netbase."""
_LIMIT = 65536


def ask(place: Place) -> Answer | None:
    """Which programs it knows, in the words of rpc(5)."""
    number = os.urandom(4)
    call = number + b"".join(value.to_bytes(4, "big") for value in (0, 2, 100000, 2, 4, 0, 0, 0, 0))
    with place.open() as wire:
        wire.send((0x80000000 | len(call)).to_bytes(4, "big") + call)
        if not wire.ready(place.wait_s):
            return None
        size = int.from_bytes(wire.receive_exactly(4), "big") & 0x7FFFFFFF
        if not 20 <= size <= _LIMIT:
            return None
        reply = wire.receive_exactly(size)
    if reply[:8] != number + (1).to_bytes(4, "big"):
        return None
    if reply[8:12] != bytes(4) or reply[20:24] != bytes(4):
        return Answer("portmapper", 0, "DUMP was refused")
    found: dict[str, None] = {}
    at = 24
    while reply[at : at + 4] == b"\0\0\0\x01" and at + 20 <= len(reply):
        program = int.from_bytes(reply[at + 4 : at + 8], "big")
        found.setdefault(PROGRAMS.get(program, str(program)))
        at += 20
    names = ", ".join(list(found)[:30])
    return Answer("portmapper", 1, f"programs: {names}"[:200], "rpcbind", facts={"programs": names})
