"""VNC (RFB): which kinds of login it offers. Source: RFC 6143 section 7.1."""

from __future__ import annotations

import re

from secaudit.protocols.services.asking import Answer, Place

SERVICES = ("vnc",)
PORTS = (5900, 5901, 5902)
PRODUCTS = ()
WHAT = "VNC version and list of logins"
ANYWHERE = False
WEB = False
CONNECTIONS = 1

_HELLO = re.compile(rb"^RFB (\d{3})\.(\d{3})\n")
NAMES = {1: "none", 2: "VNC password", 5: "RA2", 6: "RA2ne", 16: "Tight", 18: "TLS", 19: "VeNCrypt", 30: "Apple",
         33: "MSLogon"}  # fmt: skip
"""Source: the IANA registry of RFB security types."""


def ask(place: Place) -> Answer | None:
    """Read the list and leave. The type `none` lets everybody in."""
    with place.open() as wire:
        if not wire.ready(place.wait_s):
            return None
        match = _HELLO.match(wire.receive_exactly(12))
        if match is None:
            return None
        version = f"{int(match[1])}.{int(match[2])}"
        old = (int(match[1]), int(match[2])) < (3, 7)
        wire.send(b"RFB 003.003\n" if old else b"RFB 003.008\n")
        if old:
            kinds = [int.from_bytes(wire.receive_exactly(4), "big")]
        else:
            kinds = list(wire.receive_exactly(wire.receive_exactly(1)[0]))
    facts = {"protocol": version, "logins": ", ".join(NAMES.get(kind, str(kind)) for kind in kinds[:20])}
    if kinds in ([], [0]):
        return Answer("vnc", None, "", "", facts=facts, problem="it refused the connection")
    open_to_all = 1 in kinds
    return Answer("vnc", int(open_to_all), f"logins offered: {facts['logins']}", "", facts=facts)
