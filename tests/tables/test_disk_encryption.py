from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from live_root import add_disk, live_rows, mountinfo

from tabletest import make_root, read_table, rows

LUKS2 = "CRYPT-LUKS2-0123456789abcdef0123456789abcdef-root"


def live(tmp_path, *lines, files=None):
    root = make_root(tmp_path, {"/proc/self/mountinfo": mountinfo(*lines), **(files or {})})
    (root / "home/ayesha").mkdir(parents=True, exist_ok=True)
    return root


def verdicts(found):
    return {row["path"]: (row["encrypted"], row["kind"]) for row in found}


def test_a_bare_partition_is_not_encrypted(tmp_path):
    root = live(tmp_path, ("8:1", "/", "ext4", "/dev/sda1"))
    add_disk(root, "sda", "8:0", model="Samsung SSD 870")
    add_disk(root, "sda1", "8:1", parent="sda")
    (row,) = live_rows("disk_encryption", root)
    assert (row["encrypted"], row["kind"], row["stack"], row["role"]) == (0, "none", "sda1 > sda", "system")
    assert row["holds_homes"] == 1


def test_lvm_inside_luks_is_encrypted_and_boot_is_not(tmp_path):
    root = live(
        tmp_path,
        ("253:1", "/", "ext4", "/dev/mapper/vg-root"),
        ("259:2", "/boot", "ext4", "/dev/nvme0n1p2"),
        ("253:2", "/home", "ext4", "/dev/mapper/vg-home"),
    )
    add_disk(root, "nvme0n1", "259:0", model="WD Black")
    add_disk(root, "nvme0n1p2", "259:2", parent="nvme0n1")
    add_disk(root, "nvme0n1p3", "259:3", parent="nvme0n1")
    add_disk(root, "dm-0", "253:0", dm_uuid=LUKS2, slaves="nvme0n1p3")
    add_disk(root, "dm-1", "253:1", dm_uuid="LVM-abc", slaves="dm-0")
    add_disk(root, "dm-2", "253:2", dm_uuid="LVM-def", slaves="dm-0")
    found = live_rows("disk_encryption", root)
    assert verdicts(found) == {"/": (1, "luks2"), "/boot": (0, "none"), "/home": (1, "luks2")}
    assert {row["path"]: row["role"] for row in found} == {"/": "system", "/boot": "boot", "/home": "homes"}
    assert found[0]["stack"] == "dm-1 (LVM) > dm-0 (luks2) > nvme0n1p3 > nvme0n1"


def test_a_raid_with_one_plain_half_is_not_encrypted(tmp_path):
    root = live(tmp_path, ("9:0", "/", "ext4", "/dev/md0"))
    add_disk(root, "sda", "8:0")
    add_disk(root, "sdb", "8:16")
    add_disk(root, "dm-0", "253:0", dm_uuid=LUKS2, slaves="sda")
    add_disk(root, "md0", "9:0", slaves="dm-0 sdb")
    assert verdicts(live_rows("disk_encryption", root)) == {"/": (0, "none")}


def test_integrity_and_verity_layers_do_not_encrypt(tmp_path):
    root = live(tmp_path, ("253:0", "/", "ext4", "/dev/dm-0"))
    add_disk(root, "sda", "8:0")
    add_disk(root, "dm-0", "253:0", dm_uuid="CRYPT-VERITY-abc-x", slaves="sda")
    assert verdicts(live_rows("disk_encryption", root)) == {"/": (0, "none")}


def test_virtual_disks_and_container_roots_cannot_be_judged(tmp_path):
    root = live(tmp_path, ("254:0", "/", "ext4", "/dev/vda"))
    add_disk(root, "vda", "254:0")
    assert verdicts(live_rows("disk_encryption", root)) == {"/": (None, "virtual disk")}
    vmware = live(tmp_path / "b", ("8:0", "/", "ext4", "/dev/sda"))
    add_disk(vmware, "sda", "8:0", model="VMware Virtual S")
    assert verdicts(live_rows("disk_encryption", vmware)) == {"/": (None, "virtual disk")}
    container = live(tmp_path / "c", ("0:50", "/", "overlay", "overlay"))
    assert verdicts(live_rows("disk_encryption", container)) == {"/": (None, "hidden")}
    unseen = live(tmp_path / "d", ("8:3", "/", "ext4", "/dev/sda3"))
    assert verdicts(live_rows("disk_encryption", unseen)) == {"/": (None, "hidden")}


def test_a_btrfs_over_two_disks_needs_both_encrypted(tmp_path):
    root = live(tmp_path, ("0:40", "/", "btrfs", "/dev/dm-0"), ("0:40", "/home", "btrfs", "/dev/dm-0"))
    add_disk(root, "sda", "8:0")
    add_disk(root, "sdb", "8:16")
    add_disk(root, "dm-0", "253:0", dm_uuid=LUKS2, slaves="sda")
    (root / "sys/fs/btrfs/some-uuid/devices/dm-0").mkdir(parents=True)
    assert verdicts(live_rows("disk_encryption", root)) == {"/": (1, "luks2"), "/home": (1, "luks2")}
    (root / "sys/fs/btrfs/some-uuid/devices/sdb").mkdir()
    assert verdicts(live_rows("disk_encryption", root))["/"] == (0, "none")


def test_zfs_without_its_tools_cannot_be_judged(tmp_path):
    root = live(tmp_path, ("0:40", "/", "zfs", "rpool/ROOT/debian"))
    assert verdicts(live_rows("disk_encryption", root)) == {"/": (None, "hidden")}


def test_an_encrypted_home_folder_is_a_row_of_its_own(tmp_path):
    root = live(
        tmp_path,
        ("8:1", "/", "ext4", "/dev/sda1"),
        ("0:70", "/home/ayesha", "ecryptfs", "/home/.ecryptfs/ayesha/.Private"),
    )
    add_disk(root, "sda", "8:0")
    add_disk(root, "sda1", "8:1", parent="sda")
    found = live_rows("disk_encryption", root)
    assert verdicts(found) == {"/": (0, "none"), "/home/ayesha": (1, "ecryptfs")}
    assert {row["path"]: row["holds_homes"] for row in found} == {"/": 0, "/home/ayesha": 1}


def test_images_of_software_and_second_views_are_left_out(tmp_path):
    root = live(
        tmp_path,
        ("8:1", "/", "ext4", "/dev/sda1"),
        ("7:0", "/snap/core/1", "squashfs", "/dev/loop0"),
        ("8:2", "/data", "ext4", "/dev/sda2"),
        ("8:2", "/srv/export", "ext4", "/dev/sda2"),
        ("0:21", "/proc", "proc", "proc"),
        ("0:50", "/mnt/nfs", "nfs4", "server:/x"),
    )
    add_disk(root, "sda", "8:0")
    add_disk(root, "sda1", "8:1", parent="sda")
    add_disk(root, "sda2", "8:2", parent="sda")
    found = live_rows("disk_encryption", root)
    assert {row["path"]: row["role"] for row in found} == {"/": "system", "/data": "other"}


def test_usb_disks_are_removable_and_files_on_encrypted_disks_encrypted(tmp_path):
    root = live(
        tmp_path,
        ("253:0", "/", "ext4", "/dev/dm-0"),
        ("8:17", "/mnt/stick", "ext4", "/dev/sdb1"),
        ("7:1", "/mnt/image", "ext4", "/dev/loop1"),
    )
    add_disk(root, "sda", "8:0")
    add_disk(root, "dm-0", "253:0", dm_uuid=LUKS2, slaves="sda")
    add_disk(root, "sdb", "8:16", removable="1")
    add_disk(root, "sdb1", "8:17", parent="sdb")
    add_disk(root, "loop1", "7:1", backing_file="/var/image.raw")
    found = live_rows("disk_encryption", root)
    assert verdicts(found) == {"/": (1, "luks2"), "/mnt/stick": (0, "none"), "/mnt/image": (1, "luks2")}
    assert {row["path"]: row["role"] for row in found}["/mnt/stick"] == "removable"


def test_a_loop_of_devices_ends(tmp_path):
    root = live(tmp_path, ("253:0", "/", "ext4", "/dev/dm-0"))
    add_disk(root, "dm-0", "253:0", slaves="dm-1")
    add_disk(root, "dm-1", "253:1", slaves="dm-0")
    assert verdicts(live_rows("disk_encryption", root))["/"][0] is None


def tree(tmp_path, fstab, crypttab="", more=None):
    files = {"/etc/fstab": fstab, "/etc/crypttab": crypttab, "/home/ayesha/x": "", **(more or {})}
    return make_root(tmp_path, files)


def test_a_mounted_tree_answers_by_crypttab(tmp_path):
    fstab = (
        "/dev/mapper/root_crypt / ext4 defaults 0 1\nPARTUUID=1 /boot ext4 defaults 0 2\nUUID=2 /home ext4 defaults\n"
    )
    found = rows("disk_encryption", tree(tmp_path, fstab, "# x\nroot_crypt UUID=9 none luks,discard\n"))
    assert verdicts(found) == {"/": (1, "luks"), "/boot": (0, "none"), "/home": (None, "hidden")}


def test_a_tree_without_any_encryption_set_up_is_not_encrypted(tmp_path):
    assert verdicts(rows("disk_encryption", tree(tmp_path, "UUID=1 / ext4 defaults 0 1\n"))) == {"/": (0, "none")}


def test_unlocking_at_boot_without_crypttab_leaves_it_open(tmp_path):
    more = {"/etc/default/grub": 'GRUB_CMDLINE_LINUX="rd.luks.uuid=luks-1"\n'}
    assert verdicts(rows("disk_encryption", tree(tmp_path, "UUID=1 / ext4 defaults\n", "", more)))["/"][0] is None


def test_only_encrypted_swap_does_not_hide_the_rest(tmp_path):
    crypttab = "swap /dev/sda2 /dev/urandom swap,cipher=aes-xts-plain64\n"
    found = rows("disk_encryption", tree(tmp_path, "UUID=1 / ext4 defaults\n", crypttab))
    assert verdicts(found) == {"/": (0, "none")}


def test_an_image_without_a_root_in_fstab_is_unsupported(tmp_path):
    assert read_table("disk_encryption", tree(tmp_path, "# UNCONFIGURED\n")).status == "unsupported"


@pytest.mark.skipif(shutil.which("lsblk") is None, reason="lsblk is not installed")
def test_encrypted_devices_of_this_machine_agree_with_lsblk():
    told = json.loads(
        subprocess.run(
            ["lsblk", "--json", "--inverse", "-o", "NAME,TYPE,MOUNTPOINT"], capture_output=True, check=True
        ).stdout
    )["blockdevices"]

    def has_crypt(device):
        return device["type"] == "crypt" or any(has_crypt(child) for child in device.get("children", []))

    theirs = {device["mountpoint"]: has_crypt(device) for device in told if device["mountpoint"]}
    for row in rows("disk_encryption"):
        if row["path"] in theirs:
            assert (row["encrypted"] == 1) == theirs[row["path"]]
