"""The rsync daemon. Source: rsync's `clientserver.c` as documented in "How Rsync Works", and rsyncd.conf(5)."""

from __future__ import annotations

import re

from secaudit.protocols.services.asking import Answer, Place
from secaudit.protocols.services.banners import show

SERVICES = ("rsync",)
PORTS = (873,)
PRODUCTS = ()
WHAT = "rsync list of modules, then the name of one"
ANYWHERE = False
WEB = False
CONNECTIONS = 6

_HELLO = re.compile(rb"^@RSYNCD: ([0-9.]{1,8})[^\n]{0,200}\n")
_TRIED = CONNECTIONS - 1
LISTED = 200


def ask(place: Place) -> Answer | None:
    """A module that wants a name says AUTHREQD; another says OK, and we leave before any file is asked for."""
    listing = _say(place, b"#list")
    if listing is None:
        return None
    protocol, text = listing
    names = [line.split(b"\t")[0].strip() for line in text.splitlines() if b"\t" in line][:LISTED]
    if not names:
        return Answer("rsync", 0 if b"@RSYNCD: EXIT" in text else None, "no module is listed", "rsync",
                      facts={"modules": "0", "protocol": protocol},
                      problem="" if b"@RSYNCD: EXIT" in text else "the list of modules did not end")  # fmt: skip
    open_ones, refused = [], 0
    for name in names[:_TRIED]:
        answer = _say(place, name)
        said = answer[1] if answer else b""
        if b"@RSYNCD: OK" in said:
            open_ones.append(show(name)[:60])
        elif b"@RSYNCD: AUTHREQD" in said or b"@ERROR: access denied" in said:
            refused += 1
    facts = {"modules": str(len(names)), "open_modules": ", ".join(open_ones), "protocol": protocol}
    if open_ones:
        return Answer("rsync", 1, f"modules without a password: {', '.join(open_ones)}", "rsync", facts=facts)
    if refused == len(names):
        return Answer("rsync", 0, "each module asks for a password", "rsync", facts=facts)
    return Answer(
        "rsync", None, "", "rsync", facts=facts, problem=f"only {refused} of {len(names)} modules could be asked"
    )


def _say(place: Place, line: bytes) -> tuple[str, bytes] | None:
    with place.open() as wire:
        if not wire.ready(place.wait_s):
            return None
        hello = wire.receive_until(b"\n", 256)
        match = _HELLO.match(hello)
        if match is None:
            return None
        wire.send(b"@RSYNCD: 30.0\n" + line + b"\n")  # a version without the list of digests that 32 asks for
        data = b""
        while len(data) < 65536 and wire.ready(place.wait_s):
            more = wire.receive(8192)
            data += more
            if not more or (line != b"#list" and b"@" in data) or b"@RSYNCD: EXIT" in data:
                break
        return match[1].decode(), data
