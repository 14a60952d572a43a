"""Services that mean harm: whatever they answer, the tables end in time with a status."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networktest import gate_of, hosts, read_network, rows_of
from secaudit.faults._listening import Listener
from secaudit.protocols.services import bson
from secaudit.protocols.services.asking import Answer, Place, recognisers
from secaudit.protocols.services.banners import banner_of, http_guess, recognise
from secaudit.targets.recorder import Cache


def flood(data: bytes) -> Callable[[socket.socket], None]:
    def handle(connection: socket.socket) -> None:
        for _ in range(3000):
            connection.sendall(data)

    return handle


def drip(data: bytes) -> Callable[[socket.socket], None]:
    def handle(connection: socket.socket) -> None:
        for byte in data * 100:
            connection.sendall(bytes([byte]))
            time.sleep(0.2)

    return handle


def silent(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while connection.recv(4096):
            pass


def closes(connection: socket.socket) -> None:
    pass


def echo(connection: socket.socket) -> None:
    while data := connection.recv(4096):
        connection.sendall(data)


def answers(data: bytes) -> Callable[[socket.socket], None]:
    def handle(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(data)

    return handle


HOSTILE = {
    "silent": silent,
    "closes": closes,
    "echo": echo,
    "flood of zeros": flood(bytes(1000)),
    "flood of lines": flood(b"220-x\r\n" * 100),
    "flood of rsync": flood(b"@RSYNCD: 31.0\n" * 80),
    "drip": drip(b"220 FTP ready\r\n"),
    "garbage": answers(os.urandom(3000)),
    "web page without end": answers(b"HTTP/1.1 200 OK\r\nServer: \x1b[2Jx/1\r\n\r\n" + b"x" * 1_000_000),
    "a record of TLS that is none": answers(b"\x16\x03\x01\xff\xff" + bytes(100)),
    "VNC with 255 logins that do not come": answers(b""),
    "deep JSON": answers(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + b"[" * 60_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_services_give_a_status(name: str) -> None:
    begun = time.monotonic()
    with Listener(HOSTILE[name]) as server:
        access, cache = hosts("127.0.0.1", ports=[server.port]), Cache()
        for table in ("scan_ports", "service_access", "network_services", "network_hosts"):
            data = read_network(table, access, cache)
            assert data.status in ("ok", "partial", "absent"), (table, data.status, data.reason)
            for row in rows_of(data):
                assert "\x1b" not in str(row)
                assert all(len(str(value)) < 2100 for value in row.values())
    assert time.monotonic() - begun < 60


def test_many_silent_ports_do_not_make_a_host_look_dead() -> None:
    with contextlib.ExitStack() as stack:
        ports = [stack.enter_context(Listener(silent)).port for _ in range(8)]
        access, cache = hosts("127.0.0.1", ports=ports), Cache()
        data = read_network("scan_ports", access, cache)
        asked = read_network("service_access", access, cache)
    assert (data.status, len(data.rows)) == ("ok", 8), data.reason
    assert asked.status == "absent"
    assert not [one for one in gate_of(access).sent() if one.outcome == "timeout"]


def test_a_redis_that_does_not_answer_passes_nothing() -> None:
    from servicejudge import Audit

    def stuck(connection: socket.socket) -> None:
        if connection.recv(100).startswith(b"GET "):
            connection.sendall(b"-ERR wrong number of arguments for 'get' command\r\n")
        else:
            silent(connection)

    with Listener(stuck) as server:
        audit = Audit([server.port], only=["net-redis-login"])
    assert audit.tables["service_access"].status == "partial"
    assert audit.having("unknown") == {"net-redis-login"}


def test_a_port_of_a_printer_is_sent_nothing() -> None:
    from secaudit.protocols.services import guess

    def never(what: str) -> None:
        raise AssertionError(what)

    found = guess.identify(9100, never)  # type: ignore[arg-type]
    assert (found.service, found.method) == ("printer", "port")


class Wire:
    """A connection that gives these bytes, then ends."""

    host, address, port = "h", "127.0.0.1", 1

    def __init__(self, data: bytes) -> None:
        self.data = data

    def send(self, data: bytes) -> None:
        pass

    def ready(self, wait_s: float) -> bool:
        return True

    def receive(self, limit_bytes: int = 65536) -> bytes:
        part, self.data = self.data[:limit_bytes], self.data[limit_bytes:]
        return part

    def receive_exactly(self, count: int) -> bytes:
        part = self.receive(count)
        if len(part) < count:
            raise ConnectionError("ended")
        return part

    def receive_until(self, end: bytes, limit_bytes: int) -> bytes:
        at = self.data.find(end)
        return self.receive(min(limit_bytes, at + len(end)) if at >= 0 else limit_bytes)

    def close(self) -> None:
        pass

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *error: object) -> None:
        pass


STARTS = (b"", b"RFB 003.008\n", b"@RSYNCD: 31.0\n", b"\x20\x02", b"INFO {", b"220 FTP\r\n", b"HTTP/1.1 200 OK\r\n\r\n{",
          b"\x83\0\0\0\x02", b"\x01\0\x0b\0", b"\xffSMBr", b"Zookeeper version: 3", b"+PONG\r\n", b"VERSION ")  # fmt: skip


@pytest.mark.parametrize("name", sorted(recognisers()))
@given(st.sampled_from(STARTS), st.binary(max_size=300))
def test_any_answer_is_read_or_refused(name: str, start: bytes, data: bytes) -> None:
    with contextlib.suppress(OSError):
        found = recognisers()[name].ask(Place(lambda: Wire(start + data), 445, secure=False))  # type: ignore[arg-type,return-value]
        assert found is None or isinstance(found, Answer)


@given(st.binary(max_size=500))
def test_any_banner_is_shown_in_short_and_without_signs_of_a_terminal(data: bytes) -> None:
    recognise(data)
    http_guess(data)
    shown = banner_of(data)
    assert len(shown) <= 300
    assert shown.isprintable()


@given(st.dictionaries(st.text("abc", min_size=1), st.one_of(st.integers(-(2**31), 2**31 - 1), st.text(max_size=20).filter(lambda text: "\0" not in text))))  # fmt: skip
def test_documents_are_read_as_they_are_written(document: dict[str, int | str]) -> None:
    assert bson.read(bson.write(document)) == document


@given(st.binary(max_size=300))
def test_any_bytes_are_a_document_or_broken(data: bytes) -> None:
    with contextlib.suppress(bson.Broken):
        bson.read(data)


def test_every_recogniser_says_what_it_needs() -> None:
    for name, module in recognisers().items():
        assert module.SERVICES, name
        assert module.PORTS, name
        assert module.WHAT, name
        assert isinstance(module.WEB, bool), name
        assert isinstance(module.ANYWHERE, bool), name
        assert not (module.WEB and module.ANYWHERE), name
        assert 1 <= module.CONNECTIONS <= 6, name
    assert len({module.WHAT for module in recognisers().values()}) == len(recognisers())
