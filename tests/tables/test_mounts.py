from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest
from live_root import live_rows, mountinfo

from tabletest import make_root, read_table, rows, rows_of

ROOT_LINE = "UUID=1234 / ext4 defaults 0 1\n"


def options(found, path):
    (row,) = [row for row in found if row["path"] == path and not row["shadowed"]]
    return row["nosuid"], row["nodev"], row["noexec"]


def test_restrictions_of_running_mounts_are_columns(tmp_path):
    text = mountinfo(("8:1", "/", "ext4", "/dev/sda1"), ("0:30", "/tmp rw,nosuid,nodev", "tmpfs", "tmpfs"))
    found = live_rows("mounts", make_root(tmp_path, {"/proc/self/mountinfo": text}))
    assert options(found, "/") == (0, 0, 0)
    assert options(found, "/tmp") == (1, 1, 0)
    assert {row["state"] for row in found} == {"running"}


def test_a_mount_hidden_by_another_is_shadowed(tmp_path):
    text = (
        "20 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
        "21 20 8:2 / /srv rw,nosuid - ext4 /dev/sda2 rw\n"
        "22 21 8:3 / /srv rw - ext4 /dev/sda3 rw\n"
    )
    found = live_rows("mounts", make_root(tmp_path, {"/proc/self/mountinfo": text}))
    assert [(row["device"], row["shadowed"]) for row in found] == [
        ("/dev/sda1", 0),
        ("/dev/sda2", 1),
        ("/dev/sda3", 0),
    ]


def test_read_only_superblocks_count(tmp_path):
    text = "20 1 8:1 / / rw,relatime - ext4 /dev/sda1 ro,errors=remount-ro\n"
    (row,) = live_rows("mounts", make_root(tmp_path, {"/proc/self/mountinfo": text}))
    assert (row["read_only"], row["flags"]) == (1, "ro,relatime,errors=remount-ro")


def test_odd_and_broken_lines_do_no_harm(tmp_path):
    text = "x\n20 1 8:1 / / rw\n21 1 8:2 / /a\\040b\\134c rw - ext4 /dev/my\\040disk rw\n" + "y" * 100_000 + "\n"
    (row,) = live_rows("mounts", make_root(tmp_path, {"/proc/self/mountinfo": text}))
    assert (row["path"], row["device"]) == ("/a b\\c", "/dev/my disk")


def test_a_mounted_tree_answers_by_fstab(tmp_path):
    fstab = ROOT_LINE + "tmpfs /tmp tmpfs nosuid,nodev 0 0\n/dev/sdb1 /mnt ext4 noauto 0 0\n/swap none swap sw 0 0\n"
    found = rows("mounts", make_root(tmp_path, {"/etc/fstab": fstab}))
    assert [(row["path"], row["state"]) for row in found] == [("/", "configured"), ("/tmp", "configured")]
    assert options(found, "/tmp") == (1, 1, 0)


def test_a_mount_unit_that_starts_at_boot_counts_and_a_masked_one_does_not(tmp_path):
    unit = "[Mount]\nWhat=tmpfs\nWhere=/tmp\nType=tmpfs\nOptions=mode=1777,strictatime,nosuid,nodev\n"
    target = "[Unit]\nDescription=x\n"
    folder = "/usr/lib/systemd/system"
    files = {
        "/etc/fstab": ROOT_LINE,
        f"{folder}/tmp.mount": unit,
        f"{folder}/local-fs.target": target,
        f"{folder}/sysinit.target": "[Unit]\nWants=local-fs.target\n",
    }
    root = make_root(tmp_path, files)
    (root / f"{folder[1:]}/local-fs.target.wants").mkdir()
    (root / f"{folder[1:]}/local-fs.target.wants/tmp.mount").symlink_to("../tmp.mount")
    assert options(rows("mounts", root), "/tmp") == (1, 1, 0)
    (root / "etc/systemd/system").mkdir(parents=True)
    (root / "etc/systemd/system/tmp.mount").symlink_to("/dev/null")
    assert [row["path"] for row in rows("mounts", root)] == ["/"]


def test_a_tree_whose_fstab_does_not_know_its_root_is_partial(tmp_path):
    data = read_table("mounts", make_root(tmp_path, {"/etc/fstab": "# UNCONFIGURED\ntmpfs /tmp tmpfs nosuid 0 0\n"}))
    assert data.status == "partial"
    assert [row["path"] for row in rows_of(data)] == ["/tmp"]


@pytest.mark.skipif(shutil.which("findmnt") is None, reason="findmnt is not installed")
def test_running_mounts_agree_with_findmnt():
    told = json.loads(
        subprocess.run(
            ["findmnt", "--kernel", "--list", "--json", "-o", "TARGET,FSTYPE,OPTIONS"], capture_output=True, check=True
        ).stdout
    )["filesystems"]
    ours = sorted((row["path"], row["type"], ",".join(sorted(str(row["flags"]).split(",")))) for row in rows("mounts"))
    theirs = sorted((row["target"], row["fstype"], ",".join(sorted(row["options"].split(",")))) for row in told)
    assert ours == theirs


@pytest.mark.parametrize("table", ["mounts", "swaps", "disk_encryption"])
@pytest.mark.parametrize(
    "path",
    [
        "/etc/systemd/system/tmp.mount",
        "/usr/lib/systemd/system/tmp.mount.d/10.conf",
        "/etc/systemd/system/shop.service",  # it may say Wants=tmp.mount
    ],
)
def test_a_unit_file_that_cannot_be_read_is_no_silence(tmp_path, table, path):
    files = {
        "/etc/fstab": ROOT_LINE,
        "/usr/lib/systemd/system/default.target": "[Unit]\nWants=shop.service local-fs.target\n",
        "/usr/lib/systemd/system/local-fs.target": "[Unit]\n",
        "/usr/lib/systemd/system/tmp.mount": "[Mount]\nWhat=tmpfs\nWhere=/tmp\nOptions=nosuid,nodev\n",
        "/etc/systemd/system/local-fs.target.wants/tmp.mount": "",
    }
    root = make_root(tmp_path / "whole", files)
    assert read_table(table, root).status == "ok"
    root = make_root(tmp_path / "damaged", {key: text for key, text in files.items() if not key.startswith(path + "/")})
    (root / path.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(root / path.lstrip("/"))
    data = read_table(table, root)
    assert data.status == "denied"
    assert path in str(data.reason)
