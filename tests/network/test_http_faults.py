"""Each fault of the server of faults makes exactly its checks fail, and the healthy server none."""

from __future__ import annotations

import shutil

import pytest
from sitechecks import TABLES, compiled_checks, failing, fault_site, verdicts

from networktest import unplanned
from secaudit.faults.http import HttpFaults, faults

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")

VISIT = sorted(
    name for name, one in faults().items() if one.change.__module__.rpartition(".")[2] in (
        "http_transport", "http_headers", "http_cookies", "http_content", "http"
    ) and set(one.shows) <= set(compiled_checks())
)  # fmt: skip


def test_the_healthy_site_fails_no_check() -> None:
    with HttpFaults() as server:
        said = verdicts(fault_site(server))
    assert {name for name, status in said.items() if status == "fail"} == set()
    assert {name for name, status in said.items() if status == "unknown"} == set()
    assert sum(status == "pass" for status in said.values()) >= 45


@pytest.mark.parametrize("name", VISIT)
def test_a_fault_makes_its_checks_fail_and_no_others(name: str) -> None:
    with HttpFaults([name]) as server:
        assert failing(fault_site(server)) == set(faults()[name].shows)


def test_every_check_of_a_visit_has_a_fault_that_shows_it() -> None:
    shown = {check for one in faults().values() for check in one.shows}
    assert set(compiled_checks()) - shown == set()


def test_all_that_is_sent_was_planned() -> None:
    with HttpFaults(["redirect-back-to-http"]) as server:
        access = fault_site(server)
        verdicts(access)
        assert unplanned(access, *TABLES) == []
        assert len(access.gate.sent()) < 12


def test_unknown_faults_are_refused() -> None:
    with pytest.raises(ValueError, match="no fault"):
        HttpFaults(["no-such-fault"])
