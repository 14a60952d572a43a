from __future__ import annotations

from tabletest import rows


def test_loopback_is_there_up_and_virtual() -> None:
    row = next(row for row in rows("interface_details") if row["interface"] == "lo")
    assert (row["up"], row["virtual"], row["wireless"], row["bridge_port"]) == (1, 1, 0, 0)
