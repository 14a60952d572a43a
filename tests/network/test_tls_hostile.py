"""Servers that mean harm get a status in time: garbage, drips, endless messages, hang-ups. None is "not offered"."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from networktest import hosts, read_network, server
from secaudit.faults.tls_answers import Setup, read_hello
from secaudit.faults.tls_answers import answer as play
from secaudit.model import TableStatus
from secaudit.protocols.tls import answer, groups, hello, suites
from secaudit.protocols.tls.hello import Offer
from secaudit.targets.recorder import Cache
from tabletest import rows_of
from tlstest import survey_of

Serve = Callable[[socket.socket], None]


def garbage(client: socket.socket) -> None:
    client.recv(4096)
    client.sendall(bytes(range(256)) * 8)


def endless(client: socket.socket) -> None:
    client.recv(4096)
    while True:
        client.sendall(b"\x16\x03\x03\x40\x00" + bytes(0x4000))


def huge_message(client: socket.socket) -> None:
    client.recv(4096)
    client.sendall(b"\x16\x03\x03\x40\x00\x02\xff\xff\xff" + bytes(0x3FFC))
    while True:
        client.sendall(b"\x16\x03\x03\x40\x00" + bytes(0x4000))


def cut_hello(client: socket.socket) -> None:
    client.recv(4096)
    client.sendall(b"\x16\x03\x03\x00\x50\x02\x00\x00\x4c\x03\x03" + bytes(20))


def short_hello(client: socket.socket) -> None:
    client.recv(4096)
    client.sendall(b"\x16\x03\x03\x00\x08\x02\x00\x00\x04\x03\x03\x00\x00")


def empty_records(client: socket.socket) -> None:
    client.recv(4096)
    while True:
        client.sendall(b"\x16\x03\x03\x00\x00" * 1000)


def greeting(client: socket.socket) -> None:
    client.sendall(b"Welcome to this server\r\n")
    client.recv(4096)


def hangs_up(client: socket.socket) -> None:
    client.recv(10)


def drip(client: socket.socket) -> None:
    client.recv(4096)
    client.sendall(b"\x16\x03\x03\x01\x00")
    while True:
        client.sendall(b"\x02")
        time.sleep(0.2)


def silent(client: socket.socket) -> None:
    time.sleep(8)


def wrong_suite(client: socket.socket) -> None:
    """Picks what nobody offered."""
    client.recv(4096)
    body = b"\x03\x03" + bytes(32) + b"\x00" + b"\xfa\xfa" + b"\x00"
    client.sendall(
        b"\x16\x03\x03" + (len(body) + 4).to_bytes(2, "big") + b"\x02\x00" + len(body).to_bytes(2, "big") + body
    )


HOSTILE = [garbage, endless, huge_message, cut_hello, short_hello, empty_records, greeting, hangs_up, drip, silent]


@pytest.mark.parametrize("serve", HOSTILE, ids=lambda one: one.__name__)
def test_nothing_is_claimed_about_a_server_that_makes_no_sense(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secaudit.tables.network._tls_places.TIMEOUT_S", 1.0)
    begun = time.monotonic()
    with server(serve) as port:
        access = hosts("127.0.0.1", ports=[port])
        cache = Cache()
        for name in ("tls_handshakes", "tls_certificates", "tls_protocols", "tls_cipher_suites"):
            data = read_network(name, access, cache)
            # another protocol is an answer, too
            expected = TableStatus.ABSENT if serve in (greeting, garbage) else TableStatus.PARTIAL
            assert data.status is expected, (name, data.status, data.reason)
            for row in rows_of(data):
                assert row.get("offered") != 0 or serve is not silent, row
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize("serve", HOSTILE, ids=lambda one: one.__name__)
def test_a_survey_of_such_a_server_says_unknown(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = time.monotonic()
    with server(serve) as port:
        access = hosts("127.0.0.1", ports=[port])
        connect = access.gate.connect
        monkeypatch.setattr(access.gate, "connect", lambda *words: connect(*words, timeout_s=1.0))
        found = survey_of(access, "127.0.0.1", port)
    claimed = {hello.VERSIONS[one.code]: one.how for one in found.versions.values() if one.offered is not None}
    assert set(claimed) <= {"SSLv2"}, claimed
    assert not any(one.suites for one in found.versions.values())
    assert time.monotonic() - begun < 30


def test_a_suite_that_was_not_offered_makes_the_list_incomplete() -> None:
    with server(wrong_suite) as port:
        found = survey_of(hosts("127.0.0.1", ports=[port]), "127.0.0.1", port)
    tls12 = found.versions[hello.TLS12]
    assert (tls12.offered, tls12.suites, tls12.complete) == (True, [], False)


def test_a_server_that_stops_answering_after_its_first_hello_is_not_called_complete() -> None:
    """One answer, then nothing: as a firewall does that blocks who asks too often."""
    count = [0]

    def one_then_none(client: socket.socket) -> None:
        data = client.recv(4096)
        count[0] += 1
        if b"\x03\x04" in data or count[0] > 3:
            return
        body = b"\x03\x03" + bytes(32) + b"\x00" + b"\xc0\x2f" + b"\x00"
        size = (len(body) + 4).to_bytes(2, "big")
        client.sendall(b"\x16\x03\x03" + size + b"\x02\x00" + len(body).to_bytes(2, "big") + body)

    with server(one_then_none) as port:
        found = survey_of(hosts("127.0.0.1", ports=[port]), "127.0.0.1", port)
    for version in found.versions.values():
        assert version.offered is not False or not version.silent_end, version
        assert not version.complete or not version.silent_end


def answer_to(data: bytes, *, whole: bool = True) -> answer.Answer:
    def serve(client: socket.socket) -> None:
        client.recv(4096)
        for at in range(0, len(data), 7):
            client.sendall(data[at : at + 7])

    offer = Offer(hello.TLS12, suites.old_codes(), groups.OLD)
    with server(serve) as port:
        access = hosts("127.0.0.1", ports=[port])
        with access.gate.connect("127.0.0.1", port, "tls", "a TLS hello", "active", 3.0) as wire:
            wire.send(hello.client_hello(offer))
            return answer.read(wire, offer, whole=whole)


def record(data: bytes, kind: int = 22) -> bytes:
    return bytes((kind, 3, 3)) + len(data).to_bytes(2, "big") + data


def message(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + len(body).to_bytes(3, "big") + body


SERVER_HELLO = message(2, b"\x03\x03" + bytes(32) + b"\x00\xc0\x2f\x00")


def test_messages_in_many_records_and_many_messages_in_one() -> None:
    chain = message(11, b"\0\0\x0d" + b"\0\0\x05abcde" + b"\0\0\x02xy")
    stream = SERVER_HELLO + chain + message(14, b"")
    cut = b"".join(record(stream[at : at + 3]) for at in range(0, len(stream), 3))
    for sent in (cut, record(stream)):
        found = answer_to(sent)
        assert (found.outcome, found.suite, found.certificates, found.done) == (
            "hello",
            0xC02F,
            [b"abcde", b"xy"],
            True,
        )


def test_a_warning_about_the_name_does_not_end_the_handshake() -> None:
    found = answer_to(record(b"\x01\x70", 21) + record(SERVER_HELLO + message(14, b"")))
    assert (found.outcome, found.alert, found.done) == ("hello", None, True)


@pytest.mark.parametrize(
    "chain", [b"\0\0\x05" + b"\0\0\x09abcde", b"\xff\xff\xff", b"", b"\0\x01\x2c" + b"\0\0\0" * 100 + b"\0\0\0" * 100]
)
def test_a_certificate_message_that_lies_about_its_length_is_damaged(chain: bytes) -> None:
    if chain[:3] == b"\0\x01\x2c":
        chain = (len(chain) - 3).to_bytes(3, "big") + chain[3:]
    assert answer_to(record(SERVER_HELLO + message(11, chain))).outcome == "damaged"


def test_a_hello_says_no_name_for_an_address_and_the_name_else() -> None:
    assert b"localhost" in hello.client_hello(Offer(hello.TLS12, (0xC02F,), server_name="localhost"))
    bare = hello.client_hello(Offer(hello.TLS12, (0xC02F,)))
    assert b"\x00\x00\x00" not in bare[44:60]


@pytest.mark.parametrize("count", range(1, 340, 9))
def test_no_hello_has_a_length_that_old_load_balancers_hang_on(count: int) -> None:
    size = len(hello.client_hello(Offer(hello.TLS12, suites.old_codes()[:count]))) - 5
    assert not 256 <= size <= 511


def test_who_refuses_everything_has_answered_nothing() -> None:
    """As servers do that want a name (alert 112, unrecognized_name): nothing is known about SSL 3 then."""

    def refuses(client: socket.socket) -> None:
        client.recv(4096)
        client.sendall(b"\x15\x03\x03\x00\x02\x02\x70")

    with server(refuses) as port:
        access = hosts("127.0.0.1", ports=[port])
        found = survey_of(access, "127.0.0.1", port)
        data = read_network("tls_protocols", access)
    assert {one.offered for one in found.versions.values()} == {None}
    assert {row["offered"] for row in rows_of(data)} == {None}


def test_an_alert_that_says_nothing_about_the_offer_is_asked_again() -> None:
    """An internal error in the middle of the list hides no suite."""
    count = [0]

    def stumbles(client: socket.socket) -> None:
        data = client.recv(4096)
        if data[9:11] != b"\x03\x03" or b"\x00\x2b\x00\x03\x02\x03\x04" in data:
            client.sendall(b"\x15\x03\x03\x00\x02\x02\x46")
            return
        count[0] += 1
        size = int.from_bytes(data[44:46], "big")
        offered = {data[at : at + 2] for at in range(46, 46 + size, 2)}
        for code in (b"\xc0\x2f", b"\x00\x9c"):
            if code in offered and count[0] != 2:
                body = b"\x03\x03" + bytes(32) + b"\x00" + code + b"\x00"
                whole = record(message(2, body) + message(14, b""))
                client.sendall(whole)
                return
        client.sendall(b"\x15\x03\x03\x00\x02\x02" + (b"\x50" if count[0] == 2 else b"\x28"))

    with server(stumbles) as port:
        found = survey_of(hosts("127.0.0.1", ports=[port]), "127.0.0.1", port)
    assert found.versions[hello.TLS12].suites == [0xC02F, 0x009C]


SOME = (0xC02F, 0xC030, 0x009C, 0x0035, 0x000A)


def choosy(likes: Callable[[bytes], bool]) -> Serve:
    """Speaks TLS 1.2 with some suites, and hangs up without a word on what it does not like."""
    setup = Setup(versions=(hello.TLS12,), suites=SOME, certificates=(b"0\x00",))

    def serve(client: socket.socket) -> None:
        head = client.recv(5, socket.MSG_WAITALL)
        data = head + client.recv(int.from_bytes(head[3:5], "big"), socket.MSG_WAITALL)
        if head[:1] == b"\x16" and likes(data):
            client.sendall(play(read_hello(data), setup))
            client.recv(100)

    return serve


@pytest.mark.parametrize(
    "likes",
    [
        lambda data: len(data) < 700,  # a long hello
        lambda data: b"\x08\x04" not in data,  # signatures that it never heard of
        lambda data: len(data) < 700 and b"\x08\x04" not in data,
    ],
    ids=["long lists", "new signatures", "both"],
)
def test_a_server_that_hangs_up_on_what_it_does_not_like_is_asked_in_another_way(
    likes: Callable[[bytes], bool],
) -> None:
    with server(choosy(likes)) as port:
        found = survey_of(hosts("127.0.0.1", ports=[port]), "127.0.0.1", port)
    tls12 = found.versions[hello.TLS12]
    assert (tls12.offered, sorted(tls12.suites), tls12.complete) == (True, sorted(SOME), True)
    assert found.groups12 == [29, 23, 24]


class Bytes:
    """A wire that holds what came, and nothing more."""

    host, address, port = "host.example", "192.0.2.1", 443

    def __init__(self, data: bytes) -> None:
        self.data = data

    def receive(self, limit_bytes: int = 65536) -> bytes:
        part, self.data = self.data[:limit_bytes], self.data[limit_bytes:]
        return part

    def receive_exactly(self, count: int) -> bytes:
        if len(self.data) < count:
            raise ConnectionError("ended")
        return self.receive(count)


_WHOLE = (
    SERVER_HELLO + message(11, b"\0\0\x08\0\0\x05abcde") + message(12, b"\x03\0\x1d\x01x\x04\x01") + message(14, b"")
)


@settings(max_examples=500, deadline=None)
@given(data=st.binary(max_size=400), at=st.integers(0, 200), version=st.sampled_from(sorted(hello.VERSIONS)))
def test_no_bytes_make_the_reader_raise_or_believe(data: bytes, at: int, version: int) -> None:
    offer = Offer(version, (0xC02F,))
    for sent in (data, record(_WHOLE)[:at] + data, record(_WHOLE[:at] + data)):
        found = answer.read(Bytes(sent), offer, whole=True)  # type: ignore[arg-type]
        assert found.outcome in {"hello", "alert", "closed", "reset", "not_tls", "damaged"}
        assert found.outcome != "hello" or found.version is not None
