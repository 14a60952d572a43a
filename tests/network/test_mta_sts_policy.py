"""The policy of MTA-STS over a real https server with a certificate of its own authority."""

from __future__ import annotations

import http.server
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from domaintest import domain_of, judge
from networktest import network_rows, read_network
from secaudit.faults.dns import DnsServer
from secaudit.faults.dns_faults import DOMAIN, SELECTOR, serve, zone_of
from secaudit.model import Status

GOOD = "version: STSv1\r\nmode: enforce\r\nmx: mail.shop.test\r\nmx: *.mailer.test\r\nmax_age: 2592000\r\n"
PLACE = "secaudit.tables.network.mail_mta_sts_policy.PORT"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for mta-sts.shop.test, which is its own authority."""
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
         "-subj", "/CN=mta-sts", "-addext", f"subjectAltName=DNS:mta-sts.{DOMAIN}",
         "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


@contextmanager
def https(folder: Path, body: str, status: int = 200) -> Iterator[int]:
    """Serve one text."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/plain")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *words: object) -> None:
            pass

    class Quiet(http.server.ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    with Quiet(("127.0.0.1", 0), Answer) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def status_of(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str, status: int = 200) -> dict[str, Status]:
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "cert.pem"))
    with https(folder, body, status) as port, serve() as server:
        monkeypatch.setattr(PLACE, port)
        results = judge(domain_of(DOMAIN, server.address, (SELECTOR,)))
    return {
        name.removeprefix("mail-mta-sts-policy-"): found[0] for name, found in results.items() if "-policy-" in name
    }


def test_a_good_policy_passes(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(status_of(certificate, monkeypatch, GOOD).values()) == {Status.PASS}


@pytest.mark.parametrize(
    ("body", "status", "check"),
    [
        (GOOD, 404, "served"),
        (GOOD, 301, "served"),
        (GOOD.replace("STSv1", "STSv2"), 200, "served"),
        ("<html>not found</html>", 200, "served"),
        (GOOD.replace("enforce", "testing"), 200, "enforced"),
        (GOOD.replace("enforce", "none"), 200, "enforced"),
        (GOOD.replace("mx: *.mailer.test\r\n", ""), 200, "names-servers"),
        (GOOD.replace("*.mailer.test", "*.test"), 200, "names-servers"),
        (GOOD.replace("2592000", "3600"), 200, "lasting"),
    ],
)
def test_each_fault_of_a_policy_fails_its_check(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, body: str, status: int, check: str
) -> None:
    found = status_of(certificate, monkeypatch, body, status)
    assert found[check] is Status.FAIL, found


def test_a_certificate_that_nobody_trusts_fails(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with https(certificate, GOOD) as port, serve() as server:
        monkeypatch.setattr(PLACE, port)
        access = domain_of(DOMAIN, server.address)
        row = network_rows("mail_mta_sts_policy", access)[0]
    assert (row["is_valid"], row["is_trusted"], row["mode"]) == (1, 0, "enforce")


def test_a_site_that_refuses_is_no_verdict_and_one_without_an_address_is_a_failure() -> None:
    with serve() as server:
        data = read_network("mail_mta_sts_policy", domain_of(DOMAIN, server.address))
    row = dict(zip(data.columns, data.rows[0], strict=True))
    assert (row["outcome"], row["is_valid"]) == ("refused", None)
    zone = zone_of()
    zone.remove(f"mta-sts.{DOMAIN}", "*")
    with DnsServer(zone) as server:
        results = judge(domain_of(DOMAIN, server.address))
    assert results["mail-mta-sts-policy-served"][0] is Status.FAIL


def test_a_domain_that_announces_nothing_is_asked_nothing() -> None:
    with serve("mta-sts-missing") as server:
        access = domain_of(DOMAIN, server.address)
        data = read_network("mail_mta_sts_policy", access)
    assert data.status == "absent"
    assert all(one.kind == "dns" for one in access.gate.sent())
