"""A NATS server. Source: https://docs.nats.io/reference/reference-protocols/nats-protocol."""

from __future__ import annotations

import json

from secaudit.protocols.services.asking import Answer, Place, text_of

SERVICES = ("nats",)
PORTS = (4222,)
PRODUCTS = ()
WHAT = "NATS CONNECT, PING"
ANYWHERE = False
WEB = False
CONNECTIONS = 1

_HELLO = b'CONNECT {"verbose":false,"pedantic":false,"name":"secaudit","lang":"python","version":"1"}\r\nPING\r\n'


def ask(place: Place) -> Answer | None:
    """The greeting says whether a login is needed; PONG proves that none is."""
    with place.open() as wire:
        if not wire.ready(place.wait_s):
            return None
        line = wire.receive_until(b"\r\n", 8192)
        if not line.startswith(b"INFO {"):
            return None
        try:
            info = json.loads(line[5:])
        except (ValueError, RecursionError):
            return None
        version = text_of(info.get("version"))
        if info.get("tls_required"):
            return Answer("nats", None, "", "nats-server", version, problem="it wants TLS first")
        wire.send(_HELLO)
        reply = wire.receive(512) if wire.ready(place.wait_s) else b""
    if reply.startswith(b"PONG"):
        return Answer("nats", 1, "CONNECT without a name was accepted", "nats-server", version)
    if b"Authorization" in reply or b"authorization" in reply or b"Authentication" in reply:
        return Answer("nats", 0, reply[:60].decode("ascii", "replace").strip(), "nats-server", version)
    return Answer("nats", None, "", "nats-server", version, problem="PING was not answered")
