"""Holes of script libraries come from the kept advisories where there are any, else from the short list."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from sitechecks import fault_site

from networktest import network_rows, read_network
from secaudit.faults.http import HttpFaults
from secaudit.targets.network.access import NetworkAccess

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "advisories"))
from osvtest import keep, record

from secaudit.advisories.importing import kept_folder

JQUERY = record(
    "jquery", "npm", id="GHSA-j1", aliases=["CVE-2099-1"], kind="SEMVER", events=[("introduced", "3.0.0"), ("fixed", "9.9.9")]
)  # fmt: skip


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECAUDIT_STATE", str(tmp_path / "state"))


def with_kept(access: NetworkAccess) -> NetworkAccess:
    access.kept_folder = str(kept_folder().parent)
    return access


def test_kept_advisories_count_alone(tmp_path: Path) -> None:
    keep(tmp_path, "npm", [JQUERY])
    with HttpFaults() as server:
        (row,) = network_rows("http_scripts", with_kept(fault_site(server)))
    assert (row["name"], row["version"], row["holes"], row["fixed_in"]) == ("jquery", "3.7.1", "CVE-2099-1", "9.9.9")
    assert str(row["data"]).startswith("npm advisories, ")


def test_a_library_that_kept_advisories_do_not_name_has_no_hole(tmp_path: Path) -> None:
    keep(tmp_path, "npm", [record("lodash", "npm", id="GHSA-l1", kind="SEMVER", events=[("introduced", "0")])])
    with HttpFaults(["old-library"]) as server:
        (row,) = network_rows("http_scripts", with_kept(fault_site(server)))
    assert (row["version"], row["holes"]) == ("1.12.4", "")


def test_without_kept_advisories_the_short_list_counts() -> None:
    with HttpFaults(["old-library"]) as server:
        (row,) = network_rows("http_scripts", with_kept(fault_site(server)))
    assert (row["holes"], row["fixed_in"], row["data"]) == ("CVE-2020-11023", "3.5.0", "built in, 2026-11-01")


def test_only_own_scripts_are_fetched() -> None:
    with HttpFaults(["third-party-script"]) as server:
        access = fault_site(server)
        read_network("http_scripts", access)
        assert [target for _, _, target in server.requests] == ["/", "/", "/app.js"]
    assert {one.host for one in access.gate.sent()} == {"localhost"}
