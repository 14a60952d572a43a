"""An open mail server is seen before any mail is sent; Postfix is the judge, and servers that say odd things."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from domaintest import domain_of, judge
from networktest import free_port, read_network
from secaudit.faults.dns import DnsServer
from secaudit.faults.dns_faults import DOMAIN, zone_of
from secaudit.model import Consent, Status, TableData
from secaudit.tables.network import mail_open_relay
from tabletest import open_to_others

ASKED = Consent(local=True, level="passive", intrusive=("mail-no-open-relay",))
POSTFIX = shutil.which("postfix", path="/usr/sbin:/usr/bin:/sbin")


@contextmanager
def dns() -> Iterator[DnsServer]:
    """The healthy domain with one mail server, on this machine."""
    zone = zone_of()
    zone.remove(DOMAIN, "MX")
    zone.remove(f"mail.{DOMAIN}", "*")
    zone.add(f"{DOMAIN} MX 10 mail.{DOMAIN}")
    zone.add(f"mail.{DOMAIN} A 127.0.0.1")
    with DnsServer(zone) as server:
        yield server


def ask(port: int, monkeypatch: pytest.MonkeyPatch) -> TableData:
    monkeypatch.setattr(mail_open_relay, "PORT", port)
    with dns() as server:
        return read_network("mail_open_relay", domain_of(DOMAIN, server.address, (), ASKED))


def is_open(data: TableData) -> object:
    (row,) = data.rows
    return row[data.columns.index("is_open")]


@contextmanager
def talker(*answers: str) -> Iterator[tuple[int, list[str]]]:
    """A server that gives these answers one by one, and keeps what it hears."""
    heard: list[str] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        caller, _ = listener.accept()
        with caller, caller.makefile("rwb") as stream:
            try:
                for answer in answers:
                    stream.write(answer.encode())
                    stream.flush()
                    heard.append(stream.readline().decode())
                heard.append(stream.read().decode())
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1], heard
    thread.join(5)
    listener.close()


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("250 2.1.5 Ok\r\n", 1),
        ("554 5.7.1 Relay access denied\r\n", 0),
        ("454 4.7.1 Relay access denied\r\n", 0),
        ("450 4.2.0 Greylisted, come back later\r\n", None),
        ("550-no\r\n550 such user\r\n", 0),
    ],
)
def test_the_answer_to_the_recipient_decides_and_no_mail_follows(
    last: str, expected: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with talker("220 hello\r\n", "250-mail\r\n250 SIZE 1000\r\n", "250 Ok\r\n", last) as (port, heard):
        data = ask(port, monkeypatch)
    assert is_open(data) == expected
    said = "".join(heard).upper()
    assert "RCPT TO" in said
    assert "DATA" not in said
    assert data.status == ("ok" if expected is not None else "partial")


@pytest.mark.parametrize(
    "answers",
    [("554 go away\r\n",), ("220 hi\r\n", "500 no\r\n", "500 no\r\n"), ("220 hi\r\n", "250 ok\r\n", "530 TLS first\r\n"),
     ("HTTP/1.1 400 Bad\r\n",), ("220-" + "x" * 5000 + "\r\n",), ("220-x\r\n" * 500,), ("",)],
)  # fmt: skip
def test_a_server_that_does_not_come_to_the_recipient_gives_no_verdict(
    answers: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_open_relay, "TIMEOUT_S", 2.0)
    with talker(*answers) as (port, _):
        data = ask(port, monkeypatch)
    assert is_open(data) is None
    assert data.status == "partial"


def test_nothing_is_sent_unless_the_probe_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_open_relay, "PORT", free_port())
    with dns() as server:
        access = domain_of(DOMAIN, server.address, (), Consent(local=True, level="active"))
        data = read_network("mail_open_relay", access)
    assert data.status == "denied"
    assert "--intrusive mail-no-open-relay" in (data.needs or "")
    assert access.gate.sent() == ()


def test_open_as_seen_from_inside_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    with talker("220 hello\r\n", "250 mail\r\n", "250 Ok\r\n", "250 Ok\r\n") as (port, _):
        monkeypatch.setattr(mail_open_relay, "PORT", port)
        with dns() as server:
            results = judge(domain_of(DOMAIN, server.address, (), ASKED))
    assert results["mail-no-open-relay"][0] is Status.UNKNOWN


@pytest.mark.skipif(
    POSTFIX is None or os.geteuid() != 0, reason="postfix is not installed, or the tests are not root's"
)
@pytest.mark.parametrize(("networks", "expected"), [("192.0.2.0/24", 0), ("0.0.0.0/0", 1)])
def test_postfix_open_and_closed(networks: str, expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    for name in ("conf", "queue", "data"):
        (tmp_path / name).mkdir()
    open_to_others(tmp_path)
    shutil.chown(tmp_path / "data", "postfix")
    (tmp_path / "conf" / "main.cf").write_text(
        f"compatibility_level = 3.6\nqueue_directory = {tmp_path}/queue\ndata_directory = {tmp_path}/data\n"
        f"myhostname = mail.{DOMAIN}\nmydestination = {DOMAIN}\nmynetworks = {networks}\ninet_interfaces = 127.0.0.1\n"
        "inet_protocols = ipv4\nalias_maps =\nlocal_recipient_maps =\nmaillog_file = /dev/stdout\n"
        "maillog_file_prefixes = /dev\ndefault_transport = discard\nsmtpd_recipient_restrictions =\n"
    )
    (tmp_path / "conf" / "master.cf").write_text(
        f"127.0.0.1:{port} inet n - n - - smtpd\ncleanup unix n - n - 0 cleanup\nrewrite unix - - n - - trivial-rewrite\n"
        "anvil unix - - n - 1 anvil\nproxymap unix - - n - - proxymap\nqmgr unix n - n 300 1 qmgr\n"
        "discard unix - - n - - discard\nerror unix - - n - - error\nlocal unix - n n - - local\n"
        "postlog unix-dgram n - n - 1 postlogd\ntlsmgr unix - - n 1000? 1 tlsmgr\n"
    )
    command = [str(POSTFIX), "-c", str(tmp_path / "conf")]
    running = subprocess.Popen([*command, "start-fg"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                threading.Event().wait(0.1)
        data = ask(port, monkeypatch)
    finally:
        subprocess.run([*command, "stop"], check=False, capture_output=True, timeout=60)
        running.wait(30)
    assert is_open(data) == expected, data.rows
