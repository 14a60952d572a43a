"""Memcached. Source: doc/protocol.txt of memcached 1.6."""

from __future__ import annotations

import re

from secaudit.protocols.services.asking import Answer, Place

SERVICES = ("memcached",)
PORTS = (11211,)
PRODUCTS = ()
WHAT = "Memcached version"
ANYWHERE = True
WEB = False
CONNECTIONS = 1

_VERSION = re.compile(rb"^VERSION ([0-9A-Za-z][0-9A-Za-z._-]{0,40})\r\n")


def ask(place: Place) -> Answer | None:
    """With an authfile every command is refused until the client has named itself."""
    with place.open() as wire:
        wire.send(b"version\r\n")
        reply = wire.receive(256) if wire.ready(place.wait_s) else b""
    match = _VERSION.match(reply)
    if match:
        return Answer("memcached", 1, "the command version was answered", "memcached", match[1].decode())
    if reply.startswith(b"CLIENT_ERROR unauthenticated"):
        return Answer("memcached", 0, "CLIENT_ERROR unauthenticated", "memcached")
    return None
