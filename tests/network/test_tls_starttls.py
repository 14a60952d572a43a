"""The words before TLS, against real servers where Debian has them and against their formats where it is quicker."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from test_tls_hostile import Serve, server

from networktest import free_port, hosts
from secaudit.protocols.tls import starttls
from tabletest import open_to_others
from tlstest import make_certificate, program, running, suite_names, survey_of


def begin(port: int, protocol: str, timeout_s: float = 2.0) -> starttls.Begun:
    net = hosts("127.0.0.1", ports=[port]).gate
    with net.connect("127.0.0.1", port, "tls", "a TLS hello", "active", timeout_s) as wire:
        return starttls.begin(wire, protocol, "chat.example")


def script(*steps: bytes) -> Serve:
    """Sends the first step, then one more after each thing that it hears."""

    def serve(client: socket.socket) -> None:
        for number, step in enumerate(steps):
            if number:
                client.recv(4096)
            client.sendall(step)
        client.recv(4096)

    return serve


def ldap(code: int) -> bytes:
    operation = b"\x78\x07\x0a\x01" + bytes((code,)) + b"\x04\x00\x04\x00"
    message = b"\x02\x01\x01" + operation
    return b"\x30" + bytes((len(message),)) + message


def mysql(flags: int) -> bytes:
    body = b"\x0a8.0.1\0" + bytes(4) + b"abcdefgh\0" + flags.to_bytes(2, "little") + b"\x21\x02\0" + bytes(15)
    return len(body).to_bytes(3, "little") + b"\0" + body


FEATURES = b"<stream:stream><stream:features>%s</stream:features>"
TLS_FEATURE = b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"

TALKS = [
    ("smtp", (b"220-a\r\n220 b\r\n", b"250-x\r\n250-StartTLS\r\n250 ok\r\n", b"220 go\r\n"), True),
    ("smtp", (b"220 b\r\n", b"250-x\r\n250 SIZE STARTTLSX\r\n"), False),
    ("smtp", (b"220 b\r\n", b"250-x\r\n250 STARTTLS\r\n", b"454 not now\r\n"), False),
    ("smtp", (b"421 too busy\r\n",), None),
    ("smtp", (b"220 b\r\n", b"502 what?\r\n"), None),
    ("smtp", (b"\x16\x03\x01\0\x02\x01\n",), None),
    ("imap", (b"* OK hello\r\n", b"* CAPABILITY IMAP4\r\na OK begin\r\n"), True),
    ("imap", (b"* OK hello\r\n", b"a BAD no\r\n"), False),
    ("imap", (b"220 not imap\r\n",), None),
    ("pop3", (b"+OK\r\n", b"+OK\r\n"), True),
    ("pop3", (b"+OK\r\n", b"-ERR\r\n"), False),
    ("ftp", (b"220 ready\r\n", b"234 go\r\n"), True),
    ("ftp", (b"220 ready\r\n", b"530 log in\r\n"), False),
    ("sieve", (b'"IMPLEMENTATION" "x"\r\n"STARTTLS"\r\nOK\r\n', b"OK\r\n"), True),
    ("sieve", (b'"IMPLEMENTATION" "x"\r\nOK\r\n',), False),
    ("ldap", (b"", ldap(0)), True),
    ("ldap", (b"", ldap(2)), False),
    ("ldap", (b"", b"HTTP/1.1 400\r\n"), None),
    ("mysql", (mysql(0xFFFF), b""), True),
    ("mysql", (mysql(0xF7FF), b""), False),
    ("mysql", (b"\x45\0\0\0\xffj\x04Host is not allowed" + bytes(60),), None),
    ("xmpp-client", (b"", FEATURES % TLS_FEATURE, b"<proceed xmlns='x'/>"), True),
    ("xmpp-client", (b"", FEATURES % b"<mechanisms/>"), False),
    ("xmpp-server", (b"", b"<stream:error>no</stream:error>" + b" " * 17000), None),
    ("postgresql", (b"", b"S"), True),
    ("postgresql", (b"", b"N"), False),
    ("postgresql", (b"", b"E"), None),
]


@pytest.mark.parametrize(("protocol", "steps", "expected"), TALKS)
def test_what_is_offered_refused_and_not_understood(
    protocol: str, steps: tuple[bytes, ...], expected: bool | None
) -> None:
    with server(script(*steps)) as port:
        assert begin(port, protocol).agreed is expected


@pytest.mark.parametrize("protocol", sorted(set(starttls.PORTS.values()) - {"smtp"}))
def test_a_server_that_only_greets_for_ever_ends_with_an_error_or_unknown(protocol: str) -> None:
    def chatter(client: socket.socket) -> None:
        while True:
            client.sendall(b"* 220-+OK more of it\r\n" * 100)

    with server(chatter) as port:
        try:
            assert begin(port, protocol).agreed is not True
        except OSError:
            return


def test_postgresql(tmp_path: Path) -> None:
    postgres = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))), None)
    if postgres is None or os.geteuid() != 0:
        pytest.skip("postgresql is not installed, or this is not root")
    open_to_others(tmp_path)
    paper, key = make_certificate(tmp_path)
    data = tmp_path / "data"
    data.mkdir()
    for path in (paper, key, data):
        shutil.chown(path, "postgres", "postgres")
    as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    subprocess.run(
        [*as_postgres, str(postgres.parent / "initdb"), "-D", str(data), "-N"], check=True, capture_output=True
    )
    for on in ("on", "off"):
        port = free_port()
        settings = [
            f"ssl={on}",
            f"ssl_cert_file={paper}",
            f"ssl_key_file={key}",
            f"unix_socket_directories={tmp_path}/data",
        ]
        argv = [*as_postgres, str(postgres), "-D", str(data), "-p", str(port), "-h", "127.0.0.1"]
        with running([*argv, *(word for one in settings for word in ("-c", one))], port, tmp_path):
            assert begin(port, "postgresql").agreed is (on == "on")
            if on == "on":
                found = suite_names(survey_of(hosts("127.0.0.1", ports=[port]), "127.0.0.1", port, "postgresql"))
                assert set(found) == {"TLSv1.2", "TLSv1.3"}


def test_mariadb(tmp_path: Path) -> None:
    mariadbd = program("mariadbd")
    if os.geteuid() != 0:
        pytest.skip("this is not root")
    paper, key = make_certificate(tmp_path)
    data = tmp_path / "data"
    data.mkdir()
    for on in (True, False):
        port = free_port()
        argv = [mariadbd, "--no-defaults", "--user=root", f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1",
                f"--socket={tmp_path}/s", "--skip-grant-tables", "--skip-networking=0"]  # fmt: skip
        with running([*argv, *([f"--ssl-cert={paper}", f"--ssl-key={key}"] if on else ["--skip-ssl"])], port, tmp_path):
            begun = begin(port, "mysql", 10)
            assert begun.agreed is on, begun
            assert "MariaDB" in begun.greeting
            if on:
                found = suite_names(survey_of(hosts("127.0.0.1", ports=[port]), "127.0.0.1", port, "mysql"))
                assert "TLSv1.3" in found
