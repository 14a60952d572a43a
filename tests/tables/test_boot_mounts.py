"""boot_mounts: the next start, on a running machine too."""

from __future__ import annotations

from pathlib import Path

from tabletest import make_root, read_table, rows, rows_of

UNITS = "/usr/lib/systemd/system"
FSTAB = "/dev/sda2 / ext4 defaults 0 1\n/dev/sda3 /home ext4 user,suid 0 2\n/dev/sda4 /srv ext4 noauto,nosuid 0 2\n"


def test_fstab_and_units_together(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            "/etc/fstab": FSTAB,
            f"{UNITS}/local-fs.target": "[Unit]\n",
            f"{UNITS}/sysinit.target": "[Unit]\nWants=local-fs.target\n",
            f"{UNITS}/default.target": "[Unit]\nRequires=sysinit.target\n",
            f"{UNITS}/tmp.mount": "[Mount]\nWhat=tmpfs\nWhere=/tmp\nType=tmpfs\nOptions=mode=1777,nosuid,nodev\n",
            "/etc/systemd/system/tmp.mount.d/x.conf": "[Mount]\nOptions=mode=1777,nosuid\n",
        },
    )
    wants = root / "etc/systemd/system/local-fs.target.wants"
    wants.mkdir(parents=True)
    (wants / "tmp.mount").symlink_to(f"{UNITS}/tmp.mount")
    found = {str(row["path"]): (row["nosuid"], row["nodev"], row["noexec"]) for row in rows("boot_mounts", root)}
    assert found == {"/": (0, 0, 0), "/home": (0, 1, 1), "/tmp": (1, 0, 0)}


def test_without_the_root_file_system_the_list_is_not_whole(tmp_path: Path) -> None:
    data = read_table("boot_mounts", make_root(tmp_path, {"/etc/fstab": "tmpfs /tmp tmpfs nosuid 0 0\n"}))
    assert data.status == "partial"
    assert [row["path"] for row in rows_of(data)] == ["/tmp"]
