from __future__ import annotations

import pytest

from netnstest import read_in_namespace, usable


@pytest.mark.skipif(not usable(), reason="no network namespaces, nft or iptables here")
def test_addresses_and_flags_of_a_namespace() -> None:
    tables, _ = read_in_namespace("ip link set va promisc on", ["interface_addresses", "interface_details"])
    found = {(row["interface"], row["address"], row["address_scope"]) for row in tables["interface_addresses"][2]}
    assert found == {
        ("lo", "127.0.0.1", "loopback"),
        ("lo", "::1", "loopback"),
        ("va", "10.77.0.1", "private"),
        ("va", "fd77::1", "private"),
    }
    details = {row["interface"]: row for row in tables["interface_details"][2]}
    assert (details["va"]["promiscuous"], details["va"]["up"], details["va"]["virtual"]) == (1, 1, 1)
    assert details["lo"]["promiscuous"] == 0
