"""groups and user_groups: group(5) as glibc reads it, memberships as id(1) tells them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows

PASSWD = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:4711::/home/bob:/bin/sh\n"
GROUP = "root:x:0:\nsudo:x:27:ann,bob\nann:x:1000:ann\nshort::5\nnonum:x:abc:ann\n#no:x:1:\nldap:*:60:stranger, ann ,\n"


def _root(tmp_path: Path) -> Path:
    return make_root(tmp_path, {"/etc/passwd": PASSWD, "/etc/group": GROUP})


def test_groups_are_read_with_their_members(tmp_path: Path) -> None:
    found = rows("groups", _root(tmp_path))
    assert [(r["groupname"], r["gid"], r["password_state"], r["member_count"], r["members"]) for r in found] == [
        ("root", 0, "shadow", 0, ""),
        ("sudo", 27, "shadow", 2, "ann,bob"),
        ("ann", 1000, "shadow", 1, "ann"),
        ("short", 5, "empty", 0, ""),
        ("nonum", None, "shadow", 1, "ann"),
        ("ldap", 60, "locked", 2, "stranger,ann"),
    ]


def test_memberships_name_primary_and_listed_groups_once(tmp_path: Path) -> None:
    found = [(r["username"], r["groupname"], r["uid"], r["is_primary"]) for r in rows("user_groups", _root(tmp_path))]
    assert found == [
        ("root", "root", 0, 1),
        ("ann", "ann", 1000, 1),
        ("bob", "", 1001, 1),
        ("ann", "sudo", 1000, 0),
        ("bob", "sudo", 1001, 0),
        ("ann", "nonum", 1000, 0),
        ("stranger", "ldap", None, 0),
        ("ann", "ldap", 1000, 0),
    ]


def test_without_group_file_both_tables_are_absent(tmp_path: Path) -> None:
    root = make_root(tmp_path, {})
    assert read_table("groups", root).status == "absent"
    assert read_table("user_groups", root).status == "absent"


def test_a_group_with_very_many_members_is_read(tmp_path: Path) -> None:
    group = "big:x:9:" + ",".join(f"user{i}" for i in range(30_000)) + "\n"
    root = make_root(tmp_path, {"/etc/group": group})
    assert rows("groups", root)[0]["member_count"] == 30_000
    assert len(rows("user_groups", root)) == 30_002


@pytest.mark.skipif(shutil.which("getent") is None, reason="getent is not installed")
def test_groups_of_this_machine_are_those_of_getent() -> None:
    told = subprocess.run(["getent", "-s", "files", "group"], capture_output=True, text=True, check=True).stdout
    ours = [(r["groupname"], str(r["gid"]), r["members"]) for r in rows("groups")]
    assert ours == [(p[0], p[2], p[3]) for p in (line.split(":") for line in told.splitlines())]


@pytest.mark.skipif(shutil.which("id") is None, reason="id is not installed")
def test_memberships_of_this_machine_are_those_of_id() -> None:
    ours: dict[str, set[str]] = {}
    for row in rows("user_groups"):
        if row["uid"] is not None:
            ours.setdefault(str(row["username"]), set()).add(str(row["gid"]))
    for name, gids in list(ours.items())[:40]:
        told = subprocess.run(["id", "-G", name], capture_output=True, text=True, check=True).stdout
        assert set(told.split()) == gids, name
