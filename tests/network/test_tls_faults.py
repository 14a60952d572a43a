"""Every fault of a TLS server fails its check; a server without a fault fails none."""

from __future__ import annotations

import pytest

from networktest import hosts, site
from secaudit.faults.tls import FAULTS, HOST, Plan, TlsFaults
from secaudit.model import Status
from secaudit.targets.network.access import NetworkAccess
from tlstest import judge, tls_checks

NOT_SHOWN = {"tls-certificate-key-once"}
"""Needs two hosts."""

ONE_CERTIFICATE = {"tls-other-certificate-dates", "tls-other-certificate-key"}
"""About a second certificate, which a healthy server need not have."""


def access_to(server: TlsFaults) -> NetworkAccess:
    if server.plan.plain:
        return hosts(HOST, ports=[server.port])
    return site(f"https://{HOST}:{server.port}/")


@pytest.mark.parametrize("plain", ["", "smtp", "imap", "pop3", "ftp"])
def test_the_healthy_server_fails_no_check(plain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with TlsFaults(plan=Plan(plain=plain)) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
        results = judge(access_to(server))
    others = {name: found for name, found in results.items() if found[0] is not Status.PASS}
    left_out = {"tls-dh-size", "tls-http2" if plain else "tls-starttls-offered", *ONE_CERTIFICATE}
    assert set(others) == left_out, others
    assert all(others[name][0] is Status.NOT_APPLICABLE for name in left_out)


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_fails_its_check(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with TlsFaults([name]) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
        results = judge(access_to(server))
    assert results[FAULTS[name].check][0] is Status.FAIL, results[FAULTS[name].check]


def test_each_check_has_a_fault() -> None:
    assert {one.check.id for one in tls_checks()} == {fault.check for fault in FAULTS.values()} | NOT_SHOWN
