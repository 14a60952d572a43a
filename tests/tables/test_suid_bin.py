from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from secaudit.tables.host import _special
from secaudit.tables.host._mounts import Mount
from tabletest import make_root, read_table, rows, rows_of

DPKG = {"/var/lib/dpkg/status": "Package: login\nStatus: install ok installed\n\n"}


def mount(path, kind="ext4", number="8:1", root="/", options="rw"):
    return Mount("/dev/x", path, kind, options, False, root, number)


def test_set_id_programs_are_found_wherever_they_are(tmp_path):
    files = {"/usr/bin/su": "", "/home/ayesha/x": "", "/opt/g": "", "/usr/bin/ls": ""}
    modes = {"/usr/bin/su": 0o4755, "/home/ayesha/x": 0o6750, "/opt/g": 0o2644, "/usr/bin/ls": 0o755}
    found = rows("suid_bin", make_root(tmp_path, files, modes))
    assert [(row["path"], row["permissions"], row["mode_octal"], row["executable"]) for row in found] == [
        ("/home/ayesha/x", "SG", "6750", 1),
        ("/opt/g", "G", "2644", 0),
        ("/usr/bin/su", "S", "4755", 1),
    ]
    assert {row["package_owned"] for row in found} == {None}


def test_dpkg_lists_say_what_came_with_a_package_also_across_the_usr_merge(tmp_path):
    files = {
        **DPKG,
        "/usr/bin/su": "",
        "/usr/bin/extra": "",
        "/usr/lib/x/helper": "",
        "/var/lib/dpkg/info/login.list": "/.\n/bin/su\n/usr/lib/x/helper\n",
    }
    root = make_root(tmp_path, files, {path: 0o4755 for path in files if path.startswith("/usr")})
    assert {row["path"]: row["package_owned"] for row in rows("suid_bin", root)} == {
        "/usr/bin/su": 1,
        "/usr/bin/extra": 0,
        "/usr/lib/x/helper": 1,
    }


def test_apk_and_pacman_databases_are_understood(tmp_path):
    apk = make_root(
        tmp_path / "apk",
        {"/lib/apk/db/installed": "P:bb\nF:bin\nR:bbsuid\n", "/bin/bbsuid": "", "/bin/other": ""},
        {"/bin/bbsuid": 0o4755, "/bin/other": 0o4755},
    )
    assert [row["package_owned"] for row in rows("suid_bin", apk)] == [1, 0]
    arch = make_root(
        tmp_path / "arch",
        {"/var/lib/pacman/local/sudo-1/files": "%FILES%\nusr/bin/sudo\n", "/usr/bin/sudo": "", "/usr/bin/x": ""},
        {"/usr/bin/sudo": 0o4755, "/usr/bin/x": 0o4755},
    )
    assert [row["package_owned"] for row in rows("suid_bin", arch)] == [1, 0]


def test_links_and_folders_are_no_programs(tmp_path):
    root = make_root(tmp_path, {"/srv/x": ""}, {"/srv": 0o2775})
    (root / "srv/link").symlink_to("/srv/x")
    assert rows("suid_bin", root) == []


def test_trees_of_unpacked_files_are_left_out(tmp_path):
    files = {
        "/home/ayesha/app/node_modules/a/x": "",
        "/var/lib/docker/overlay2/1/su": "",
        "/usr/share/doc/x": "",
        "/home/ayesha/node_modules_of_mine": "",
    }
    root = make_root(tmp_path, files, dict.fromkeys(files, 0o4755))
    assert [row["path"] for row in rows("suid_bin", root)] == ["/home/ayesha/node_modules_of_mine"]


def test_one_file_system_is_walked_once_and_only_local_ones():
    mounts = [
        mount("/proc", "proc", "0:5"),
        mount("/"),
        mount("/home", number="8:2"),
        mount("/var/lib/docker/x", "overlay", "0:40"),
        mount("/srv/bind", number="8:2", root="/ayesha"),
        mount("/tmp", "tmpfs", "0:31"),
        mount("/run", "tmpfs", "0:32"),
        mount("/dev/shm", "tmpfs", "0:33"),
        mount("/mnt/share", "nfs4", "0:50"),
        mount("/data", "btrfs", "0:60", root="/@data"),
        mount("/snapshots", "btrfs", "0:60", root="/@snap"),
    ]
    assert sorted(_special.tops(mounts)) == ["/", "/data", "/dev/shm", "/home", "/snapshots", "/tmp"]


def test_a_closed_folder_makes_the_answer_partial(as_nobody):
    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o755)
        root = make_root(folder, {"/root/x": "", "/bin/su": ""}, {"/root": 0o700, "/bin/su": 0o4755})

        def read():
            data = read_table("suid_bin", root)
            return data.status, data.needs, data.reason, [row["path"] for row in rows_of(data)]

        assert as_nobody(read) == ("partial", "root", "these folders could not be looked into: /root", ["/bin/su"])
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("line", "path", "reason"),
    [
        ("/usr/bin/find: '/root': Permission denied", "/root", "Permission denied"),
        ("find: '/a/b': No such file or directory", "/a/b", "No such file or directory"),
    ],
)
def test_what_find_complains_about_is_understood(line, path, reason):
    match = _special._COMPLAINT.fullmatch(line)
    assert match is not None
    assert match.groups() == (path, reason)


def test_known_numbers_become_runs(tmp_path):
    assert _special._merge([(5, 5), (0, 3), (4, 4), (100_000, 165_535)]) == [(0, 5), (100_000, 165_535)]


@pytest.mark.skipif(shutil.which("find") is None, reason="find is not installed")
def test_the_conditions_given_to_find_agree_with_our_own(tmp_path):
    """The same small tree, walked by find and by Python."""
    files = {f"/srv/{name}": "" for name in ("plain", "suid", "open", "alien", "aliengroup")}
    files["/etc/group"] = "root:x:0:\n"
    root = make_root(tmp_path, files, {"/srv/suid": 0o4755, "/srv/open": 0o666})
    os.chown(root / "srv/alien", 4242, 0)
    os.chown(root / "srv/aliengroup", 1000, 4243)
    (root / "srv/shared").mkdir()
    (root / "srv/shared").chmod(0o1777)
    names = {row["path"] for table in ("suid_bin", "world_writable", "unowned_files") for row in rows(table, root)}

    class FakeTarget:  # only what Known reads
        def read_text(self, path):
            return (root / path[1:]).read_text()

    users, groups = _special.known_numbers(FakeTarget())
    wanted = ["-perm", "/6002", *_special._unknown("-uid", users), *_special._unknown("-gid", groups)]
    told = subprocess.run(
        ["find", str(root), "!", "-type", "l", "(", *wanted, ")", "-printf", "/%P\n"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert set(told) == names == {"/srv/suid", "/srv/open", "/srv/alien", "/srv/aliengroup", "/srv/shared"}


@pytest.mark.skipif(shutil.which("find") is None, reason="find is not installed")
def test_this_machine_agrees_with_find():
    data = read_table("suid_bin")
    if data.status == "partial":
        pytest.skip(data.reason or "")
    folders = ["/usr/bin", "/usr/sbin", "/usr/lib", "/usr/libexec", "/usr/local"]
    told = subprocess.run(
        ["find", *[folder for folder in folders if os.path.isdir(folder)], "-xdev", "-type", "f", "-perm", "/6000"],
        capture_output=True,
        text=True,
    ).stdout.split()
    ours = [
        row["path"] for row in rows_of(data) if str(row["path"]).startswith(tuple(folder + "/" for folder in folders))
    ]
    assert sorted(told) == sorted(ours)
    if shutil.which("dpkg-query"):
        owned = {row["path"]: row["package_owned"] for row in rows_of(data)}
        assert owned["/usr/bin/passwd"] == 1
