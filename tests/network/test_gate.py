"""The door keeps its rules against real sockets on loopback: addresses are pinned, limits hold, all is written down."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from pathlib import Path

import pytest

from networktest import domain, free_port, hosts, network_rows, server, site
from secaudit.model import Consent
from secaudit.tableapi import FREE_PORTS, DnsReply, Failed, NotCovered, Stopped
from secaudit.targets.network import limits
from secaudit.targets.network.gate import Gate
from tlstest import make_certificate


def test_a_connection_is_written_down_with_its_bytes() -> None:
    with server(lambda caller: caller.sendall(b"hello\r\nand more\r\n") or None) as port:
        access = hosts("127.0.0.1")
        with access.gate.connect("127.0.0.1", port, "service", "a look at the banner") as wire:
            assert wire.receive_until(b"\r\n", 100) == b"hello\r\n"
            assert wire.receive_exactly(4) == b"and "
            wire.send(b"bye")
        row = network_rows("scan_actions", access)[0]
    assert (row["kind"], row["host"], row["address"], row["port"]) == ("service", "127.0.0.1", "127.0.0.1", port)
    assert (row["what"], row["outcome"], row["sent_bytes"]) == ("a look at the banner", "ok", 3)
    assert row["received_bytes"] == len(b"hello\r\nand more\r\n")


def test_a_dripping_server_meets_the_deadline_of_the_whole_connection() -> None:
    def drip(caller: socket.socket) -> None:
        while True:
            caller.sendall(b"x")
            time.sleep(0.05)

    with server(drip) as port:
        access = hosts("127.0.0.1")
        begun = time.monotonic()
        with (
            access.gate.connect("127.0.0.1", port, "service", "x", timeout_s=0.5) as wire,
            pytest.raises(TimeoutError),
        ):
            wire.receive_until(b"\n", 1_000_000)
        assert time.monotonic() - begun < 5
        assert access.gate.sent()[0].outcome == "timeout"


def test_an_endless_server_meets_the_limit_of_bytes() -> None:
    def flood(caller: socket.socket) -> None:
        while True:
            caller.sendall(b"x" * 65536)

    with server(flood) as port, hosts("127.0.0.1").gate.connect("127.0.0.1", port, "service", "x") as wire:
        assert len(wire.receive_until(b"\n", 100_000)) == 100_000


def test_text_before_the_encryption_is_no_encryption() -> None:
    with (
        server(lambda caller: caller.sendall(b"220 go ahead\r\n250 injected\r\n")) as port,
        hosts("127.0.0.1").gate.connect("127.0.0.1", port, "tls", "x") as wire,
    ):
        wire.receive_until(b"\r\n", 100)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        with pytest.raises(ConnectionError, match="in the clear"):
            wire.secure(context, "localhost")


def test_only_what_was_named_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    access = site("http://localhost:1/")
    with pytest.raises(NotCovered, match="was not named"):
        access.gate.connect("127.0.0.1", 1, "http", "GET /")
    with pytest.raises(NotCovered, match="no address of"):
        access.gate.connect("localhost", 1, "http", "GET /", address="127.9.9.9")
    with pytest.raises(NotCovered, match="cloud"):
        hosts("169.254.169.254").gate.connect("169.254.169.254", 80, "http", "GET /")
    client = Consent(by="Ana", until="2030-01-01")
    with pytest.raises(NotCovered, match="--i-may-scan"):
        hosts("127.0.0.1", consent=client).gate.connect("127.0.0.1", 80, "http", "GET /")
    unknown = hosts("unknown.example").gate
    monkeypatch.setattr(unknown._names, "of_system", lambda host: [])
    with pytest.raises(Failed, match="no address"):
        unknown.addresses("unknown.example")
    assert [one.kind for one in access.gate.sent()] == ["dns"]


def test_a_name_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebinding: the second look-up tells another address, and nobody asks a second time."""
    answers = iter([["127.0.0.1"], ["169.254.169.254"], ["127.0.0.2"]])
    access = hosts("rebound.example")
    monkeypatch.setattr(access.gate._names, "of_system", lambda host: next(answers))
    with server(lambda caller: None) as port:
        for _ in range(3):
            with access.gate.connect("rebound.example", port, "http", "GET /") as wire:
                assert wire.address == "127.0.0.1"
    assert access.gate.consent.addresses == ("rebound.example=127.0.0.1",)


def test_of_several_addresses_only_those_allowed_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    access = hosts("mixed.example")
    monkeypatch.setattr(access.gate._names, "of_system", lambda host: ["169.254.169.254", "8.8.8.8", "127.0.0.1"])
    assert access.gate.addresses("mixed.example") == ("127.0.0.1",)


def test_levels_are_asked_for() -> None:
    quiet = hosts("127.0.0.1", consent=Consent(local=True)).gate
    with pytest.raises(NotCovered) as caught:
        quiet.connect("127.0.0.1", 1, "http", "GET /.git/HEAD", level="active")
    assert caught.value.needs == "--active"
    with pytest.raises(NotCovered):
        quiet.scan("127.0.0.1", range(1, FREE_PORTS + 2))
    with pytest.raises(NotCovered) as caught:
        hosts("127.0.0.1").gate.require("intrusive", "this logs in", probe="net-x")
    assert caught.value.needs == "--intrusive net-x"
    allowed = hosts("127.0.0.1", consent=Consent(local=True, intrusive=("net-x",))).gate
    allowed.require("intrusive", "this logs in", probe="net-x")
    assert not quiet.sent()


def test_the_budget_of_a_kind_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.SPACING_S, "ssh", 0)
    with server(lambda caller: None) as port:
        gate = hosts("127.0.0.1").gate
        for _ in range(limits.BUDGETS["ssh"]):
            gate.connect("127.0.0.1", port, "ssh", "a hello").close()
        with pytest.raises(Stopped, match="limit"):
            gate.connect("127.0.0.1", port, "ssh", "a hello")
    assert len(gate.sent()) == limits.BUDGETS["ssh"]


def test_a_host_that_asks_for_a_rest_gets_it() -> None:
    gate = hosts("127.0.0.1").gate
    gate.back_off("127.0.0.1", "it answered 429")
    with pytest.raises(Stopped, match="429"):
        gate.connect("127.0.0.1", free_port(), "http", "GET /")
    assert not gate.sent()


def test_a_silent_host_is_left_alone() -> None:
    with server(lambda caller: time.sleep(5)) as port:
        gate = hosts("127.0.0.1").gate
        for _ in range(limits.SILENT_IN_A_ROW):
            with gate.connect("127.0.0.1", port, "http", "GET /", timeout_s=0.05) as wire, pytest.raises(TimeoutError):
                wire.receive()
        with pytest.raises(Stopped, match="did not answer"):
            gate.connect("127.0.0.1", port, "http", "GET /")


def test_a_refused_port_is_no_silence() -> None:
    gate, port = hosts("127.0.0.1").gate, free_port()
    for _ in range(limits.SILENT_IN_A_ROW + 2):
        with pytest.raises(ConnectionRefusedError):
            gate.connect("127.0.0.1", port, "http", "GET /")
    assert {one.outcome for one in gate.sent()} == {"refused"}


def test_the_time_of_an_audit_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TOTAL_S", -1)
    with pytest.raises(Stopped, match="seconds"):
        hosts("127.0.0.1").gate.connect("127.0.0.1", 1, "http", "GET /")


def test_a_rate_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.PACES, "loopback", limits.Pace(parallel=2, per_second=50, ports_per_second=0))
    at_once, most, lock = 0, 0, threading.Lock()

    def talk(caller: socket.socket) -> None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.03)
        with lock:
            at_once -= 1
        caller.sendall(b"x")

    def ask(_: int) -> bytes:
        with gate.connect("127.0.0.1", port, "http", "GET /") as wire:
            return wire.receive()

    with server(talk) as port:
        gate = hosts("127.0.0.1").gate
        begun = time.monotonic()
        assert gate.each(range(12), ask) == [b"x"] * 12
        assert time.monotonic() - begun >= 11 / 50
    assert most <= 2


def test_a_scan_tells_open_from_closed() -> None:
    closed = free_port()
    with server(lambda caller: None) as port:
        access = hosts("127.0.0.1")
        assert access.gate.scan("127.0.0.1", [port, closed]) == {port: "open", closed: "closed"} or port == closed
        assert len(access.gate.scan("127.0.0.1", range(1, 2001))) == 2000
    assert [one.what for one in access.gate.sent()] == ["try 2 ports", "try 2000 ports"]


def test_a_program_is_told_the_pinned_address() -> None:
    gate = hosts("127.0.0.1").gate
    with pytest.raises(NotCovered, match="was not told"):
        gate.run(["true", "localhost"], "127.0.0.1", 22, "ssh", "login methods", "passive", 5)
    assert gate.run(["true", "127.0.0.1"], "127.0.0.1", 22, "ssh", "login methods", "passive", 5).exit_code == 0
    assert [one.what for one in gate.sent()] == ["true: login methods"]


def test_the_wire_is_closed_and_counted_when_the_reader_fails() -> None:
    def read(gate: Gate, port: int) -> None:
        with gate.connect("127.0.0.1", port, "http", "GET /") as wire:
            raise ValueError(wire.receive())

    with server(lambda caller: caller.sendall(b"x")) as port:
        gate = hosts("127.0.0.1").gate
        with pytest.raises(ValueError, match="x"):
            read(gate, port)
        assert [one.received_bytes for one in gate.sent()] == [1]


def test_a_silent_resolver_is_asked_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DNS_TIMEOUT_S", 0.05)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        gate = domain("shop.example", ("127.0.0.1", deaf.getsockname()[1])).gate
        codes = [gate.dns(f"{number}.shop.example", "A").code for number in range(limits.SILENT_IN_A_ROW + 2)]
    assert codes == ["TIMEOUT"] * limits.SILENT_IN_A_ROW + ["STOPPED"] * 2
    assert len(gate.sent()) == limits.SILENT_IN_A_ROW


def test_one_question_is_asked_once_however_many_ask() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        gate = domain("shop.example", ("127.0.0.1", deaf.getsockname()[1])).gate
        asked: list[tuple[str, str]] = []

        def answer(name: str, kind: str) -> tuple[DnsReply, int, int]:
            asked.append((name, kind))
            time.sleep(0.05)
            return DnsReply(name, kind, "NOERROR", ("x",), (), authenticated=False, ttl_s=1), 1, 1

        gate._names.ask = answer  # type: ignore[method-assign]
        gate.each(range(8), lambda _: gate.dns("Shop.example.", "txt"))
    assert asked == [("shop.example", "TXT")]


def test_a_ticket_of_tls_is_no_text(tmp_path: Path) -> None:
    """A server of TLS 1.3 sends tickets by itself; who waits for a greeting must not wait for it in vain."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*make_certificate(tmp_path))

    def talk(caller: socket.socket) -> None:
        with context.wrap_socket(caller, server_side=True) as secured:
            if secured.recv(5) == b"hello":
                secured.sendall(b"good day")
            time.sleep(1)

    accepting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    accepting.check_hostname, accepting.verify_mode = False, ssl.CERT_NONE
    with server(talk) as port, hosts("127.0.0.1").gate.connect("127.0.0.1", port, "tls", "x") as wire:
        wire.secure(accepting, None)
        begun = time.monotonic()
        assert not wire.ready(0.2)
        assert time.monotonic() - begun < 3
        wire.send(b"hello")
        assert wire.ready(3)
        assert wire.receive(100) == b"good day"
