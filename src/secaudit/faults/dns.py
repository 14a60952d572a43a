"""A small DNS server on loopback, UDP and TCP, that knows zones given as text and can misbehave in named ways.

It plays the resolver and the authoritative server at once: it answers about every name in its zones, and says that
there is no other. Signatures are not real: it sets the bit by which a resolver says that it checked them.
"""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType

from secaudit.faults.dns_zone import Question, Zone, message, read_question

BEHAVIOURS = {
    "truncated": "every UDP answer is cut, so that TCP must be used",
    "truncated-no-tcp": "UDP answers are cut and TCP is closed",
    "servfail": "every question gives SERVFAIL",
    "refused": "every question gives REFUSED",
    "silent": "no question is answered",
    "drip": "TCP answers come byte by byte and UDP answers are cut",
    "wrong-id": "answers carry the number of another question",
    "wrong-question": "answers are about another name",
    "garbage": "answers are random bytes",
    "alias-loop": "every name is an alias of an alias of itself",
    "rebinding": "every second answer about addresses is another one",
    "huge": "every TXT answer has 64 KB, with bytes that move a terminal's cursor",
    "axfr-open": "the whole zone is given to everybody",
    "not-validating": "the resolver checks no signatures",
}
"""Name -> what the server does."""

UDP_BYTES = 1232


class DnsServer:
    """Serve a zone on a free port of 127.0.0.1 in threads, until `close`.

    Args:
        zone: the records.
        behaviours: names of `BEHAVIOURS`.
        signed: names below which answers carry the bit of checked signatures; the root is always among them.
        only: names that the bad behaviours are limited to; all when empty.
    """

    def __init__(
        self,
        zone: Zone,
        behaviours: frozenset[str] = frozenset(),
        signed: tuple[str, ...] = (),
        only: frozenset[str] = frozenset(),
    ) -> None:
        unknown = behaviours - set(BEHAVIOURS)
        if unknown:
            raise ValueError(f"no such behaviour: {', '.join(sorted(unknown))}")
        self.zone, self.behaviours, self.signed, self.only = zone, behaviours, signed, only
        self.asked: list[tuple[str, str]] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._udp, self._tcp = _two_sockets()
        self._udp.settimeout(0.2)
        self._tcp.settimeout(0.2)
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._serve_udp, self._serve_tcp)]
        for thread in self._threads:
            thread.start()

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        host, port = self._udp.getsockname()
        return host, port

    def close(self) -> None:
        """End both threads and free the port."""
        self._closing.set()
        for one in (self._udp, self._tcp):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(5)

    def __enter__(self) -> DnsServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------ sockets

    def _serve_udp(self) -> None:
        while not self._closing.is_set():
            try:
                data, peer = self._udp.recvfrom(4096)
            except TimeoutError:
                continue
            except OSError:
                return
            for answer in self._answers(data, tcp=False):
                with suppress(OSError):
                    self._udp.sendto(answer, peer)

    def _serve_tcp(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._tcp.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        with connection, suppress(OSError, struct.error):
            (size,) = struct.unpack(">H", _exactly(connection, 2))
            data = _exactly(connection, size)
            for answer in self._answers(data, tcp=True):
                framed = struct.pack(">H", len(answer)) + answer
                if "drip" not in self.behaviours:
                    connection.sendall(framed)
                    continue
                for byte in framed:
                    if self._closing.wait(0.5):
                        return
                    connection.sendall(bytes((byte,)))

    # ------------------------------------------------------------ answers

    def _answers(self, data: bytes, *, tcp: bool) -> list[bytes]:
        try:
            question = read_question(data)
        except ValueError:
            return []
        with self._lock:
            self.asked.append((question.name, question.kind))
            number = len(self.asked)
        if question.kind == "AXFR":
            return self._transfer(question) if tcp else []
        if self.only and question.name not in self.only:
            return [self._honest(question, tcp)]
        return self._odd(question, number, tcp)

    def _odd(self, question: Question, number: int, tcp: bool) -> list[bytes]:
        """The answer as the behaviours want it."""
        odd = self.behaviours
        if "silent" in odd or (tcp and "truncated-no-tcp" in odd):
            return []
        if "garbage" in odd:
            return [bytes((number * 7 + step * 31) & 255 for step in range(200))]
        for name, code in (("servfail", "SERVFAIL"), ("refused", "REFUSED")):
            if name in odd:
                return [message(question, code, [])]
        if not tcp and odd & {"truncated", "truncated-no-tcp", "drip"}:
            return [message(question, "NOERROR", [], truncated=True)]
        if "wrong-id" in odd:
            answer = self._honest(question, tcp)
            return [struct.pack(">H", question.id ^ 0x5555) + answer[2:]]
        if "wrong-question" in odd:
            other = read_question(struct.pack(">6H", question.id, 0, 1, 0, 0, 0) + b"\5other\4test\0\0\1\0\1")
            return [message(other, "NOERROR", [("other.test", "A", bytes((192, 0, 2, 66)))])]
        if "alias-loop" in odd:
            hop = f"loop.{question.name}" if not question.name.startswith("loop.") else question.name[5:]
            return [
                message(
                    question, "NOERROR", [(question.name, "CNAME", _wire(hop)), (hop, "CNAME", _wire(question.name))]
                )
            ]
        if "rebinding" in odd and question.kind == "A" and number % 2:
            return [message(question, "NOERROR", [(question.name, "A", bytes((169, 254, 169, 254)))])]
        if "huge" in odd and question.kind == "TXT":
            text = (b"v=spf1 " + b"\x1b[2J include:x.test " * 3500)[: 253 * 255]
            strings = b"".join(
                bytes((len(part),)) + part for part in (text[at : at + 255] for at in range(0, len(text), 255))
            )
            answer = message(question, "NOERROR", [(question.name, "TXT", strings)])
            return [answer if tcp else message(question, "NOERROR", [], truncated=True)]
        return [self._honest(question, tcp)]

    def _honest(self, question: Question, tcp: bool) -> bytes:
        code, answers = self.zone.find(question.name, question.kind)
        checks = "not-validating" not in self.behaviours
        signed = question.name == "" or any(
            question.name == name or question.name.endswith("." + name) for name in self.signed
        )
        answer = message(question, code, answers, authenticated=checks and signed)
        if not tcp and len(answer) > UDP_BYTES:
            return message(question, code, [], truncated=True)
        return answer if len(answer) < 65536 else message(question, "SERVFAIL", [])

    def _transfer(self, question: Question) -> list[bytes]:
        if "axfr-open" not in self.behaviours:
            return [message(question, "REFUSED", [])]
        records = self.zone.below(question.name)
        if not records or records[0][1] != "SOA":
            return [message(question, "REFUSED", [])]
        whole = [*records, records[0]]
        return [message(question, "NOERROR", whole[start : start + 20]) for start in range(0, len(whole), 20)]


def _wire(name: str) -> bytes:
    return b"".join(bytes((len(label),)) + label for label in name.encode().split(b".")) + b"\0"


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise ConnectionError("ended early")
        data += part
    return data


def _two_sockets() -> tuple[socket.socket, socket.socket]:
    """A UDP and a TCP socket on the same free port."""
    for _ in range(50):
        tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            tcp.bind(("127.0.0.1", 0))
            udp.bind(tcp.getsockname())
        except OSError:
            tcp.close()
            udp.close()
            continue
        tcp.listen(16)
        return udp, tcp
    raise OSError("no port is free for UDP and TCP")
