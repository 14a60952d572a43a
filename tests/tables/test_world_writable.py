from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from tabletest import make_root, read_table, rows, rows_of


def test_files_and_folders_that_all_may_write_are_listed(tmp_path):
    root = make_root(
        tmp_path,
        {"/srv/open": "", "/srv/shut": "", "/tmp/x": ""},
        {"/srv/open": 0o646, "/tmp": 0o1777, "/srv/shut": 0o664},
    )
    (root / "srv/link").symlink_to("/srv/shut")
    assert [(row["path"], row["type"], row["sticky"], row["mode_octal"]) for row in rows("world_writable", root)] == [
        ("/srv/open", "regular", 0, "0646"),
        ("/tmp", "directory", 1, "1777"),
    ]


def test_what_lies_in_a_closed_folder_is_not_reachable(tmp_path):
    root = make_root(
        tmp_path,
        {"/home/ayesha/a/b/x": "", "/home/bilal/x": ""},
        {"/home/ayesha/a/b/x": 0o666, "/home/ayesha": 0o700, "/home/bilal/x": 0o666},
    )
    found = {row["path"]: row["reachable"] for row in rows("world_writable", root)}
    assert found == {"/home/ayesha/a/b/x": 0, "/home/bilal/x": 1}


def test_sockets_and_fifos_keep_their_kind(tmp_path):
    root = make_root(tmp_path, {"/srv/a": ""})
    os.mkfifo(root / "srv/fifo")
    (root / "srv/fifo").chmod(0o666)
    assert [row["type"] for row in rows("world_writable", root)] == ["fifo"]


def test_only_a_folder_that_others_may_enter_is_a_gap(as_nobody):
    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o755)
        root = make_root(folder, {"/root/x": "", "/srv/x": "", "/opt/x": ""}, {"/root": 0o700, "/srv/x": 0o666})

        def read():
            data = read_table("world_writable", root)
            return data.status, data.needs, [row["path"] for row in rows_of(data)]

        assert as_nobody(read) == ("ok", None, ["/srv/x"])
        (root / "opt").chmod(0o711)
        assert as_nobody(read) == ("partial", "root", ["/srv/x"])
    finally:
        shutil.rmtree(folder)


def test_a_deep_tree_does_no_harm(tmp_path):
    folder = make_root(tmp_path, {"/srv/x": ""}) / "srv"
    descriptor = os.open(folder, os.O_RDONLY)
    for _ in range(300):
        os.mkdir("d", dir_fd=descriptor)
        os.chmod("d", 0o777, dir_fd=descriptor)
        below = os.open("d", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(descriptor)
    assert len(rows("world_writable", tmp_path)) == 300
