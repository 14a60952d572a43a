"""An MQTT broker. Source: MQTT 3.1.1 (OASIS), sections 3.1 and 3.2."""

from __future__ import annotations

from secaudit.protocols.services.asking import Answer, Place

SERVICES = ("mqtt",)
PORTS = (1883, 8883)
PRODUCTS = ()
WHAT = "MQTT CONNECT without a name"
ANYWHERE = True
WEB = False
CONNECTIONS = 1

_ID = b"secaudit"
_CONNECT = b"\x10" + bytes([12 + len(_ID)]) + b"\0\4MQTT\x04\x02\0\x1e" + len(_ID).to_bytes(2, "big") + _ID
_DISCONNECT = b"\xe0\0"
_REFUSED = {4: "bad user name or password", 5: "not authorised"}


def ask(place: Place) -> Answer | None:
    """Ask for a session that is thrown away at once; nothing is published and nothing is read."""
    with place.open() as wire:
        wire.send(_CONNECT)
        reply = wire.receive(64) if wire.ready(place.wait_s) else b""
        if len(reply) < 4 or reply[:2] != b"\x20\x02":
            return None
        code = reply[3]
        if code == 0:
            wire.send(_DISCONNECT)
            return Answer("mqtt", 1, "CONNECT without a name was accepted")
    if code in _REFUSED:
        return Answer("mqtt", 0, f"CONNECT was refused: {_REFUSED[code]}")
    return Answer("mqtt", None, "", problem=f"CONNECT was refused with code {code}")
