from __future__ import annotations

from pathlib import Path

from tabletest import make_root, read_table, rows


def test_one_row_for_each_name_without_comments(tmp_path: Path) -> None:
    text = "127.0.0.1\tlocalhost Vm # web\n#1.2.3.4 paypal.com\n0.0.0.0 ads.example.\nfe80::1%lo0 x\njunk\n"
    found = [
        (row["address"], row["hostname"], row["address_scope"], row["line"])
        for row in rows("etc_hosts", make_root(tmp_path, {"/etc/hosts": text}))
    ]
    assert found == [
        ("127.0.0.1", "localhost", "loopback", 1),
        ("127.0.0.1", "vm", "loopback", 1),
        ("0.0.0.0", "ads.example", "any", 3),
        ("fe80::1%lo0", "x", "link-local", 4),
    ]


def test_no_file_is_absent(tmp_path: Path) -> None:
    assert read_table("etc_hosts", make_root(tmp_path, {})).status == "absent"
