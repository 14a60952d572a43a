"""Read what a server says to a hello, as far as it is in the clear: hello, certificates, key exchange, alerts.

Every length is checked, and no more is kept than the limits allow. Source: RFC 5246, RFC 8446, RFC 6101 appendix E.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from secaudit.protocols.tls import hello
from secaudit.tableapi import Wire

MAX_BYTES = 1 << 20
"""Of all that one answer may have; a certificate chain of 100 large ones has less."""
MAX_MESSAGE = 1 << 19
MAX_RECORDS = 4096
RETRY_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random value that makes a ServerHello a HelloRetryRequest, RFC 8446 section 4.1.3."""
ALERTS = {
    0: "close_notify",
    10: "unexpected_message",
    20: "bad_record_mac",
    22: "record_overflow",
    40: "handshake_failure",
    41: "no_certificate",
    42: "bad_certificate",
    47: "illegal_parameter",
    50: "decode_error",
    51: "decrypt_error",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    90: "user_canceled",
    100: "no_renegotiation",
    109: "missing_extension",
    110: "unsupported_extension",
    112: "unrecognized_name",
    115: "unknown_psk_identity",
    116: "certificate_required",
    120: "no_application_protocol",
}


@dataclass(slots=True)
class Answer:
    """What came back to one hello. Fields that did not come stay None or empty."""

    outcome: str = "closed"
    """hello, alert, closed (nothing, then the end), reset, timeout, not_tls, damaged, refused, unreachable."""
    alert: int | None = None
    version: int | None = None
    suite: int | None = None
    retry: bool = False
    """A HelloRetryRequest, which names a suite and a group and nothing else."""
    compression: int = 0
    extensions: dict[int, bytes] = field(default_factory=dict)
    random: bytes = b""
    group: int | None = None
    """Of a HelloRetryRequest or a ServerKeyExchange with a named curve."""
    curve_kind: int | None = None
    """Of a ServerKeyExchange: 3 for a named curve; 1 and 2 for parameters written out."""
    curve_bits: int | None = None
    """Of parameters written out: the length of the prime."""
    dh_bits: int | None = None
    dh_prime: bytes = b""
    signature: int | None = None
    """The scheme that signed the ServerKeyExchange, TLS 1.2 only."""
    certificates: list[bytes] = field(default_factory=list)
    chain_complete: bool = False
    """The Certificate message was there in full."""
    stapled: bool = False
    key_exchange: bool = False
    done: bool = False
    ssl2_suites: tuple[int, ...] = ()
    first_bytes: bytes = b""
    """Of an answer that is no TLS: what the server said instead, cut."""

    @property
    def alert_name(self) -> str:
        return "" if self.alert is None else ALERTS.get(self.alert, f"alert {self.alert}")


def read(wire: Wire, offer: hello.Offer, *, whole: bool) -> Answer:
    """Read until the server hello, or until its last plain message when `whole`. Never raises for what came."""
    answer = Answer()
    try:
        if offer.version == hello.SSL2:
            _read_ssl2(wire, answer)
        else:
            _Reader(wire, answer, whole=whole).read()
    except TimeoutError:
        answer.outcome = answer.outcome if answer.outcome == "hello" else "timeout"
    except ConnectionError:
        answer.outcome = answer.outcome if answer.outcome == "hello" else "reset"
    except OSError:
        answer.outcome = answer.outcome if answer.outcome == "hello" else "unreachable"
    except (ValueError, IndexError):
        answer.outcome = "damaged"
    return answer


class _Reader:
    """Records into messages, messages into the answer."""

    def __init__(self, wire: Wire, answer: Answer, *, whole: bool) -> None:
        self.wire = wire
        self.answer = answer
        self.whole = whole
        self.came = 0
        self.messages = bytearray()

    def read(self) -> None:
        for _ in range(MAX_RECORDS):
            head = self._some(5)
            if len(head) < 5:
                if head and not self.answer.first_bytes:
                    self._not_tls(head)
                return
            kind, major, length = head[0], head[1], int.from_bytes(head[3:5], "big")
            if kind not in (20, 21, 22, 23) or major != 3 or length > (1 << 14) + 2048:
                self._not_tls(head)
                return
            body = self.wire.receive_exactly(length)
            self.came += 5 + length
            if self.came > MAX_BYTES:
                raise ValueError("too long")
            if kind == 21:
                if body == b"\x01\x70":  # a warning that the name is not known: the handshake goes on
                    continue
                self._alert(body)
                return
            if kind != 22:  # from here on it is encrypted
                return
            self.messages += body
            if self._take_messages():
                return
        raise ValueError("too many records")

    def _some(self, count: int) -> bytes:
        """Up to `count` bytes; fewer when the other side ended."""
        found = b""
        while len(found) < count:
            part = self.wire.receive(count - len(found))
            if not part:
                break
            found += part
        return found

    def _not_tls(self, head: bytes) -> None:
        if self.answer.outcome == "hello":
            raise ValueError("no record")
        self.answer.outcome = "not_tls"
        self.answer.first_bytes = head
        if head[:1] in b"\x15\x16\x80" and not head[:3].isalpha():
            return
        try:
            self.answer.first_bytes = head + self.wire.receive(512)
        except OSError:
            return

    def _alert(self, body: bytes) -> None:
        if len(body) < 2:
            raise ValueError("half an alert")
        if self.answer.outcome != "hello":
            self.answer.outcome = "alert"
        self.answer.alert = body[1]

    def _take_messages(self) -> bool:
        """Handle the messages that are complete; True when there is nothing more to read."""
        while len(self.messages) >= 4:
            length = int.from_bytes(self.messages[1:4], "big")
            if length > MAX_MESSAGE:
                raise ValueError("a message that is too long")
            if len(self.messages) < 4 + length:
                return False
            kind, body = self.messages[0], bytes(self.messages[4 : 4 + length])
            del self.messages[: 4 + length]
            if self._message(kind, body):
                return True
        return False

    def _message(self, kind: int, body: bytes) -> bool:
        answer = self.answer
        if kind == 2:
            _server_hello(body, answer)
            return not self.whole or answer.retry or answer.version == hello.TLS13
        if answer.outcome != "hello" and kind != 0:
            raise ValueError("a message before the hello")
        if kind == 11:
            answer.certificates = _certificates(body)
            answer.chain_complete = True
        elif kind == 22:
            answer.stapled = len(body) > 4 and body[0] == 1
        elif kind == 12:
            answer.key_exchange = True
            _key_exchange(body, answer)
        elif kind == 14:
            answer.done = True
            return True
        return False


class _Bytes:
    """A message that is read from its start; raises ValueError at its end."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise ValueError("cut off")
        part = self.data[self.at : self.at + count]
        self.at += count
        return part

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count), "big")

    def counted(self, count: int) -> bytes:
        return self.take(self.number(count))

    @property
    def left(self) -> int:
        return len(self.data) - self.at


def _server_hello(body: bytes, answer: Answer) -> None:
    data = _Bytes(body)
    answer.version = data.number(2)
    answer.random = data.take(32)
    data.counted(1)
    answer.suite = data.number(2)
    answer.compression = data.number(1)
    answer.retry = answer.random == RETRY_RANDOM
    if data.left >= 2:
        extensions = _Bytes(data.counted(2))
        while extensions.left and len(answer.extensions) < 64:
            kind = extensions.number(2)
            answer.extensions[kind] = extensions.counted(2)
    chosen = answer.extensions.get(43, b"")
    if len(chosen) == 2:
        answer.version = int.from_bytes(chosen, "big")
    share = answer.extensions.get(51, b"")
    if len(share) >= 2:
        answer.group = int.from_bytes(share[:2], "big")
    answer.outcome = "hello"


def _certificates(body: bytes) -> list[bytes]:
    chain = _Bytes(_Bytes(body).counted(3))
    found: list[bytes] = []
    while chain.left:
        if len(found) == 100:
            raise ValueError("more than 100 certificates")
        found.append(chain.counted(3))
    return found


def _key_exchange(body: bytes, answer: Answer) -> None:
    """The parameters of an ephemeral key exchange, RFC 5246 section 7.4.3 and RFC 8422 section 5.4."""
    from secaudit.protocols.tls import suites

    one = suites.suite(answer.suite or 0)
    data = _Bytes(body)
    if one.key_exchange.endswith("PSK"):
        data.counted(2)  # the hint
    if one.key_exchange.startswith("ECDHE"):
        answer.curve_kind = data.number(1)
        if answer.curve_kind == 3:
            answer.group = data.number(2)
        elif answer.curve_kind == 1:
            answer.curve_bits = int.from_bytes(data.counted(1), "big").bit_length()
            return
        else:
            answer.curve_bits = data.number(2)
            return
        data.counted(1)
    elif one.key_exchange.startswith("DHE"):
        answer.dh_prime = data.counted(2)
        answer.dh_bits = int.from_bytes(answer.dh_prime, "big").bit_length()
        data.counted(2)
        data.counted(2)
    elif one.key_exchange == "RSA" and one.export:
        answer.dh_bits = int.from_bytes(data.counted(2), "big").bit_length()
        return
    else:
        return
    if answer.version == hello.TLS12 and one.authentication not in ("anon", "PSK") and data.left >= 2:
        answer.signature = data.number(2)


def _read_ssl2(wire: Wire, answer: Answer) -> None:
    """SERVER-HELLO of SSL 2.0: it names all ciphers that both sides have."""
    head = wire.receive(2)
    if not head:
        return
    if len(head) < 2:
        head += wire.receive_exactly(1)
    if head[0] in (0x15, 0x16):  # an answer of a later version
        rest = wire.receive_exactly(3)
        length = int.from_bytes(rest[1:3], "big")
        body = wire.receive_exactly(min(length, 64))
        if head[0] == 0x15 and len(body) >= 2:
            answer.outcome, answer.alert = "alert", body[1]
        return
    if not head[0] & 0x80:
        answer.outcome, answer.first_bytes = "not_tls", head
        return
    body = wire.receive_exactly(((head[0] & 0x7F) << 8) | head[1])
    if body[:1] != b"\x04":  # also its error message
        answer.outcome = "alert"
        return
    data = _Bytes(body)
    data.take(3)
    answer.version = data.number(2)
    certificate, ciphers, _ = data.number(2), data.number(2), data.number(2)
    if certificate:
        answer.certificates = [data.take(certificate)]
    codes = data.take(ciphers)
    answer.ssl2_suites = tuple(int.from_bytes(codes[at : at + 3], "big") for at in range(0, len(codes) - 2, 3))
    answer.outcome = "hello" if answer.version == hello.SSL2 else "alert"
