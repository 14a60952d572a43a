"""MongoDB. Source: https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ (OP_MSG)."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from secaudit.protocols.services import bson
from secaudit.protocols.services.asking import Answer, Place, text_of
from secaudit.tableapi import Wire

SERVICES = ("mongodb",)
PORTS = (27017, 27018, 27019)
PRODUCTS = ()
WHAT = "MongoDB hello, buildInfo, listDatabases"
ANYWHERE = False
WEB = False
CONNECTIONS = 1

_OP_MSG = 2013
_UNAUTHORIZED = 13


def ask(place: Place) -> Answer | None:
    """Anybody may say hello; the list of databases is refused with code 13 where a login is needed."""
    with place.open() as wire:
        hello = _command(wire, 1, {"hello": 1, "$db": "admin"})
        if "ok" not in hello:
            return None
        version = text_of(_command(wire, 2, {"buildInfo": 1, "$db": "admin"}).get("version"))
        listed = _command(wire, 3, {"listDatabases": 1, "nameOnly": 1, "$db": "admin"})
    if listed.get("ok") == 1:
        return Answer("mongodb", 1, "the list of databases was given", "MongoDB", version)
    if listed.get("code") == _UNAUTHORIZED or "auth" in text_of(listed.get("errmsg")).lower():
        return Answer("mongodb", 0, "listDatabases: unauthorised", "MongoDB", version)
    return Answer("mongodb", None, "", "MongoDB", version, problem=f"listDatabases: code {listed.get('code')}")


def _command(wire: Wire, number: int, document: dict[str, int | str]) -> Mapping[str, object]:
    body = struct.pack("<i", 0) + b"\0" + bson.write(document)
    wire.send(struct.pack("<iiii", len(body) + 16, number, 0, _OP_MSG) + body)
    size, _, _, code = struct.unpack("<iiii", wire.receive_exactly(16))
    if code != _OP_MSG or not 21 <= size <= bson.DOCUMENT_LIMIT:
        return {}
    reply = wire.receive_exactly(size - 16)
    try:
        return bson.read(reply[5:])
    except bson.Broken:
        return {}
