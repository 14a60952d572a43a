from __future__ import annotations

import os

from tabletest import make_root, read_table, rows

GROUP = "root:x:0:\nayesha:x:1000:\n"


def test_files_of_unknown_numbers_are_listed(tmp_path):
    root = make_root(tmp_path, {"/srv/u": "", "/srv/g": "", "/srv/ok": "", "/etc/group": GROUP})
    os.chown(root / "srv/u", 4242, 0)
    os.chown(root / "srv/g", 1000, 4242)
    os.chown(root / "srv/ok", 1000, 1000)
    found = rows("unowned_files", root)
    assert sorted((row["path"], row["unknown_user"], row["unknown_group"]) for row in found) == [
        ("/srv/g", 0, 1),
        ("/srv/u", 1, 0),
    ]


def test_numbers_lent_to_containers_and_dynamic_users_are_known(tmp_path):
    root = make_root(
        tmp_path,
        {
            "/srv/lent": "",
            "/srv/dynamic": "",
            "/etc/group": GROUP,
            "/etc/subuid": "ayesha:100000:65536\njunk\n",
            "/etc/subgid": "ayesha:100000:65536\n",
        },
    )
    os.chown(root / "srv/lent", 100_999, 165_535)
    os.chown(root / "srv/dynamic", 61_184, 65_519)
    assert rows("unowned_files", root) == []


def test_without_passwd_or_group_nobody_is_known(tmp_path):
    assert read_table("unowned_files", make_root(tmp_path, {"/srv/x": ""})).status == "absent"


def test_where_it_cannot_be_read_what_is_lent_a_number_that_nobody_has_may_be_a_containers(tmp_path):
    root = make_root(tmp_path, {"/srv/u": "", "/srv/g": "", "/srv/ok": "", "/etc/group": GROUP})
    (root / "etc/subuid").mkdir()
    os.mkfifo(root / "etc/subgid")
    os.chown(root / "srv/u", 100_999, 0)
    os.chown(root / "srv/g", 1000, 100_999)
    os.chown(root / "srv/ok", 1000, 1000)
    found = rows("unowned_files", root)
    assert sorted((row["path"], row["unknown_user"], row["unknown_group"]) for row in found) == [
        ("/srv/g", 0, None),
        ("/srv/u", None, 0),
    ]
