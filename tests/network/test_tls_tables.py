"""Where TLS is looked for, what is planned, and what is said when it cannot be looked at."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import dns.message
import dns.rdatatype
import dns.rrset
import pytest

from networktest import hosts, network_rows, read_network, site, unplanned
from secaudit.engine.registry import load_table
from secaudit.faults.tls import HOST, Leaf, Plan, TlsFaults
from secaudit.model import Consent, TableStatus
from secaudit.targets.network.access import NetworkAccess
from secaudit.targets.network.gate import Named
from secaudit.targets.recorder import Cache
from tabletest import rows_of
from tlstest import make_certificate, s_server, tls_tables

PASSIVE = ("tls_handshakes", "tls_trust", "tls_certificates", "tls_chain", "tls_starttls")
ACTIVE = ("tls_protocols", "tls_cipher_suites", "tls_groups", "tls_features", "tls_other_certificates")
VISITOR = Consent(local=True, level="passive")


def test_every_table_is_tried_here() -> None:
    assert {*PASSIVE, *ACTIVE} == set(tls_tables())


@pytest.mark.parametrize("name", ACTIVE)
def test_a_list_of_everything_needs_active(name: str) -> None:
    with TlsFaults() as server:
        data = read_network(name, site(f"https://{HOST}:{server.port}/", VISITOR))
    assert (data.status, data.needs) == (TableStatus.DENIED, "--active")


def test_all_that_is_sent_was_planned_and_less_than_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    with TlsFaults(["missing-between"], Plan(plain="imap")) as server:
        access = hosts(HOST, ports=[server.port])
        cache = Cache()
        for name in (*PASSIVE, *ACTIVE):
            network_rows(name, access, cache)
    assert unplanned(access, *PASSIVE, *ACTIVE) == []
    most = {one.what: one.most for one in load_table("tls_features").plan(access.gate)}
    for what, limit in most.items():
        assert sum(one.what == what for one in access.gate.sent()) <= limit


def test_one_visit_serves_all_passive_tables() -> None:
    with TlsFaults() as server:
        access = site(f"https://{HOST}:{server.port}/", VISITOR)
        cache = Cache()
        for name in PASSIVE:
            network_rows(name, access, cache)
    assert [one.what for one in access.gate.sent() if one.kind == "tls"] == ["a TLS handshake"] * 2  # it is not trusted


def test_a_trusted_server_is_visited_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with TlsFaults() as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
        access = site(f"https://{HOST}:{server.port}/", VISITOR)
        rows = network_rows("tls_trust", access)
        assert str(server.authority) in str(rows[0]["store"])
    assert len([one for one in access.gate.sent() if one.kind == "tls"]) == 1
    assert (rows[0]["trusted"], rows[0]["root_subject"], rows[0]["name_matches"]) == (1, "CN=Test Root", 1)


def test_dates_are_no_part_of_trust(monkeypatch: pytest.MonkeyPatch) -> None:
    with TlsFaults(["expired"]) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
        rows = network_rows("tls_trust", site(f"https://{HOST}:{server.port}/"))
    assert (rows[0]["trusted"], rows[0]["code"]) == (1, 0)


@pytest.mark.parametrize(("target", "expected"), [("network", None), ("site", 0)])
def test_an_address_that_is_not_in_the_certificate(target: str, expected: int | None, tmp_path: Path) -> None:
    with TlsFaults(plan=Plan(leaf=Leaf(names=("mail.example",)))) as server:
        made = (
            hosts("127.0.0.1", ports=[server.port])
            if target == "network"
            else site(f"https://127.0.0.1:{server.port}/")
        )
        rows = network_rows("tls_trust", made)
    assert rows[0]["name_matches"] is expected if expected is None else rows[0]["name_matches"] == expected


def test_a_plain_site_on_a_port_of_its_own_has_no_tls() -> None:
    data = read_network("tls_handshakes", site("http://localhost:8080/"))
    assert (data.status, data.reason) == (TableStatus.ABSENT, "the site is on a port of its own without TLS")


def test_ports_that_are_closed_are_no_rows_and_no_failure(tmp_path: Path) -> None:
    with s_server(tmp_path, certificate=make_certificate(tmp_path)) as port:
        pass
    data = read_network("tls_handshakes", hosts("127.0.0.1", ports=[port]))
    assert (data.status, data.reason) == (TableStatus.ABSENT, "no port is open that speaks TLS")


@contextlib.contextmanager
def mail_servers(*records: str) -> Iterator[NetworkAccess]:
    """The domain shop.test, whose MX records a small DNS server tells."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.bind(("127.0.0.1", 0))

        def work() -> None:
            with contextlib.suppress(OSError):
                while True:
                    data, client = asked.recvfrom(4096)
                    question = dns.message.from_wire(data)
                    reply = dns.message.make_response(question, recursion_available=True)
                    if question.question[0].rdtype == dns.rdatatype.MX:
                        reply.answer.append(dns.rrset.from_text("shop.test.", 60, "IN", "MX", *records))
                    asked.sendto(reply.to_wire(), client)

        threading.Thread(target=work, daemon=True).start()
        named = Named("domain", domain="shop.test", resolver=asked.getsockname())
        yield NetworkAccess(named, Consent(local=True, level="active"))


def test_a_domain_that_takes_no_mail_has_nothing_to_look_at() -> None:
    with mail_servers("0 .") as access:
        data = read_network("tls_handshakes", access)
    assert (data.status, data.reason) == (TableStatus.ABSENT, "shop.test names no mail server")


def test_mail_servers_of_somebody_else_are_not_asked() -> None:
    with mail_servers("10 mx.other.test.") as access:
        data = read_network("tls_handshakes", access)
    assert data.status is TableStatus.DENIED, data.reason
    assert not [one for one in access.gate.sent() if one.kind == "tls"]


def test_rows_of_two_ports_stay_apart() -> None:
    with TlsFaults() as one, TlsFaults(["tls10"], Plan(plain="smtp")) as other:
        access = hosts(HOST, ports=[one.port, other.port])
        rows = rows_of(read_network("tls_protocols", access))
    spoken = {(row["port"], row["starttls"]) for row in rows if row["protocol"] == "TLSv1.0" and row["offered"] == 1}
    assert spoken == {(other.port, "smtp")}
    assert len(rows) == 12


def test_both_certificates_of_a_server_are_seen(tmp_path: Path) -> None:
    other = make_certificate(tmp_path, "rsa", key=("-newkey", "rsa:2048"))
    words = ("-dcert", str(other[0]), "-dkey", str(other[1]))
    with s_server(tmp_path, *words, certificate=make_certificate(tmp_path)) as port:
        access = hosts("localhost", ports=[port])
        cache = Cache()
        first = network_rows("tls_certificates", access, cache)
        others = network_rows("tls_other_certificates", access, cache)
    assert {(row["key_algorithm"], row["key_bits"]) for row in first + others} == {("EC", 256), ("RSA", 2048)}
    assert (len(first), len(others)) == (1, 1)
