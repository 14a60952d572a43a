"""The fault server of services: each fault fails its check and no other; without faults nothing fails."""

from __future__ import annotations

import pytest
from servicejudge import Audit

from secaudit.faults.services import FAULTS, Services

JUDGED = sorted({fault.check for fault in FAULTS.values()})
PRESENCE = {"net-data-encrypted", "net-databases-closed", "net-brokers-closed", "net-container-control-closed",
            "net-remote-desktop-closed", "net-file-sharing-closed", "net-ports-known", "net-ports-few"}  # fmt: skip
"""These fail because such a service is there at all."""


def ports_of(services: Services, *names: str) -> list[int]:
    return [services.ports[name] for name in names or services.ports]


def test_healthy_services_fail_no_check_but_those_about_being_there() -> None:
    with Services() as services:
        audit = Audit(ports_of(services))
    assert audit.having("fail") == PRESENCE
    assert audit.having("unknown") == {"net-hosts-listed"}  # no list was given
    assert set(JUDGED) <= audit.having("pass") | {"net-irc-closed", "net-telnet-closed"}
    assert audit.unplanned() == []
    told = {(row["port"], row["service"]) for row in audit.rows("service_access")}
    for name in ("redis", "mongodb", "elasticsearch", "zookeeper", "kubernetes", "registry"):
        assert (services.ports[name], name) in told


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_each_fault_fails_its_check_and_no_other(fault: str) -> None:
    service, _, check = FAULTS[fault]
    with Services([fault]) as services:
        audit = Audit(ports_of(services, service), only=JUDGED)
    assert audit.having("fail") == {check}
    assert audit.having("unknown") == set()


def test_a_database_that_only_loopback_shows_is_not_called_open_to_others() -> None:
    check = "net-databases-closed"
    with Services() as services:
        plain = Audit(ports_of(services, "mysql"), only=[check], counts=False)
        counted = Audit(ports_of(services, "mysql"), only=[check])
    assert plain.having("unknown") == {check}
    assert "seen on loopback" in str(plain.outcomes[check].rows[0]["resource"])
    assert counted.having("fail") == {check}


def test_hosts_that_are_not_in_the_list_are_found() -> None:
    with Services() as services:
        one = ports_of(services, "mysql")
        known = Audit(one, only=["net-hosts-listed"], assets=("server.example", "127.0.0.1"))
        strange = Audit(one, only=["net-hosts-listed"], assets=("server.example",))
    assert known.having("pass") == {"net-hosts-listed"}
    assert strange.having("fail") == {"net-hosts-listed"}
