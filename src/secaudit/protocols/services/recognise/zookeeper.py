"""ZooKeeper. Source: ZooKeeper Administrator's Guide, "The Four Letter Words"."""

from __future__ import annotations

import re

from secaudit.protocols.services.asking import Answer, Place

SERVICES = ("zookeeper",)
PORTS = (2181, 2281)
PRODUCTS = ()
WHAT = "ZooKeeper srvr, and a session that reads /"
ANYWHERE = True
WEB = False
CONNECTIONS = 2

_VERSION = re.compile(rb"Zookeeper version: ([0-9][0-9A-Za-z.]{0,20})")
_SESSION = bytes(4) + bytes(8) + (4000).to_bytes(4, "big") + bytes(8) + (16).to_bytes(4, "big") + bytes(16) + b"\0"
_LIST = (1).to_bytes(4, "big") + (8).to_bytes(4, "big") + (1).to_bytes(4, "big") + b"/" + b"\0"
_LEAVE = (2).to_bytes(4, "big") + (-11).to_bytes(4, "big", signed=True)
_NO_LOGIN = (-102, -115, -124)
"""NoAuth, AuthFailed, SessionClosedRequireSaslAuth: org.apache.zookeeper.KeeperException.Code."""


def ask(place: Place) -> Answer | None:
    """List the first level: its names are counted, and not kept."""
    with place.open() as wire:
        wire.send(b"srvr")
        status = wire.receive(4096) if wire.ready(place.wait_s) else b""
    match = _VERSION.search(status)
    if match is None and b"is not executed because it is not in the whitelist" not in status:
        return None
    version = match[1].decode() if match else ""
    with place.open() as wire:
        wire.send(len(_SESSION).to_bytes(4, "big") + _SESSION)
        size = int.from_bytes(wire.receive_exactly(4), "big")
        if not 36 <= size <= 64:
            return Answer("zookeeper", None, "", "ZooKeeper", version, problem="no session was given")
        wire.receive_exactly(size)
        wire.send(len(_LIST).to_bytes(4, "big") + _LIST)
        reply = wire.receive_exactly(20)
        code = int.from_bytes(reply[16:20], "big", signed=True)
        wire.send(len(_LEAVE).to_bytes(4, "big") + _LEAVE)
    if code == 0:
        return Answer("zookeeper", 1, "the list of / was given", "ZooKeeper", version)
    if code in _NO_LOGIN:
        return Answer("zookeeper", 0, f"the list of / was refused with code {code}", "ZooKeeper", version)
    return Answer("zookeeper", None, "", "ZooKeeper", version, problem=f"the list of / ended with code {code}")
