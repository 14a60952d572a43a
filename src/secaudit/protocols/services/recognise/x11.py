"""An X11 display. Source: X Window System Protocol, X Version 11, section 8, "Connection Setup"."""

from __future__ import annotations

from secaudit.protocols.services.asking import Answer, Place
from secaudit.protocols.services.banners import show

SERVICES = ("x11",)
PORTS = tuple(range(6000, 6011))
PRODUCTS = ()
WHAT = "X11 connection setup without a cookie"
ANYWHERE = True
WEB = False
CONNECTIONS = 1

_SETUP = b"l\0" + (11).to_bytes(2, "little") + bytes(8)


def ask(place: Place) -> Answer | None:
    """The first byte says it: 1 we are in, 0 refused, 2 it wants more proof."""
    with place.open() as wire:
        wire.send(_SETUP)
        reply = wire.receive(512) if wire.ready(place.wait_s) else b""
    if len(reply) < 8 or reply[0] > 2 or (reply[0] != 2 and int.from_bytes(reply[2:4], "little") != 11):
        return None
    if reply[0] == 1:
        return Answer("x11", 1, "a connection without a cookie was accepted")
    reason = show(reply[8 : 8 + reply[1]]).strip() if reply[0] == 0 else "more proof is asked for"
    return Answer("x11", 0, reason[:100])
