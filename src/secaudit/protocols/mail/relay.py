"""Ask a mail server whether it would pass on mail of a stranger to a stranger. No mail is sent: DATA never follows."""

from __future__ import annotations

import re
from typing import NamedTuple

from secaudit.tableapi import Wire

SENDER = "relay-test@example.org"
RECIPIENT = "relay-test@example.com"
"""Names of RFC 2606: nobody's mailboxes."""

MAX_LINES = 100
LINE_BYTES = 2000

_LINE = re.compile(rb"(\d{3})([ -]?)(.*)", re.DOTALL)
_RELAY = re.compile(r"relay|not permitted|unauth|5\.7\.[01]\b", re.IGNORECASE)


class Answer(NamedTuple):
    """One answer of the server."""

    code: int
    text: str


class Relay(NamedTuple):
    """What came of it."""

    is_accepted: bool | None
    """1: the server took the recipient; None: it said nothing about that."""
    step: str
    """greeting, EHLO, MAIL, RCPT: the last one that was answered."""
    code: int
    text: str


def ask(wire: Wire, own_name: str) -> Relay:
    """Speak until the recipient is taken or refused, then leave.

    Raises:
        OSError: the connection broke.
        ValueError: the other side does not speak SMTP.
    """
    answer = _read(wire)
    if answer.code != 220:
        return _end(wire, Relay(None, "greeting", *answer))
    answer = _say(wire, f"EHLO {own_name}")
    if answer.code != 250:
        answer = _say(wire, f"HELO {own_name}")
        if answer.code != 250:
            return _end(wire, Relay(None, "EHLO", *answer))
    answer = _say(wire, f"MAIL FROM:<{SENDER}>")
    if answer.code != 250:
        return _end(wire, Relay(None, "MAIL", *answer))
    answer = _say(wire, f"RCPT TO:<{RECIPIENT}>")
    if answer.code in (250, 251):
        return _end(wire, Relay(True, "RCPT", *answer))
    is_refusal = answer.code >= 500 or (answer.code >= 400 and bool(_RELAY.search(answer.text)))
    return _end(wire, Relay(False if is_refusal else None, "RCPT", *answer))


def _end(wire: Wire, relay: Relay) -> Relay:
    try:
        wire.send(b"RSET\r\nQUIT\r\n")
    except OSError:
        pass  # what we wanted to know is known
    return relay


def _say(wire: Wire, line: str) -> Answer:
    wire.send(line.encode("ascii", "replace") + b"\r\n")
    return _read(wire)


def _read(wire: Wire) -> Answer:
    texts: list[str] = []
    for _ in range(MAX_LINES):
        line = wire.receive_until(b"\n", LINE_BYTES)
        match = _LINE.fullmatch(line.rstrip(b"\r\n"))
        if not line.endswith(b"\n") or match is None:
            raise ValueError("not an answer of SMTP")
        if len(texts) < 5:
            texts.append(match[3].decode("utf-8", "backslashreplace"))
        if match[2] != b"-":
            return Answer(int(match[1]), " ".join(texts)[:300])
    raise ValueError("an answer without end")
