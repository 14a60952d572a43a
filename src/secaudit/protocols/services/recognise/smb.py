"""Windows file sharing: version 1, and signing. Sources: MS-CIFS 2.2.4.52, MS-SMB2 2.2.3 and 2.2.4. No login."""

from __future__ import annotations

import os

from secaudit.protocols.services.asking import Answer, Place

SERVICES = ("smb",)
PORTS = (445, 139)
PRODUCTS = ()
WHAT = "SMB negotiate, version 1 and 2"
ANYWHERE = True
WEB = False
CONNECTIONS = 2

_DIALECTS = (0x0202, 0x0210, 0x0300, 0x0302)
"""Without 3.1.1, which asks for more in its request; a server that has it also takes 3.0.2."""


def ask(place: Place) -> Answer | None:
    """Both questions come before any login."""
    if place.port == 139:
        return None  # wants a NetBIOS name first
    first = _version_1(place)
    if first is None and place.port not in PORTS:
        return None
    second = _version_2(place)
    if not first and not second:
        return None  # it hangs up on both: another service
    facts: dict[str, str] = {}
    problems = []
    if first is None:
        problems.append("nothing came to the question for version 1")
    else:
        facts["smb1"] = str(int(first))
    if second is None:
        problems.append("nothing came to the question for version 2")
    elif second:
        facts["dialect"] = f"{second[0] >> 8}.{second[0] >> 4 & 15}.{second[0] & 15}".removesuffix(".0")
        facts["signing_required"] = str(second[1] >> 1 & 1)
    return Answer("smb", None, "", "", facts=facts, problem="; ".join(problems))


def _version_1(place: Place) -> bool | None:
    """Whether it takes version 1. A server without it closes, or chooses no dialect."""
    body = b"\xffSMB\x72" + bytes(4) + b"\x18" + b"\x01\x28" + bytes(12) + b"\0\0" + b"\xff\xfe" + b"\0\0" + b"\0\0"
    names = b"\x02NT LM 0.12\0"
    body += b"\0" + len(names).to_bytes(2, "little") + names
    with place.open() as wire:
        wire.send(len(body).to_bytes(4, "big") + body)
        if not wire.ready(place.wait_s):
            return None
        try:
            reply = wire.receive(1024)
        except ConnectionResetError:
            return False
        except TimeoutError:
            return None
    if not reply:
        return False
    if reply[4:8] != b"\xffSMB" or len(reply) < 39:
        return False if reply[4:8] == b"\xfeSMB" else None
    return reply[36] > 0 and reply[37:39] != b"\xff\xff"


def _version_2(place: Place) -> tuple[int, int] | tuple[()] | None:
    """Dialect and security mode; nothing in it when version 2 is not spoken; None when no answer came."""
    header = b"\xfeSMB" + (64).to_bytes(2, "little") + bytes(8) + b"\x01\0" + bytes(48)
    body = (36).to_bytes(2, "little") + len(_DIALECTS).to_bytes(2, "little") + b"\x01\0" + bytes(2) + bytes(4)
    body += os.urandom(16) + bytes(8) + b"".join(one.to_bytes(2, "little") for one in _DIALECTS)
    message = header + body
    with place.open() as wire:
        wire.send(len(message).to_bytes(4, "big") + message)
        if not wire.ready(place.wait_s):
            return None
        try:
            reply = wire.receive(1024)
        except ConnectionResetError:
            return ()
        except TimeoutError:
            return None
    if not reply:
        return ()
    if reply[4:8] != b"\xfeSMB" or len(reply) < 76 or reply[12:16] != bytes(4):
        return None
    return int.from_bytes(reply[72:74], "little"), int.from_bytes(reply[70:72], "little")
