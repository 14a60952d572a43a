from __future__ import annotations

from pathlib import Path

from tabletest import make_root, read_table, rows


def test_servers_search_domains_and_options_in_order(tmp_path: Path) -> None:
    text = "# nameserver 1.2.3.4\nnameserver 127.0.0.53\nnameserver 9.9.9.9\nsearch example.org home\noptions edns0\nnameserver\n"
    root = make_root(
        tmp_path, {"/etc/resolv.conf": text, "/run/systemd/resolve/resolv.conf": "nameserver 192.168.1.1\n"}
    )
    found = [
        (row["type"], row["address"], row["address_scope"], row["upstream"]) for row in rows("dns_resolvers", root)
    ]
    assert found == [
        ("nameserver", "127.0.0.53", "loopback", 0),
        ("nameserver", "9.9.9.9", "public", 0),
        ("search", "example.org", "", 0),
        ("search", "home", "", 0),
        ("options", "edns0", "", 0),
        ("nameserver", "192.168.1.1", "private", 1),
    ]


def test_no_file_is_absent(tmp_path: Path) -> None:
    assert read_table("dns_resolvers", make_root(tmp_path, {})).status == "absent"
