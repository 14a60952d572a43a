"""Cassandra and ScyllaDB. Source: CQL binary protocol version 4, sections 2, 4.1.1 and 4.2."""

from __future__ import annotations

from secaudit.protocols.services.asking import Answer, Place

SERVICES = ("cassandra",)
PORTS = (9042,)
PRODUCTS = ()
WHAT = "Cassandra STARTUP"
ANYWHERE = False
WEB = False
CONNECTIONS = 1

_BODY = b"\0\x01\0\x0bCQL_VERSION\0\x053.0.0"
_STARTUP = b"\x04\0\0\0\x01" + len(_BODY).to_bytes(4, "big") + _BODY


def ask(place: Place) -> Answer | None:
    """The answer is READY where no login is needed, and AUTHENTICATE where one is."""
    with place.open() as wire:
        wire.send(_STARTUP)
        reply = wire.receive(512) if wire.ready(place.wait_s) else b""
    if len(reply) < 9 or reply[0] not in (0x83, 0x84, 0x85):
        return None
    if reply[4] == 2:
        return Answer("cassandra", 1, "STARTUP was answered with READY", "Cassandra")
    if reply[4] == 3:
        return Answer("cassandra", 0, "STARTUP was answered with AUTHENTICATE", "Cassandra")
    return Answer("cassandra", None, "", "Cassandra", problem=f"STARTUP was answered with message {reply[4]}")
