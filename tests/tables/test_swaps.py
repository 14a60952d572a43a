from __future__ import annotations

from live_root import add_disk, live_rows, mountinfo

from tabletest import make_root, read_table, rows

HEAD = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"


def live(tmp_path, *lines):
    root = make_root(
        tmp_path,
        {
            "/proc/swaps": HEAD + "".join(line + "\n" for line in lines),
            "/proc/self/mountinfo": mountinfo(("253:0", "/", "ext4", "/dev/dm-0")),
        },
    )
    add_disk(root, "sda", "8:0")
    add_disk(root, "sda2", "8:2", parent="sda")
    add_disk(root, "dm-0", "253:0", dm_uuid="CRYPT-LUKS2-x-root", slaves="sda")
    add_disk(root, "dm-1", "253:1", dm_uuid="CRYPT-PLAIN-swap", slaves="sda2")
    add_disk(root, "zram0", "252:0")
    return root


def test_no_swap_is_no_row(tmp_path):
    assert live_rows("swaps", live(tmp_path)) == []


def test_partitions_files_and_encrypted_swap_are_told_apart(tmp_path):
    root = live(
        tmp_path,
        "/dev/sda2 partition\t1048572\t0\t-2",
        "/dev/dm-1 partition\t2048\t0\t-3",
        "/swap\\040file file\t1024\t0\t-4",
        "junk",
    )
    assert [(row["device"], row["encrypted"], row["kind"], row["size"]) for row in live_rows("swaps", root)] == [
        ("/dev/sda2", 0, "none", 1_073_737_728),
        ("/dev/dm-1", 1, "plain", 2_097_152),
        ("/swap file", 1, "luks2", 1_048_576),
    ]


def test_zram_is_memory_unless_it_may_write_to_a_disk(tmp_path):
    root = live(tmp_path, "/dev/zram0 partition\t1024\t0\t100")
    (row,) = live_rows("swaps", root)
    assert (row["zram"], row["on_disk"], row["encrypted"]) == (1, 0, None)
    (root / "sys/block/zram0").mkdir(parents=True)
    (root / "sys/block/zram0/backing_dev").write_text("/dev/sda2\n")
    (row,) = live_rows("swaps", root)
    assert (row["zram"], row["on_disk"], row["encrypted"]) == (1, 1, 0)


def test_a_mounted_tree_answers_by_fstab_and_crypttab(tmp_path):
    fstab = "PARTUUID=1 / ext4 defaults 0 1\n/dev/mapper/cs none swap sw 0 0\n/swapfile none swap sw 0 0\n"
    root = make_root(tmp_path, {"/etc/fstab": fstab, "/etc/crypttab": "cs /dev/sda2 /dev/urandom swap\n"})
    assert [(row["device"], row["type"], row["encrypted"]) for row in rows("swaps", root)] == [
        ("/dev/mapper/cs", "partition", 1),
        ("/swapfile", "file", 0),
    ]


def test_an_image_without_a_root_in_fstab_is_partial(tmp_path):
    assert read_table("swaps", make_root(tmp_path, {"/etc/fstab": ""})).status == "partial"


def test_this_machine_is_read(tmp_path):
    assert read_table("swaps").status == "ok"
