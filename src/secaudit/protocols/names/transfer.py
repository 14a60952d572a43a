"""Ask a name server for the whole zone (AXFR, RFC 5936), and read no more of it than shows whether it gives it."""

from __future__ import annotations

import struct
from typing import NamedTuple

from secaudit.tableapi import Wire

MAX_MESSAGES = 40
MAX_BYTES = 1_000_000


class Transfer(NamedTuple):
    """What a server did."""

    is_open: bool | None
    """None: it gave no answer."""
    code: str
    """NOERROR, REFUSED, NOTAUTH ...; empty without an answer."""
    records: int
    """How many came, up to our limit."""
    names: int


def ask(wire: Wire, domain: str) -> Transfer:
    """Send one question and read messages until the zone ends.

    Raises:
        OSError: the connection broke before the first message was whole.
    """
    import dns.exception
    import dns.message
    import dns.rcode
    import dns.rdatatype

    question = dns.message.make_query(domain + ".", dns.rdatatype.AXFR)
    packet = question.to_wire()
    wire.send(struct.pack(">H", len(packet)) + packet)
    records = 0
    names: set[str] = set()
    ends = 0
    taken = 0
    for number in range(MAX_MESSAGES):
        try:
            (size,) = struct.unpack(">H", wire.receive_exactly(2))
            body = wire.receive_exactly(size)
        except OSError:
            if number == 0:
                raise
            break
        taken += size
        try:
            message = dns.message.from_wire(body, xfr=True, one_rr_per_rrset=True, ignore_trailing=True)
        except (dns.exception.DNSException, ValueError, UnicodeError, struct.error):
            return Transfer(None if number == 0 else True, "FORMERR", records, len(names))
        if message.id != question.id:
            return Transfer(None if number == 0 else True, "FORMERR", records, len(names))
        if message.rcode() != dns.rcode.NOERROR or not message.answer:
            if number == 0:
                return Transfer(False, dns.rcode.to_text(message.rcode()), 0, 0)
            break
        for rrset in message.answer:
            records += 1
            names.add(str(rrset.name).lower())
            ends += rrset.rdtype == dns.rdatatype.SOA
        if ends > 1 or taken > MAX_BYTES:
            break
    return Transfer(records > 1, "NOERROR", records, len(names))
