"""The fault server of SSH: each fault fails its check and no other; without faults nothing fails."""

from __future__ import annotations

import pytest
from secaudit.faults.ssh import FAULTS, SshServer
from servicejudge import Audit, checks

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
