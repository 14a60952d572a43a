"""The words by which a plain protocol goes over to TLS, up to the point where the hello may be sent.

Source: RFC 3207 (SMTP), RFC 2595 (IMAP, POP3), RFC 4217 (FTP), RFC 4511 section 4.14 (LDAP), RFC 6120 (XMPP); the
manuals "Message Formats" of PostgreSQL and "Connection Phase" of MySQL.
"""

from __future__ import annotations

from typing import Callable, NamedTuple

from secaudit.tableapi import Wire

MAX_LINE = 2048
MAX_LINES = 100
PORTS = {
    21: "ftp",
    25: "smtp",
    110: "pop3",
    143: "imap",
    389: "ldap",
    587: "smtp",
    2525: "smtp",
    3306: "mysql",
    4190: "sieve",
    5222: "xmpp-client",
    5269: "xmpp-server",
    5432: "postgresql",
}
"""The protocol that is spoken on a port before TLS, by custom (registry "Service Names" of IANA)."""
CLIENT_NAME = "client.invalid"
"""How we call ourselves where a name is asked for: nobody's name, RFC 2606."""


class Begun(NamedTuple):
    """How the words before TLS went."""

    agreed: bool | None
    """False: the server answered and does not offer TLS. None: it said nothing that we understand."""
    greeting: str
    """The first thing it said, cut."""
    detail: str
    """What it answered to the demand, cut."""


class _Unclear(Exception):
    """What came is not this protocol."""


def begin(wire: Wire, protocol: str, server_name: str = "") -> Begun:
    """Ask for TLS in the words of the protocol. Raise OSError as the wire does."""
    greeting = [""]
    try:
        agreed, detail = _WORDS[protocol](wire, server_name, greeting)
    except _Unclear as problem:
        return Begun(None, greeting[0][:300], str(problem)[:300])
    return Begun(agreed, greeting[0][:300], detail[:300])


def protocol_of(first: bytes) -> str:
    """Which protocol greets like this; empty when none that we know."""
    text = first[:200].upper()
    if text.startswith((b"220 ", b"220-")):
        return "ftp" if b"FTP" in text and b"SMTP" not in text else "smtp"
    if text.startswith(b"+OK"):
        return "pop3"
    if text.startswith((b"* OK", b"* PREAUTH")):
        return "imap"
    if len(first) > 5 and first[3:5] == b"\x00\x0a":
        return "mysql"
    return "sieve" if text.startswith(b'"IMPLEMENTATION"') else ""


def _line(wire: Wire) -> str:
    data = wire.receive_until(b"\n", MAX_LINE)
    if not data:
        raise ConnectionError("the other side ended")
    return data.decode("utf-8", "backslashreplace").rstrip("\r\n")


def _numbered(wire: Wire) -> tuple[str, list[str]]:
    """A reply of SMTP or FTP: its code, and its lines."""
    lines: list[str] = []
    while len(lines) < MAX_LINES:
        line = _line(wire)
        lines.append(line)
        if len(line) >= 3 and line[:3].isdigit() and line[3:4] != "-":
            return line[:3], lines
        if not line[:3].isdigit() and len(lines) == 1:
            raise _Unclear(line)
    raise _Unclear("a reply without end")


def _smtp(wire: Wire, server_name: str, greeting: list[str]) -> tuple[bool, str]:
    code, lines = _numbered(wire)
    greeting[0] = lines[0]
    if code != "220":
        raise _Unclear(lines[0])
    wire.send(f"EHLO {CLIENT_NAME}\r\n".encode())
    code, lines = _numbered(wire)
    if code != "250":
        raise _Unclear(lines[-1])
    if not any(line[4:].strip().upper() == "STARTTLS" for line in lines):
        return False, "EHLO does not list STARTTLS"
    wire.send(b"STARTTLS\r\n")
    code, lines = _numbered(wire)
    return code == "220", lines[-1]


def _ftp(wire: Wire, server_name: str, greeting: list[str]) -> tuple[bool, str]:
    code, lines = _numbered(wire)
    greeting[0] = lines[0]
    if code != "220":
        raise _Unclear(lines[0])
    wire.send(b"AUTH TLS\r\n")
    code, lines = _numbered(wire)
    return code == "234", lines[-1]


def _imap(wire: Wire, server_name: str, greeting: list[str]) -> tuple[bool, str]:
    greeting[0] = _line(wire)
    if not greeting[0].startswith("* "):
        raise _Unclear(greeting[0])
    return _tagged(wire, b"a STARTTLS\r\n", "a ")


def _tagged(wire: Wire, words: bytes, tag: str) -> tuple[bool, str]:
    wire.send(words)
    for _ in range(MAX_LINES):
        line = _line(wire)
        if line.startswith(tag):
            return line[len(tag) :].upper().startswith("OK"), line
    raise _Unclear("a reply without end")


def _pop3(wire: Wire, server_name: str, greeting: list[str]) -> tuple[bool, str]:
    greeting[0] = _line(wire)
    if not greeting[0].startswith("+OK"):
        raise _Unclear(greeting[0])
    wire.send(b"STLS\r\n")
    line = _line(wire)
    return line.startswith("+OK"), line


def _sieve(wire: Wire, server_name: str, greeting: list[str]) -> tuple[bool, str]:
    offered = False
    for _ in range(MAX_LINES):
        line = _line(wire)
        greeting[0] = greeting[0] or line
        offered = offered or line.upper().startswith('"STARTTLS"')
        if line.upper().startswith("OK"):
            break
    else:
        raise _Unclear("a greeting without end")
    if not offered:
        return False, "the greeting does not list STARTTLS"
    wire.send(b"STARTTLS\r\n")
    line = _line(wire)
    return line.upper().startswith("OK"), line


def _postgresql(wire: Wire, server_name: str, greeting: list[str]) -> tuple[bool, str]:
    wire.send((8).to_bytes(4, "big") + (80877103).to_bytes(4, "big"))  # SSLRequest
    reply = wire.receive_exactly(1)
    if reply not in (b"S", b"N"):
        raise _Unclear("no answer to SSLRequest")
    return reply == b"S", "S" if reply == b"S" else "N: it goes on without TLS"


def _mysql(wire: Wire, server_name: str, greeting: list[str]) -> tuple[bool, str]:
    head = wire.receive_exactly(4)
    packet = wire.receive_exactly(min(int.from_bytes(head[:3], "little"), 4096))
    if packet[:1] != b"\x0a":
        raise _Unclear(packet[3:200].decode("utf-8", "backslashreplace"))
    version, _, rest = packet[1:].partition(b"\x00")
    greeting[0] = version.decode("utf-8", "backslashreplace")
    if len(rest) < 15:
        raise _Unclear("a greeting that is cut off")
    if not int.from_bytes(rest[13:15], "little") & 0x0800:  # CLIENT_SSL
        return False, "the greeting does not offer TLS"
    flags = 0x0800 | 0x0200 | 0x8000  # TLS, protocol 4.1, secure connection
    body = flags.to_bytes(4, "little") + (1 << 24).to_bytes(4, "little") + b"\x21" + bytes(23)
    wire.send(len(body).to_bytes(3, "little") + b"\x01" + body)
    return True, "the greeting offers TLS"


def _ldap(wire: Wire, server_name: str, greeting: list[str]) -> tuple[bool, str]:
    oid = b"1.3.6.1.4.1.1466.20037"
    operation = b"\x80" + bytes([len(oid)]) + oid
    message = b"\x02\x01\x01\x77" + bytes([len(operation)]) + operation
    wire.send(b"\x30" + bytes([len(message)]) + message)
    head = wire.receive_exactly(2)
    if head[0] != 0x30:
        raise _Unclear("no LDAP message")
    length = head[1]
    if length & 0x80:
        length = int.from_bytes(wire.receive_exactly(min(length & 0x7F, 4)), "big")
    body = wire.receive_exactly(min(length, 4096))
    place = body.find(b"\x0a\x01")  # the result code
    if b"\x78" not in body[:12] or place < 0 or place + 2 >= len(body):
        raise _Unclear("no answer to the extended operation")
    code = body[place + 2]
    return code == 0, f"result code {code}"


def _xmpp(kind: str) -> Callable[[Wire, str, list[str]], tuple[bool, str]]:
    def words(wire: Wire, server_name: str, greeting: list[str]) -> tuple[bool, str]:
        to = server_name or wire.host
        wire.send(
            f"<?xml version='1.0'?><stream:stream xmlns='jabber:{kind}' "
            f"xmlns:stream='http://etherx.jabber.org/streams' to='{to}' version='1.0'>".encode()
        )
        text = wire.receive_until(b"</stream:features>", 16384)
        greeting[0] = text.decode("utf-8", "backslashreplace")
        if b"<stream:features" not in text:
            raise _Unclear("no stream features")
        if b"urn:ietf:params:xml:ns:xmpp-tls" not in text:
            return False, "the features do not list starttls"
        wire.send(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        reply = wire.receive_until(b">", 2048)
        return b"<proceed" in reply, reply.decode("utf-8", "backslashreplace")

    return words


_WORDS: dict[str, Callable[[Wire, str, list[str]], tuple[bool, str]]] = {
    "smtp": _smtp,
    "ftp": _ftp,
    "imap": _imap,
    "pop3": _pop3,
    "sieve": _sieve,
    "postgresql": _postgresql,
    "mysql": _mysql,
    "ldap": _ldap,
    "xmpp-client": _xmpp("client"),
    "xmpp-server": _xmpp("server"),
}
