from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from tabletest import make_root, read_table, rows

TEXT = """# a comment
UUID="12-34" / ext4 errors=remount-ro 0 1
UUID=ab none swap sw 0 0
/dev/sdb1 /media/my\\040stick vfat user,noauto 0 0
//server/share /srv/share cifs users,exec,suid,credentials=/root/c 0 0
tmpfs /tmp/ tmpfs defaults,nosuid,nodev
broken line
"""


def test_each_entry_is_a_row_with_what_its_words_amount_to(tmp_path):
    found = rows("fstab", make_root(tmp_path, {"/etc/fstab": TEXT}))
    assert [(row["mount_point"], row["line"]) for row in found] == [
        ("/", 2),
        ("none", 3),
        ("/media/my stick", 4),
        ("/srv/share", 5),
        ("/tmp", 6),
    ]
    assert found[0]["device"] == "UUID=12-34"
    assert [(row["nosuid"], row["nodev"], row["noexec"], row["auto"], row["user_mountable"]) for row in found] == [
        (0, 0, 0, 1, 0),
        (0, 0, 0, 1, 0),
        (1, 1, 1, 0, 1),
        (0, 1, 0, 1, 1),
        (1, 1, 0, 1, 0),
    ]


def test_passwords_of_shares_are_not_shown(tmp_path):
    text = "//s/a /a cifs user=x,password=Geheim7 0 0\n//s/b /b cifs pass=,credentials=/root/c,passwd=y 0 0\n"
    found = rows("fstab", make_root(tmp_path, {"/etc/fstab": text}))
    assert [row["options"] for row in found] == [
        "user=x,password=****",
        "pass=****,credentials=/root/c,passwd=****",
    ]


def test_no_fstab_is_absent(tmp_path):
    assert read_table("fstab", make_root(tmp_path, {})).status == "absent"


def test_mount_options_has_one_row_per_word(tmp_path):
    found = rows("mount_options", make_root(tmp_path, {"/etc/fstab": "tmpfs /tmp tmpfs size=1g,nosuid 0 0\n"}))
    assert [(row["path"], row["option"], row["value"], row["state"], row["line"]) for row in found] == [
        ("/tmp", "rw", "", "configured", 1),
        ("/tmp", "nosuid", "", "configured", 1),
        ("/tmp", "size", "1g", "configured", 1),
    ]


def test_mount_options_tells_running_ones_too():
    assert ("/", "running") in {(row["path"], row["state"]) for row in rows("mount_options")}


@pytest.mark.skipif(shutil.which("findmnt") is None, reason="findmnt is not installed")
def test_entries_agree_with_findmnt(tmp_path):
    text = TEXT.replace("broken line\n", "")
    root = make_root(tmp_path, {"/etc/fstab": text})
    told = json.loads(
        subprocess.run(
            ["findmnt", "--tab-file", str(root / "etc/fstab"), "--list", "--json", "-o", "SOURCE,TARGET,FSTYPE"],
            capture_output=True,
            check=True,
        ).stdout
    )["filesystems"]
    ours = [(row["device"], row["mount_point"], row["type"]) for row in rows("fstab", root)]
    assert ours == [
        (row["source"].replace(chr(34), ""), row["target"].rstrip("/") or "/", row["fstype"]) for row in told
    ]
