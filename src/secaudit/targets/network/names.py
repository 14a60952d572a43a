"""Ask a DNS server, and read what it says without believing more than it says. dnspython does the wire format."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING

from secaudit.tableapi import DnsReply
from secaudit.targets.network import limits
from secaudit.targets.network.ranges import PUBLIC, RefusedAddress, class_of

if TYPE_CHECKING:
    import dns.message
    import dns.rdata

MOST_ALIASES = 8
"""CNAMEs that are followed from one question."""
MOST_RECORDS = 500
LONGEST = 70_000
"""Characters of one record: a TXT record holds at most 65,535 bytes."""
PAYLOAD_BYTES = 1232
"""What fits into one UDP packet everywhere (DNS flag day 2020); more is asked for over TCP."""


class Resolver:
    """A DNS server, and how to look up a host as all programs of this system do."""

    def __init__(self, server: tuple[str, int] | None) -> None:
        self.named = server is not None
        """Whether the user named it."""
        self._server = server

    @property
    def address(self) -> str:
        return self._chosen()[0]

    @property
    def port(self) -> int:
        return self._chosen()[1]

    @property
    def vantage(self) -> str:
        """Class of the named server's address; what the system's own one tells is the view of everybody."""
        if not self.named:
            return PUBLIC
        try:
            return class_of(self.address)
        except RefusedAddress:
            return PUBLIC

    def _chosen(self) -> tuple[str, int]:
        if self._server is None:
            self._server = _of_system_settings()
        return self._server

    def of_system(self, host: str) -> list[str]:
        """The addresses of a host by the C library: /etc/hosts counts too. Empty when there is none."""
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return []
        addresses = dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found)
        return sorted(addresses, key=lambda text: ":" in text)

    def ask(self, name: str, kind: str) -> tuple[DnsReply, int, int]:
        """One question with its aliases followed; and the bytes that were sent and that came."""
        out = into = 0
        current = name
        aliases: list[str] = []
        for _ in range(MOST_ALIASES):
            reply, sent, received, following = self._ask_once(current, kind)
            out, into = out + sent, into + received
            for alias in following:
                if alias in aliases or alias == name:
                    return DnsReply(name, kind, "LOOP", (), (*aliases, alias), authenticated=False, ttl_s=0), out, into
                aliases.append(alias)
            if reply.records or reply.code != "NOERROR" or not following:
                return reply._replace(name=name, names=tuple(aliases)), out, into
            current = following[-1]  # the server told the alias only
        return DnsReply(name, kind, "LOOP", (), tuple(aliases), authenticated=False, ttl_s=0), out, into

    def _ask_once(self, name: str, kind: str) -> tuple[DnsReply, int, int, list[str]]:
        import dns.exception
        import dns.flags
        import dns.message
        import dns.query
        import dns.rdatatype

        def failed(code: str, sent: int = 0) -> tuple[DnsReply, int, int, list[str]]:
            return DnsReply(name, kind, code, (), (), authenticated=False, ttl_s=0), sent, 0, []

        try:
            question = dns.message.make_query(
                name + ".", dns.rdatatype.from_text(kind), use_edns=0, payload=PAYLOAD_BYTES, want_dnssec=True
            )
        except (dns.exception.DNSException, ValueError, UnicodeError):
            return failed("FORMERR")
        question.flags |= dns.flags.AD
        size = len(question.to_wire())
        address, port = self._chosen()
        try:
            answer, _ = dns.query.udp_with_fallback(
                question, address, timeout=limits.DNS_TIMEOUT_S, port=port, ignore_unexpected=True, ignore_errors=True
            )
        except dns.exception.Timeout:
            return failed("TIMEOUT", size)
        except OSError:
            return failed("UNREACHABLE", size)
        except Exception:  # noqa: BLE001  a hostile reply may break the reader in any way: it is no answer
            return failed("FORMERR", size)
        try:
            return (*_read(answer, name, kind, size), _aliases(answer, name))
        except Exception:  # noqa: BLE001
            return failed("FORMERR", size)


def _read(answer: dns.message.Message, name: str, kind: str, size: int) -> tuple[DnsReply, int, int]:
    import dns.flags
    import dns.rcode
    import dns.rdatatype

    wanted = dns.rdatatype.from_text(kind)
    owners = {name.lower(), *_aliases(answer, name)}
    records: list[str] = []
    ttl_s = 0
    for rrset in answer.answer:
        if rrset.rdtype == wanted and _name(rrset.name) in owners:
            ttl_s = int(rrset.ttl)
            records += [_text(record)[:LONGEST] for record in list(rrset)[:MOST_RECORDS]]
    authenticated = bool(answer.flags & dns.flags.AD)
    code = dns.rcode.to_text(answer.rcode())
    reply = DnsReply(name, kind, code, tuple(records[:MOST_RECORDS]), (), authenticated=authenticated, ttl_s=ttl_s)
    return reply, size, len(answer.wire or b"")


def _aliases(answer: dns.message.Message, name: str) -> list[str]:
    """The chain of CNAMEs in one answer that begins at the name; records of other names are not ours to believe."""
    import dns.rdatatype

    targets = {
        _name(rrset.name): _name(record.target)
        for rrset in answer.answer
        if rrset.rdtype == dns.rdatatype.CNAME
        for record in rrset
    }
    found: list[str] = []
    current = name.lower()
    while (following := targets.get(current)) is not None and len(found) < MOST_ALIASES:
        found.append(following)
        current = following
    return found


def _name(name: object) -> str:
    return str(name).lower().removesuffix(".")


def _text(record: dns.rdata.Rdata) -> str:
    strings = getattr(record, "strings", None)
    if strings is not None:
        return b"".join(strings).decode("utf-8", "backslashreplace")
    return str(record.to_text())


def _of_system_settings() -> tuple[str, int]:
    """The first server of /etc/resolv.conf; this machine when it names none (resolv.conf(5))."""
    try:
        with open("/etc/resolv.conf", encoding="utf-8", errors="replace") as stream:
            lines = stream.read(65536).splitlines()
    except OSError:
        lines = []
    for line in lines:
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver":
            try:
                ipaddress.ip_address(words[1].partition("%")[0])
            except ValueError:
                continue
            return words[1], 53
    return "127.0.0.1", 53
