"""Remote Desktop: whether it wants the login before it shows a screen. Source: MS-RDPBCGR 2.2.1.1 and 2.2.1.2."""

from __future__ import annotations

from secaudit.protocols.services.asking import Answer, Place

SERVICES = ("rdp",)
PORTS = (3389,)
PRODUCTS = ()
WHAT = "RDP negotiation without TLS"
ANYWHERE = False
WEB = False
CONNECTIONS = 1

_REQUEST = b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0" + bytes(4)
_WANTED = {1: "TLS", 2: "none (it cannot do TLS)", 3: "TLS (no certificate)", 5: "login first (NLA)", 6: "TLS"}


def ask(place: Place) -> Answer | None:
    """Ask for the oldest way; what it wants instead is in its refusal."""
    with place.open() as wire:
        wire.send(_REQUEST)
        reply = wire.receive(64) if wire.ready(place.wait_s) else b""
    if len(reply) < 11 or reply[:2] != b"\x03\0" or reply[5] != 0xD0:
        return None
    if len(reply) >= 19 and reply[11] == 3:
        code = int.from_bytes(reply[15:19], "little")
        return Answer("rdp", None, "", "", facts={"old_security": "0", "wants": _WANTED.get(code, str(code))})
    return Answer("rdp", None, "", "", facts={"old_security": "1", "wants": ""})
