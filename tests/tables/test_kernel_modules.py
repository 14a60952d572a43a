"""kernel_modules: modprobe.d(5) and the lists of the kernel."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows

KERNEL = {
    "/boot/vmlinuz-6.1.0-9-amd64": "",
    "/usr/lib/modules/6.1.0-9-amd64/modules.dep": (
        "kernel/fs/cramfs/cramfs.ko: kernel/lib/zlib.ko\nkernel/net/sctp/sctp.ko.xz:\n"
        "kernel/drivers/usb/storage/usb-storage.ko: kernel/drivers/scsi/scsi_mod.ko\nkernel/net/rds/rds.ko:\n"
        "kernel/fs/udf/udf.ko:\nkernel/fs/hfs/hfs.ko:\n"
        "kernel/drivers/usb/storage/uas.ko.xz: kernel/drivers/usb/storage/usb-storage.ko kernel/drivers/scsi/scsi_mod.ko\n"
    ),
    "/usr/lib/modules/6.1.0-9-amd64/modules.builtin": "kernel/fs/squashfs/squashfs.ko\n",
}


def module(tmp_path: Path, name: str, conf: str) -> dict[str, str | int | None]:
    root = make_root(tmp_path, {**KERNEL, "/etc/modprobe.d/a.conf": conf})
    (row,) = (row for row in rows("kernel_modules", root) if row["name"] == name)
    return row


@pytest.mark.parametrize(
    "command",
    ["/bin/false", "/bin/true", "/usr/bin/false", "false", ":", "exit 1", "/sbin/false", "/bin/false # no cramfs here"],
)
def test_install_commands_that_do_nothing_block(tmp_path: Path, command: str) -> None:
    row = module(tmp_path, "cramfs", f"# x\ninstall cramfs {command}\n")
    assert (row["install_disabled"], row["blocked"], row["line"]) == (1, 1, 2)


@pytest.mark.parametrize(
    "command",
    [
        "/sbin/modprobe --ignore-install cramfs",
        "/bin/false || /sbin/insmod cramfs",
        "/bin/true; insmod x",
        "/bin/falsey",
    ],
)
def test_other_install_commands_do_not_block(tmp_path: Path, command: str) -> None:
    row = module(tmp_path, "cramfs", f"install cramfs {command}\n")
    assert (row["install_disabled"], row["blocked"]) == (0, 0)


def test_the_first_install_line_counts(tmp_path: Path) -> None:
    text = "install cramfs modprobe -i cramfs\ninstall cramfs /bin/false\n"
    assert module(tmp_path, "cramfs", text)["install_disabled"] == 0


def test_dash_and_underscore_are_the_same(tmp_path: Path) -> None:
    assert module(tmp_path, "usb_storage", "blacklist usb-storage\n")["blacklisted"] == 1


def test_patterns_in_install_lines(tmp_path: Path) -> None:
    assert module(tmp_path, "hfs", "install hf* /bin/false\n")["install_disabled"] == 1


def test_alias_off_blocks_when_it_covers_every_alias(tmp_path: Path) -> None:
    assert module(tmp_path, "rds", "alias net-pf-21 off\n")["blacklisted"] == 1
    assert module(tmp_path, "sctp", "alias net-pf-2-proto-132 off\n")["blacklisted"] == 0


def test_lines_joined_by_a_backslash(tmp_path: Path) -> None:
    assert module(tmp_path, "cramfs", "install cramfs \\\n/bin/false\n")["install_disabled"] == 1


def test_module_that_the_kernel_does_not_have_is_blocked(tmp_path: Path) -> None:
    row = module(tmp_path, "freevxfs", "")
    assert (row["available"], row["blocked"], row["path"]) == (0, 1, None)


def test_built_in_cannot_be_blocked(tmp_path: Path) -> None:
    row = module(tmp_path, "squashfs", "blacklist squashfs\ninstall squashfs /bin/false\n")
    assert (row["built_in"], row["blocked"]) == (1, 0)


def test_without_a_kernel_nothing_is_known(tmp_path: Path) -> None:
    (row,) = (row for row in rows("kernel_modules", make_root(tmp_path, {})) if row["name"] == "cramfs")
    assert (row["available"], row["blocked"], row["loaded"]) == (None, None, None)


def test_file_of_the_same_name_in_etc_hides_the_vendors(tmp_path: Path) -> None:
    root = make_root(
        tmp_path, {**KERNEL, "/etc/modprobe.d/x.conf": "", "/usr/lib/modprobe.d/x.conf": "blacklist cramfs\n"}
    )
    (row,) = (row for row in rows("kernel_modules", root) if row["name"] == "cramfs")
    assert row["blacklisted"] == 0


def test_this_machine() -> None:
    assert read_table("kernel_modules").status == "ok"


@pytest.mark.skipif(shutil.which("modprobe") is None, reason="modprobe is not installed")
def test_lines_agree_with_modprobe(tmp_path: Path) -> None:
    text = (
        "blacklist usb-storage\n  blacklist cramfs\n#blacklist hfs\n"
        "install udf /bin/false\ninstall\tsctp  /bin/true x\n"
        "alias net-pf-21 off\nblacklist\ninstall rds\\\n /bin/true\noptions x y=1\n"
    )
    root = make_root(tmp_path, {**KERNEL, "/etc/modprobe.d/a.conf": text, "/etc/modprobe.d/b.txt": "blacklist udf\n"})
    done = subprocess.run(
        ["modprobe", "-C", str(root / "etc/modprobe.d"), "--showconfig"], capture_output=True, text=True, check=False
    )
    real = [line.split(None, 2) for line in done.stdout.splitlines()]
    names = {words[1] for words in real if words and words[0] in ("blacklist", "install")}
    ours = {
        row["name"]
        for row in rows("kernel_modules", root)
        if row["name"] not in ("rds",) and (row["blacklisted"] or row["install_disabled"])
    }
    assert ours == names - {"rds"}


def test_in_an_image_without_a_kernel_the_configuration_decides(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/modprobe.d/a.conf": "install cramfs /bin/false\ninstall squashfs /bin/false\n"})
    found = {row["name"]: row["blocked"] for row in rows("kernel_modules", root)}
    assert found["cramfs"] == 1
    assert found["squashfs"] is None, "it is a part of some kernels, which nothing keeps out"
    assert found["hfs"] is None, "nobody knows whether the kernel to come has it"


@pytest.mark.parametrize(
    ("conf", "blocked"),
    [
        ("install usb-storage /bin/false\n", 1),  # modprobe runs the command of what a module needs as well
        ("blacklist usb-storage\n", 0),  # that word counts for what comes in by itself only
        ("blacklist usb-storage\nblacklist uas\n", 1),
        ("install scsi_mod /bin/true\n", 1),
    ],
)
def test_what_a_module_needs_blocks_it(tmp_path: Path, conf: str, blocked: int) -> None:
    assert module(tmp_path, "uas", conf)["blocked"] == blocked


@pytest.mark.parametrize(("files", "blocked"), [({"/lib64/ld-linux-x86-64.so.2": ""}, 1), ({}, None)])
def test_usb_storage_without_a_kernel_is_a_module_on_pcs(
    tmp_path: Path, files: dict[str, str], blocked: int | None
) -> None:
    root = make_root(tmp_path, {**files, "/etc/modprobe.d/a.conf": "install usb-storage /bin/false\n"})
    found = {row["name"]: row["blocked"] for row in rows("kernel_modules", root)}
    assert (found["usb_storage"], found["uas"]) == (blocked, 1)
