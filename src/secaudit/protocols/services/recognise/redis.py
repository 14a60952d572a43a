"""Redis, Valkey and what speaks like them. Source: https://redis.io/docs/latest/develop/reference/protocol-spec/."""

from __future__ import annotations

import re

from secaudit.protocols.services.asking import Answer, Place

SERVICES = ("redis",)
PORTS = (6379, 6380)
PRODUCTS = ()
WHAT = "Redis PING, INFO server"
ANYWHERE = True
WEB = False
CONNECTIONS = 1

_PING = b"*1\r\n$4\r\nPING\r\n"
_INFO = b"*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n"
_VERSION = re.compile(rb"^(redis|valkey)_version:([0-9][0-9A-Za-z.-]{0,30})", re.MULTILINE)


def ask(place: Place) -> Answer | None:
    """PING is refused by a server that wants a password (NOAUTH) or that is in protected mode (DENIED)."""
    with place.open() as wire:
        wire.send(_PING)
        if not wire.ready(place.wait_s):
            return None
        reply = wire.receive(512)
        if reply.startswith((b"-NOAUTH", b"-NOPERM", b"-DENIED", b"-ERR operation not permitted")):
            return Answer("redis", 0, reply[1:60].decode("ascii", "replace").split("\r")[0], "Redis")
        if reply.startswith(b"-LOADING"):
            return Answer("redis", None, "", "Redis", problem="it is loading its data")
        if not reply.startswith(b"+PONG\r\n"):
            return None
        wire.send(_INFO)
        info = wire.receive(16384) if wire.ready(place.wait_s) else b""
    found = _VERSION.findall(info)
    name, version = (found[-1][0].decode(), found[-1][1].decode()) if found else ("redis", "")
    return Answer("redis", 1, "PING was answered with PONG", name.capitalize(), version)
