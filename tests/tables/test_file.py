from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows, rows_of


@pytest.fixture
def open_folder():
    """A folder that accounts without rights may enter, unlike tmp_path."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_each_pattern_and_path_is_one_row(tmp_path):
    root = make_root(tmp_path, {"/etc/shadow": "x", "/etc/a.conf": "", "/etc/b.conf": ""}, {"/etc/shadow": 0o640})
    found = rows("file", root, ("/etc/shadow", "/etc/*.conf", "/etc/shadow"))
    assert [(row["pattern"], row["path"]) for row in found] == [
        ("/etc/shadow", "/etc/shadow"),
        ("/etc/*.conf", "/etc/a.conf"),
        ("/etc/*.conf", "/etc/b.conf"),
    ]
    assert (found[0]["mode"], found[0]["mode_octal"], found[0]["type"], found[0]["username"]) == (
        0o640,
        "0640",
        "regular",
        "root",
    )


def test_a_tilde_stands_for_every_home_of_root_and_people(tmp_path):
    root = make_root(tmp_path, {"/root/.netrc": "", "/home/ayesha/.netrc": "", "/home/ayesha/.ssh/id_rsa": ""})
    assert [row["path"] for row in rows("file", root, ("~/.netrc",))] == ["/root/.netrc", "/home/ayesha/.netrc"]
    assert [row["path"] for row in rows("file", root, ("~",))] == ["/root", "/home/ayesha"]
    assert [row["path"] for row in rows("file", root, ("~/.ssh/*",))] == ["/home/ayesha/.ssh/id_rsa"]


def test_a_star_leaves_hidden_names_out_and_stays_in_one_folder(tmp_path):
    root = make_root(tmp_path, {"/etc/x/.hidden": "", "/etc/x/a": "", "/etc/x/sub/b": ""})
    assert [row["path"] for row in rows("file", root, ("/etc/x/*",))] == ["/etc/x/a", "/etc/x/sub"]
    assert [row["path"] for row in rows("file", root, ("/etc/x/.*",))] == ["/etc/x/.hidden"]
    assert [row["path"] for row in rows("file", root, ("/etc/*/*/b",))] == ["/etc/x/sub/b"]


def test_links_show_owner_and_mode_of_what_they_lead_to(tmp_path):
    root = make_root(tmp_path, {"/etc/real": "12345"}, {"/etc/real": 0o666})
    (root / "etc/link").symlink_to("/etc/real")
    (row,) = rows("file", root, ("/etc/link",))
    assert (row["symlink"], row["link_target"], row["mode_octal"], row["size"]) == (1, "/etc/real", "0666", 5)


def test_links_that_lead_nowhere_are_no_file(tmp_path):
    root = make_root(tmp_path, {})
    (root / "etc/dangling").symlink_to("/nowhere")
    (root / "etc/loop").symlink_to("/etc/loop")
    assert rows("file", root, ("/etc/dangling", "/etc/loop", "/etc/*")) == [
        row for row in rows("file", root, ("/etc/*",)) if row["filename"] == "passwd"
    ]
    assert {row["path"]: row["state"] for row in rows("paths", root, ("/etc/dangling", "/etc/loop"))} == {
        "/etc/dangling": "absent",
        "/etc/loop": "absent",
    }


def test_an_owner_without_an_account_has_an_empty_name(tmp_path):
    root = make_root(tmp_path, {"/srv/x": "", "/etc/group": "root:x:0:\nstaff:x:50:\n"})
    os.chown(root / "srv/x", 4242, 50)
    (row,) = rows("file", root, ("/srv/x",))
    assert (row["username"], row["groupname"], row["uid"]) == ("", "staff", 4242)


def test_kinds_of_files_have_the_words_of_osquery(tmp_path):
    root = make_root(tmp_path, {"/srv/file": ""})
    os.mkfifo(root / "srv/fifo")
    (root / "srv/dir").mkdir()
    assert {row["filename"]: row["type"] for row in rows("file", root, ("/srv/*",))} == {
        "file": "regular",
        "fifo": "fifo",
        "dir": "directory",
    }


def test_a_folder_of_very_many_entries_is_cut_and_said_so(tmp_path):
    root = make_root(tmp_path, {})
    (root / "many").mkdir()
    for number in range(6_000):
        (root / "many" / str(number)).touch()
    data = read_table("file", root, ("/many/*",))
    assert data.status == "partial"
    assert len(data.rows) == 5_000
    assert "/many/*" in (data.reason or "")


def test_a_closed_folder_makes_the_answer_partial(open_folder, as_nobody):
    root = make_root(open_folder, {"/home/ayesha/.ssh/id": "", "/etc/x": ""}, {"/home/ayesha/.ssh": 0o700})

    def read():
        file = read_table("file", root, ("~/.ssh/*", "/etc/x"))
        return file.status, file.needs, [row[0] for row in file.rows], read_table("paths", root, ("~/.ssh/*", "/etc/x"))

    status, needs, found, places = as_nobody(read)
    assert (status, needs, found) == ("partial", "root", ["/etc/x"])
    assert {(row["pattern"], row["path"], row["state"]) for row in rows_of(places)} >= {
        ("~/.ssh/*", "/home/ayesha/.ssh", "denied"),
        ("/etc/x", "/etc/x", "present"),
    }


def test_names_of_any_bytes_do_no_harm(tmp_path):
    root = make_root(tmp_path, {"/srv/a": ""})
    (root / "srv" / os.fsdecode(b"bad\xff\n\x1b[2J")).touch()
    assert len(rows("file", root, ("/srv/*",))) == 2


@pytest.mark.skipif(shutil.which("stat") is None, reason="stat is not installed")
def test_owners_and_modes_agree_with_stat():
    found = [
        row
        for row in rows("file", None, ("/etc/*", "/usr/bin/su*"))
        if " " not in str(row["path"]) and row["path"] != "/etc/mtab"  # leads into /proc, where each look is a new time
    ]
    told = subprocess.run(
        ["stat", "-L", "-c", "%n %U %G %a %s %Y", *(str(row["path"]) for row in found)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    ours = [
        f"{row['path']} {row['username'] or 'UNKNOWN'} {row['groupname'] or 'UNKNOWN'} {row['mode']:o}"
        f" {row['size']} {row['mtime_s']}"
        for row in found
    ]
    assert len(found) > 50
    assert ours == told
