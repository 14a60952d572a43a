from __future__ import annotations

from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows

FOLDER = "/etc/NetworkManager/system-connections"


def profile(security: str, extra: str = "") -> str:
    return f"[connection]\nid=Cafe\ntype=wifi\n{extra}\n[wifi]\nssid=Cafe\n{security}\n"


@pytest.mark.parametrize(
    ("security", "word"),
    [
        ("", "open"),
        ("[wifi-security]\nkey-mgmt=none\nwep-key0=12345", "wep"),
        ("[wifi-security]\nkey-mgmt=wpa-psk\npsk=verysecret", "wpa-psk"),
        ("[wifi-security]\nkey-mgmt=sae\npsk=verysecret", "wpa3"),
        ("[wifi-security]\nkey-mgmt=owe", "owe"),
        ("[wifi-security]\nkey-mgmt=wpa-eap", "enterprise"),
    ],
)
def test_kinds_of_protection(tmp_path: Path, security: str, word: str) -> None:
    found = rows("wifi_profiles", make_root(tmp_path, {f"{FOLDER}/Cafe.nmconnection": profile(security)}))
    assert [(row["name"], row["security"], row["autoconnect"]) for row in found] == [("Cafe", word, 1)]
    assert "verysecret" not in str(found)


def test_other_kinds_of_connection_are_left_out_and_autoconnect_is_told(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            f"{FOLDER}/Cafe.nmconnection": profile("", "autoconnect=false"),
            f"{FOLDER}/Wired.nmconnection": "[connection]\nid=Wired\ntype=ethernet\n",
            "/var/lib/iwd/Hotel.open": "[Settings]\nAutoConnect=true\n",
        },
    )
    assert [(row["name"], row["autoconnect"]) for row in rows("wifi_profiles", root)] == [("Cafe", 0), ("Hotel", 1)]


def test_no_manager_is_absent(tmp_path: Path) -> None:
    assert read_table("wifi_profiles", make_root(tmp_path, {})).status == "absent"
