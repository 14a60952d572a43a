"""Tell a service by the first bytes that it sends, or by how it answers a request for a web page.

The patterns are ours, written from what the programs of Debian and the makers' documentation show.
"""

from __future__ import annotations

import re
from typing import NamedTuple

BANNER_LIMIT = 300
"""Characters of a banner that are kept."""


class Guess(NamedTuple):
    """What the bytes tell."""

    service: str
    product: str = ""
    version: str = ""


_VERSION = rb"v?([0-9][0-9A-Za-z.+~_-]{0,40})"
_PATTERNS: tuple[tuple[str, str, bytes], ...] = (
    # service, product (or empty: the group `product`), pattern; the group `version` is optional
    ("ssh", "", rb"^SSH-[0-9.]+-(?P<product>[A-Za-z][A-Za-z0-9.]*?)[_-](?P<version>[0-9][^\s\r\n]{0,40})"),
    ("ssh", "", rb"^SSH-[0-9.]+-(?P<product>[^\s\r\n]{0,60})"),
    ("vnc", "", rb"^RFB [0-9]{3}\.[0-9]{3}\n"),
    ("rsync", "rsync", rb"^@RSYNCD: [0-9.]+"),
    ("nats", "nats-server", rb'^INFO \{(?=.*?"version":"(?P<version>[0-9][^"]{0,30})")?'),
    ("ftp", "vsftpd", rb"^220[ -].*?\(vsFTPd (?P<version>[0-9][^)]{0,20})\)"),
    ("ftp", "ProFTPD", rb"^220[ -].*?ProFTPD(?: (?P<version>[0-9][0-9A-Za-z.]{0,20}))?"),
    ("ftp", "Pure-FTPd", rb"^220[ -][^\r\n]*Pure-FTPd"),
    ("ftp", "FileZilla Server", rb"^220[ -]FileZilla Server(?: (?:version )?(?P<version>[0-9][0-9A-Za-z.]{0,20}))?"),
    ("ftp", "Microsoft FTP Service", rb"^220[ -][^\r\n]*Microsoft FTP Service"),
    ("smtp", "Postfix", rb"^220[ -][^\r\n]*ESMTP Postfix"),
    ("smtp", "Exim", rb"^220[ -][^\r\n]*ESMTP Exim (?P<version>[0-9][0-9.]{0,12})"),
    ("smtp", "Sendmail", rb"^220[ -][^\r\n]*Sendmail (?P<version>[0-9][0-9.]{0,12})"),
    ("smtp", "OpenSMTPD", rb"^220[ -][^\r\n]*ESMTP OpenSMTPD"),
    ("smtp", "Microsoft ESMTP", rb"^220[ -][^\r\n]*Microsoft ESMTP MAIL Service"),
    ("smtp", "", rb"^220[ -][^\r\n]*E?SMTP"),
    ("ftp", "", rb"^220[ -][^\r\n]*FTP"),
    ("smtp", "", rb"^(?:554|421)[ -][^\r\n]*(?:SMTP|mail|[Ss]pam)"),
    ("ftp", "", rb"^(?:421|530|500) [^\r\n]*FTP"),
    ("imap", "Dovecot", rb"^\* (?:OK|PREAUTH) [^\r\n]*Dovecot"),
    ("imap", "", rb"^\* (?:OK|PREAUTH|BYE) "),
    ("pop3", "Dovecot", rb"^\+OK [^\r\n]*Dovecot"),
    ("pop3", "", rb"^\+OK"),
    ("nntp", "", rb"^20[01] [^\r\n]*(?:NNTP|news|INN)"),
    ("mysql", "MariaDB", rb"^...\x00\x0a(?:5\.5\.5-)?(?P<version>[0-9][0-9.]{0,12})-MariaDB"),
    ("mysql", "MySQL", rb"^...\x00\x0a(?P<version>[0-9][0-9A-Za-z.+~_-]{0,30})\x00"),
    ("mysql", "", rb"^...\x00\xff..(?:#.....)?(?:Host |Too many connections)"),
    ("telnet", "", rb"^\xff[\xfb-\xfe]"),
    ("telnet", "", rb"^[^\x00]{0,200}?(?:login|Username|User Access Verification):? ?$"),
    ("mongodb", "MongoDB", rb"It looks like you are trying to access MongoDB over HTTP"),
    ("http", "", rb"^HTTP/1\.[01] [0-9]{3}"),
    ("rtsp", "", rb"^RTSP/1\.0 [0-9]{3}"),
    ("redis", "Redis", rb"^-(?:ERR (?:wrong number of arguments for|unknown command)|NOAUTH |DENIED Redis|LOADING )"),
    ("memcached", "memcached", rb"^(?:CLIENT_)?ERROR(?:\r\n| )"),
    ("irc", "", rb"^:[^\s]{1,100} (?:NOTICE|020) "),
    ("amqp", "", rb"^AMQP[\x00-\x03]"),
    ("xmpp", "", rb"^<\?xml[^>]*\?>\s*<stream:"),
    ("beanstalkd", "beanstalkd", rb"^UNKNOWN_COMMAND\r\n"),
    ("git", "", rb"^[0-9a-f]{4}ERR "),
    ("cassandra", "Apache Cassandra", rb"^[\x83-\x85]\x00\x00\x00\x00"),
    ("bolt", "Neo4j", rb"^\x00\x00[\x00-\x05][\x01-\x05]$"),
)
_COMPILED = tuple((service, product, re.compile(pattern, re.DOTALL)) for service, product, pattern in _PATTERNS)
_SERVER = re.compile(rb"\r?\nserver:[ \t]*([^\r\n]{1,120})", re.IGNORECASE)
_PRODUCT = re.compile(r"^([A-Za-z][A-Za-z0-9 _.-]{0,40}?)(?:[/ ]v?([0-9][0-9A-Za-z.+~_-]{0,30}))?(?:[ (,;]|$)")
_TLS_WANTED = re.compile(
    rb"HTTP request (?:was sent )?to (?:an )?HTTPS|plain HTTP request|speaking plain HTTP", re.IGNORECASE
)


def recognise(data: bytes) -> Guess | None:
    """Tell the service by its bytes; None when they say nothing."""
    for service, product, pattern in _COMPILED:
        match = pattern.search(data[:2048])
        if match is None:
            continue
        if service == "http":
            return http_guess(data)
        groups = match.groupdict()
        return Guess(service, product or show(groups.get("product") or b""), show(groups.get("version") or b""))
    return None


def http_guess(data: bytes) -> Guess:
    """The product that the header Server names."""
    match = _SERVER.search(data[:8192])
    words = _PRODUCT.match(show(match[1]).strip()) if match else None
    return Guess("http", words[1].strip(), words[2] or "") if words else Guess("http")


def wants_tls(data: bytes) -> bool:
    """The answer to a plain request says that TLS was expected: a TLS alert, or a page that says so."""
    return data[:2] == b"\x15\x03" or bool(_TLS_WANTED.search(data[:4096]))


def show(data: bytes) -> str:
    """Bytes of the other side as text of limited length: what is not printable is shown as an escape."""
    text = data[: BANNER_LIMIT * 4].decode("utf-8", "backslashreplace")
    return "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in text)[:BANNER_LIMIT]


def banner_of(data: bytes) -> str:
    """The first line of a greeting, without its end."""
    return show(data.lstrip(b"\r\n").split(b"\n", 1)[0].rstrip(b"\r"))
