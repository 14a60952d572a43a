"""The fault server of SSH: each fault fails its check and no other; without faults nothing fails."""

from __future__ import annotations

import pytest
from servicejudge import Audit, checks

from secaudit.faults.ssh import FAULTS, Shape, SshServer

SSH = sorted(name for name in checks() if name.startswith("ssh-service-"))
ASKED_BY_SSH = {"ssh-service-password-login", "ssh-service-keyboard-interactive", "ssh-service-open-login",
                "ssh-service-host-based-login"}  # fmt: skip
"""The fault server has no encryption, so it cannot be asked for login methods: test_ssh_real does that."""
JUDGED = [name for name in SSH if name not in ASKED_BY_SSH]
ALSO = {"dsa-key": {"ssh-service-host-key-size"}}
"""Checks that a fault fails beside its own."""


def test_a_healthy_server_fails_no_check() -> None:
    with SshServer() as server:
        audit = Audit([server.port], only=JUDGED)
    assert audit.having("pass") == set(JUDGED)
    assert audit.unplanned() == []


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_each_fault_fails_its_check_and_no_other(fault: str) -> None:
    with SshServer([fault]) as server:
        audit = Audit([server.port], only=JUDGED)
    assert audit.having("fail") == {FAULTS[fault].check} | ALSO.get(fault, set())
    assert audit.having("unknown") == set()


def test_every_check_of_ssh_has_a_fault_or_a_real_server() -> None:
    shared_key = {"ssh-service-host-key-own"}
    assert {fault.check for fault in FAULTS.values()} | ASKED_BY_SSH | shared_key == set(SSH)


def test_hosts_with_the_same_host_key_are_found() -> None:
    check, copied = "ssh-service-host-key-own", Shape(key_seed="one disk image")
    with SshServer(shape=copied) as first, SshServer(shape=copied, port=first.port, address="127.0.0.2"):
        both = Audit([first.port], only=[check], names=("127.0.0.1", "127.0.0.2"))
    with SshServer() as first, SshServer(port=first.port, address="127.0.0.2"):
        own = Audit([first.port], only=[check], names=("127.0.0.1", "127.0.0.2"))
    assert both.having("fail") == {check}
    assert own.having("pass") == {check}
    assert len(own.rows("ssh_host_keys")) == 4
