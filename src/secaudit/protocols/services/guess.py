"""Ask one open port who is there: a banner, a page, TLS. A few connections at most."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable
from typing import NamedTuple

from secaudit.protocols.http.exchange import accepting_context, server_name_of
from secaudit.protocols.services import tls
from secaudit.protocols.services.banners import Guess, banner_of, recognise, wants_tls
from secaudit.protocols.services.ports import usual
from secaudit.protocols.ssh.hello import Hello, say_hello
from secaudit.tableapi import Wire

LISTEN = "listen for a banner (SYST after a bare 220)"
PAGE = "listen as above, then GET / without a host name"
POSTGRESQL = "ask PostgreSQL for TLS"
HELLO = "a TLS hello"
TLS = "a TLS handshake, then GET /"
WHATS = (LISTEN, PAGE, POSTGRESQL, HELLO, TLS)
"""The words under which the connections are planned and written down."""

REQUEST = b"GET / HTTP/1.0\r\n\r\n"
"""Without the header Host: Redis takes that for an attack from a browser, and writes it into its log."""

SHORT_S, PAGE_S, BANNER_S = 0.7, 2.0, 5.0
READ_LIMIT = 8192

Open = Callable[[str], Wire]
"""Open a connection for one of the WHATS."""


class Found(NamedTuple):
    """Who answers at a port."""

    service: str
    """Empty when nobody said anything and the number says nothing."""
    method: str
    """banner, http, tls: what it said. port: the number only, which proves nothing. Empty: not known."""
    product: str
    version: str
    banner: str
    tls: int | None
    """1: TLS from the first byte on. 0: it answered in the clear. None: it said nothing to either."""
    ssh: Hello | None
    problem: str
    """Why one question has no answer; empty when all have."""


class _Silent(Exception):
    """It took our request for a page and says nothing. A server of TLS would have hung up."""


def identify(port: int, connect: Open) -> Found:
    """Ask as gently as the port's number allows."""
    expected = usual(port)
    by_number = Found(expected.service, "port" if expected.service else "", "", "", "", None, None, "")
    if expected.first == "hands-off":
        return by_number
    if expected.service == "postgresql" and (found := _postgresql(connect)) is not None:
        return found
    order = (_with_tls, _plain) if expected.first == "tls" else (_plain, _with_tls)
    problems: list[str] = []
    for ask in order:
        try:
            found = ask(port, connect)
        except OSError as error:
            problems.append(f"{type(error).__name__}: {error}"[:120])
            continue
        except _Silent:
            break
        if found is not None:
            return found
    return by_number._replace(problem="; ".join(problems) if len(problems) == len(order) else "")


def _postgresql(connect: Open) -> Found | None:
    """The question for TLS (SSLRequest) is answered by one letter. Source: PostgreSQL, "Message Formats"."""
    with connect(POSTGRESQL) as wire:
        wire.send((8).to_bytes(4, "big") + (80877103).to_bytes(4, "big"))
        if wire.ready(PAGE_S) and wire.receive(16) in (b"S", b"N"):
            return Found("postgresql", "banner", "PostgreSQL", "", "", 0, None, "")
    return None


def _plain(port: int, connect: Open) -> Found | None:
    expected = usual(port)
    patient = expected.first == "banner" and expected.service not in ("", "unknown")
    with connect(LISTEN if patient else PAGE) as wire:
        data = b""
        wait_s = BANNER_S if patient else 0.0 if expected.first == "http" else SHORT_S
        if wire.ready(wait_s):
            data = wire.receive(READ_LIMIT)
            if not data:
                return None  # it hung up on us
            if data.startswith(b"SSH-"):
                return _ssh(wire, data)
            if data.startswith(b"220") and recognise(data) is None:
                return _bare_220(wire, data, expected.service)
        elif patient:
            return None
        method = "banner"
        if not data:
            method = "http"
            wire.send(REQUEST)
            if not wire.ready(PAGE_S):
                raise _Silent
            data = _read_page(wire)
        return _told(data, method, 0)


def _answers_tls(connect: Open) -> bool:
    """Whether a hello is answered by a record of TLS. Done by hand, so that silence is no timeout."""
    going, coming = ssl.MemoryBIO(), ssl.MemoryBIO()
    with connect(HELLO) as wire:
        inside = accepting_context().wrap_bio(coming, going, server_hostname=server_name_of(wire.host))
        with contextlib.suppress(ssl.SSLWantReadError):
            inside.do_handshake()
        wire.send(going.read())
        return wire.ready(PAGE_S) and wire.receive(3)[:2] in (b"\x16\x03", b"\x15\x03")


def _bare_220(wire: Wire, data: bytes, expected: str) -> Found:
    """FTP and SMTP greet with the same number. FTP answers SYST with its system, or asks for the login first."""
    service = expected if expected in ("ftp", "smtp") else ""
    if not service:
        wire.send(b"SYST\r\n")
        reply = wire.receive(256) if wire.ready(PAGE_S) else b""
        service = "ftp" if reply.startswith((b"215", b"530")) else "smtp" if reply.startswith((b"500", b"502")) else ""
    return Found(service, "banner" if service else "", "", "", banner_of(data), 0, None, "")


def _with_tls(port: int, connect: Open) -> Found | None:
    if usual(port).first != "tls" and not _answers_tls(connect):
        return None
    with connect(TLS) as wire:
        try:
            wire.secure(accepting_context(), server_name_of(wire.host))
        except OSError as error:
            if tls.is_tls(error):
                expected = usual(port)
                return Found(expected.service, "tls", "", "", "", 1, None, "")
            return None
        try:
            data = wire.receive(READ_LIMIT) if wire.ready(0.0 if usual(port).service == "http" else SHORT_S) else b""
            if not data:
                wire.send(REQUEST)
                data = _read_page(wire)
        except OSError:
            data = b""
        found = _told(data, "tls", 1) if data else None
        if found is not None and found.service:
            return found
        name = usual(port).service
        return Found(name, "tls", "", "", banner_of(data), 1, None, "")


def _read_page(wire: Wire) -> bytes:
    """What comes within a moment, up to the end of the headers."""
    data = bytearray()
    while len(data) < READ_LIMIT and wire.ready(PAGE_S if not data else SHORT_S):
        try:
            more = wire.receive(READ_LIMIT - len(data))
        except ConnectionError:
            break
        if not more:
            break
        data += more
        if b"\r\n\r\n" in data or not data.startswith(b"HTTP/"):
            break
    return bytes(data)


def _told(data: bytes, method: str, secure: int) -> Found | None:
    """What the bytes tell; None when they ask for TLS, or when there are none."""
    if not data or (not secure and wants_tls(data)):
        return None
    guess = recognise(data) or Guess("")
    return Found(
        guess.service, method if guess.service else "", guess.product, guess.version, banner_of(data), secure, None, ""
    )


def _ssh(wire: Wire, data: bytes) -> Found:
    guess = recognise(data) or Guess("ssh")
    hello: Hello | None
    problem = ""
    try:
        hello = say_hello(wire, data)
    except OSError as error:
        hello, problem = None, str(error)
    banner = hello.greeting.banner if hello else banner_of(data)
    return Found("ssh", "banner", guess.product, guess.version, banner, 0, hello, problem)
