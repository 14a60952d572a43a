"""FTP: whether it can encrypt. Sources: RFC 959, RFC 4217. Its login is asked by the table `ftp_login`."""

from __future__ import annotations

from secaudit.protocols.services.asking import ANSWER_S, Answer, Place
from secaudit.tableapi import Wire

SERVICES = ("ftp",)
PORTS = (21, 990)
PRODUCTS = ()
WHAT = "FTP AUTH TLS"
ANYWHERE = False
WEB = False
CONNECTIONS = 1

_LINES = 50


def ask(place: Place) -> Answer | None:
    """AUTH TLS is answered with 234 where it can; then we leave."""
    with place.open() as wire:
        if read_reply(wire)[:1] != "2":
            return None
        if place.secure:
            return Answer("ftp", None, "", facts={"tls": "1", "auth_tls": "TLS from the first byte on"})
        wire.send(b"AUTH TLS\r\n")
        code = read_reply(wire)[:3]
    if not code.isdigit():
        return Answer("ftp", None, "", problem="AUTH TLS was not answered")
    return Answer("ftp", None, "", facts={"tls": str(int(code in ("234", "334"))), "auth_tls": code})


def read_reply(wire: Wire, wait_s: float = ANSWER_S) -> str:
    """One answer, which may have several lines; empty when none came."""
    first = ""
    for _ in range(_LINES):
        if not wire.ready(wait_s):
            return ""
        line = wire.receive_until(b"\n", 1024).decode("utf-8", "backslashreplace").rstrip("\r\n")
        first = first or line[:3]
        if not line or (line[:3] == first and line[3:4] != "-"):
            return line
    return ""
