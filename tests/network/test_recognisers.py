"""Recognisers whose services listen at one port only, asked directly: both answers, and that of another service."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import realservers

from networktest import hosts
from secaudit.faults._listening import Listener, read_line
from secaudit.protocols.services.asking import Answer, Place, recognisers

HERE = Path(__file__).resolve().parent


def ask(name: str, answer: bytes) -> Answer | None:
    """What a recogniser makes of an answer."""

    def handle(connection: socket.socket) -> None:
        if connection.recv(4096):
            connection.sendall(answer)

    with Listener(handle) as server:
        net = hosts("127.0.0.1", ports=[server.port]).gate
        return recognisers()[name].ask(
            Place(lambda: net.connect("127.0.0.1", server.port, "service", "x", "active"), server.port, secure=False)
        )


def ask_web(name: str, pages: dict[str, tuple[int, object]]) -> Answer | None:
    def handle(connection: socket.socket) -> None:
        path = read_line(connection).split()[1].decode().partition("?")[0]
        while read_line(connection).strip():
            pass
        status, body = pages.get(path, (404, {}))
        text = body if isinstance(body, str) else json.dumps(body)
        connection.sendall(f"HTTP/1.1 {status} x\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode())

    with Listener(handle) as server:
        net = hosts("127.0.0.1", ports=[server.port]).gate
        return recognisers()[name].ask(
            Place(lambda: net.connect("127.0.0.1", server.port, "service", "x", "active"), server.port, secure=False)
        )


def frame(opcode: int, body: bytes = b"") -> bytes:
    """An answer of Cassandra."""
    return b"\x84\0\0\0" + bytes([opcode]) + len(body).to_bytes(4, "big") + body


def test_cassandra() -> None:
    ready, login, error = (ask("cassandra", frame(code)) for code in (2, 3, 0))
    assert ready is not None
    assert ready.anonymous == 1
    assert login is not None
    assert login.anonymous == 0
    assert error is not None
    assert (error.anonymous, bool(error.problem)) == (None, True)
    assert ask("cassandra", b"HTTP/1.1 400 Bad Request\r\n\r\n") is None


def test_remote_desktop() -> None:
    old = ask("rdp", b"\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x02\0\x08\0\0\0\0\0")
    nla = ask("rdp", b"\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x03\0\x08\0\x05\0\0\0")
    ancient = ask("rdp", b"\x03\0\0\x0b\x06\xd0\0\0\x12\x34\0")
    assert old is not None
    assert old.facts["old_security"] == "1"
    assert nla is not None
    assert nla.facts == {"old_security": "0", "wants": "login first (NLA)"}
    assert ancient is not None
    assert ancient.facts["old_security"] == "1"
    assert ask("rdp", b"SSH-2.0-OpenSSH_9.2p1\r\n") is None


def test_kubelet() -> None:
    given = ask_web("kubelet", {"/pods": (200, {"kind": "PodList", "apiVersion": "v1", "items": []})})
    refused = ask_web("kubelet", {"/pods": (401, "Unauthorized")})
    assert given is not None
    assert given.anonymous == 1
    assert refused is not None
    assert refused.anonymous == 0
    assert ask_web("kubelet", {"/pods": (401, "<html>log in</html>")}) is None


def test_ollama() -> None:
    pages: dict[str, tuple[int, object]] = {"/api/version": (200, {"version": "0.5.7"})}
    given = ask_web("ollama", {**pages, "/api/tags": (200, {"models": []})})
    refused = ask_web("ollama", {**pages, "/api/tags": (401, {})})
    assert given is not None
    assert (given.anonymous, given.version) == (1, "0.5.7")
    assert refused is not None
    assert refused.anonymous == 0
    assert ask_web("ollama", {}) is None


IN_A_NETWORK_OF_ITS_OWN = """
import os, subprocess, sys
sys.path[:0] = {paths!r}
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
os.mkdir("/run/rpcbind")
child = subprocess.Popen([{rpcbind!r}, "-f"], stderr=subprocess.DEVNULL)
from realservers import wait_for
from servicejudge import Audit
try:
    wait_for(111, child)
    audit = Audit([111], only=["net-portmapper-closed"])
    print(sorted(audit.having("fail")), audit.rows("network_services"))
finally:
    child.terminate()
    child.wait()
"""


def test_the_real_port_mapper() -> None:
    """It knows port 111 only, so it runs in a network of its own."""
    rpcbind, unshare = realservers.program("rpcbind"), realservers.program("unshare")
    if os.geteuid() != 0 or subprocess.run([unshare, "-n", "-m", "true"], check=False, capture_output=True).returncode:
        pytest.skip("no network of its own here")
    text = IN_A_NETWORK_OF_ITS_OWN.format(paths=[str(HERE), str(HERE.parent)], rpcbind=rpcbind)
    done = subprocess.run(
        [unshare, "-n", "-m", sys.executable, "-c", text], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.startswith("['net-portmapper-closed']"), done.stderr
    assert "'name': 'programs', 'value': 'portmapper'" in done.stdout
