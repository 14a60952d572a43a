"""SSH servers that mean harm, or are broken: each ends in a status within a bounded time, and none crashes a table."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networktest import hosts, read_network, rows_of
from secaudit.faults._listening import Listener
from secaudit.protocols.ssh.hello import read_offer, say_hello
from secaudit.protocols.ssh.keyblob import read_key
from secaudit.protocols.ssh.packets import NotSsh, Reader, mpint, read_greeting, string
from secaudit.targets.recorder import Cache

BANNER = b"SSH-2.0-Hostile_1.0\r\n"
TABLES = ("ssh_server", "ssh_algorithms", "ssh_host_keys", "ssh_group_exchange")


def packet(payload: bytes, padding: int = 8) -> bytes:
    return (len(payload) + padding + 1).to_bytes(4, "big") + bytes([padding]) + payload + bytes(padding)


def kexinit(*lists: bytes) -> bytes:
    return packet(b"\x14" + bytes(16) + b"".join(string(names) for names in lists) + bytes(5))


GOOD_LISTS = (b"curve25519-sha256", b"ssh-ed25519", b"aes256-ctr", b"aes256-ctr", b"hmac-sha2-256", b"hmac-sha2-256",
              b"none", b"none", b"", b"")  # fmt: skip


def says(*parts: bytes, then: Callable[[socket.socket], None] | None = None) -> Callable[[socket.socket], None]:
    def handle(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)
        if then is not None:
            then(connection)

    return handle


def endless(data: bytes) -> Callable[[socket.socket], None]:
    def handle(connection: socket.socket) -> None:
        for _ in range(2000):
            connection.sendall(data * 64)

    return handle


def drip(connection: socket.socket) -> None:
    for byte in BANNER * 100:
        connection.sendall(bytes([byte]))
        time.sleep(0.3)


def stay(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while connection.recv(4096):
            pass


HOSTILE = {
    "a banner of 10 MB": endless(b"SSH-2.0-" + b"A" * 90),
    "lines without end before the banner": endless(b"hello\r\n"),
    "zero bytes": endless(bytes(100)),
    "a banner that drips": drip,
    "a banner, then silence": says(BANNER, then=stay),
    "a banner, then garbage": says(BANNER, os.urandom(4000)),
    "a banner with signs of a terminal": says(b"SSH-2.0-\x1b[2J\x07\xff\xfe x\r\n", kexinit(*GOOD_LISTS)),
    "a banner without a version": says(b"SSH-\r\n"),
    "only version 1": says(b"SSH-1.5-Old\r\n", then=stay),
    "a packet of 4 GB": says(BANNER, b"\xff\xff\xff\xff\x04", then=stay),
    "a packet of nothing": says(BANNER, bytes(8)),
    "padding longer than its packet": says(BANNER, (12).to_bytes(4, "big") + b"\xff" + bytes(11)),
    "lists longer than their packet": says(BANNER, packet(b"\x14" + bytes(16) + b"\xff\xff\xff\xff" + bytes(40))),
    "a list of 10,000 names": says(BANNER, kexinit(b",".join([b"x"] * 10000), *GOOD_LISTS[1:])),
    "empty lists": says(BANNER, kexinit(*[b""] * 10), then=stay),
    "closed inside the list": says(BANNER, kexinit(*GOOD_LISTS)[:40]),
    "packets of no interest without end": says(BANNER, packet(b"\x02" + string(b"x")) * 1000, then=stay),
    "a goodbye": says(BANNER, packet(b"\x01" + bytes(4) + string(b"go \x1b[31m away") + string(b""))),
    "a host key of garbage": says(BANNER, kexinit(*GOOD_LISTS), packet(b"\x1f" + os.urandom(300)), then=stay),
    "a host key longer than its packet": says(BANNER, kexinit(*GOOD_LISTS), packet(b"\x1f\x7f\xff\xff\xff"), then=stay),
    "unknown algorithms only": says(BANNER, kexinit(b"new-kex", b"new-key", *GOOD_LISTS[2:]), then=stay),
    "closed at once": says(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_servers_give_a_status(name: str) -> None:
    begun = time.monotonic()
    with Listener(HOSTILE[name]) as server:
        access, cache = hosts("127.0.0.1", ports=[server.port]), Cache()
        for table in TABLES:
            data = read_network(table, access, cache)
            assert data.status in ("ok", "partial", "absent"), (table, data.status, data.reason)
            for row in rows_of(data):
                assert all(len(str(value)) < 2100 for value in row.values())
                assert "\x1b" not in str(row)
    assert time.monotonic() - begun < 60


def test_a_server_that_stops_after_its_banner_passes_nothing() -> None:
    from servicejudge import Audit

    with Listener(HOSTILE["a banner, then silence"]) as server:
        audit = Audit([server.port], only=["ssh-service-ciphers", "ssh-service-terrapin", "ssh-service-host-key-size"])
    assert audit.having("unknown") == {"ssh-service-ciphers", "ssh-service-terrapin", "ssh-service-host-key-size"}


def test_a_server_that_hangs_up_on_every_request_for_a_group_refused_none() -> None:
    from servicejudge import Audit

    lists = (b"diffie-hellman-group-exchange-sha256,curve25519-sha256", *GOOD_LISTS[1:])

    def hang_up(connection: socket.socket) -> None:
        connection.sendall(BANNER + kexinit(*lists))
        data = b""
        while b"\x22\0\0\x04\0" not in data:  # the request for a group
            more = connection.recv(4096)
            if not more:
                return
            data += more

    with Listener(hang_up) as server:
        audit = Audit([server.port], only=["ssh-service-group-size"])
    assert audit.having("unknown") == {"ssh-service-group-size"}
    assert {row["refused"] for row in audit.rows("ssh_group_exchange")} == {None}


class Bytes:
    """A wire that gives these bytes in pieces."""

    host = address = ""
    port = 0

    def __init__(self, data: bytes, piece: int = 7) -> None:
        self.pieces = [data[at : at + piece] for at in range(0, len(data), piece)]

    def send(self, data: bytes) -> None:
        pass

    def receive(self, limit_bytes: int = 65536) -> bytes:
        return self.pieces.pop(0) if self.pieces else b""


@given(st.binary(max_size=600))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for read in (read_offer, read_key, lambda text: Reader(text).names()):
        with contextlib.suppress(NotSsh):
            read(data)
    with contextlib.suppress(OSError):
        read_greeting(Bytes(data))  # type: ignore[arg-type]
    hello = say_hello(Bytes(BANNER + data))  # type: ignore[arg-type]
    assert (hello.offer is None) == bool(hello.problem)


@given(st.integers(0, 2**70))
def test_numbers_are_written_as_they_are_read(number: int) -> None:
    assert int.from_bytes(Reader(mpint(number)).string(), "big") == number
    assert not mpint(number)[4:5] >= b"\x80"
