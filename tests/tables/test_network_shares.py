from __future__ import annotations

from pathlib import Path

from tabletest import make_root, read_table, rows


def test_exports_with_options_quotes_continuation_and_defaults(tmp_path: Path) -> None:
    text = (
        "# a comment\n/srv/data 192.168.1.5(rw,sync) *(ro,no_root_squash) # end\n"
        '"/srv/two words" \\\n  host.example(rw)\n/srv/old -rw,no_root_squash a b(root_squash)\n/srv/all (rw)\n'
    )
    found = [
        (row["share_path"], row["clients"], row["writable"], row["root_kept"], row["line"])
        for row in rows("network_shares", make_root(tmp_path, {"/etc/exports": text}))
    ]
    assert found == [
        ("/srv/data", "192.168.1.5", 1, 0, 2),
        ("/srv/data", "*", 0, 1, 2),
        ("/srv/two words", "host.example", 1, 0, 3),
        ("/srv/old", "a", 1, 1, 5),
        ("/srv/old", "b", 1, 0, 5),
        ("/srv/all", "*", 1, 0, 6),
    ]


def test_samba_shares_take_defaults_from_global_and_printers_are_left_out(tmp_path: Path) -> None:
    text = (
        "[global]\n guest ok = yes\n; x\n[Work]\n path = /srv/work\n Read Only = No\n guest ok = no\n"
        "[public]\n path = /srv/public\n writeable = yes\n read only = yes\n[printers]\n printable = yes\n"
        "[off]\n path = /x\n available = no\n"
    )
    found = [
        (row["name"], row["share_path"], row["writable"], row["guest"])
        for row in rows("network_shares", make_root(tmp_path, {"/etc/samba/smb.conf": text}))
    ]
    assert found == [("work", "/srv/work", 1, 0), ("public", "/srv/public", 0, 1)]


def test_included_settings_of_samba_are_not_passed_over(tmp_path: Path) -> None:
    text = "[global]\n include = /etc/samba/more.conf\n"
    data = read_table("network_shares", make_root(tmp_path, {"/etc/samba/smb.conf": text}))
    assert data.status == "partial"


def test_no_shares_is_absent(tmp_path: Path) -> None:
    assert read_table("network_shares", make_root(tmp_path, {})).status == "absent"
