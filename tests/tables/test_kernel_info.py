"""kernel_info, kernel_parameters and cpu_vulnerabilities."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from secaudit.tables.host._kernel import flavour, newest_release, split_parameters, version_key
from secaudit.tables.host.cpu_vulnerabilities import _state
from tabletest import make_root, read_table, rows


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("6.1.0-9-amd64", "6.1.0-28-amd64"),
        ("6.8.0-40-generic", "6.11.0-8-generic"),
        ("6.10.0-rc3", "6.10.0"),
        ("5.14.0-427.13.1.el9_4.x86_64", "5.14.0-427.20.1.el9_4.x86_64"),
        ("6.10.12-arch1-1", "6.11.1-arch1-1"),
    ],
)
def test_numbers_of_kernel_versions_are_compared_by_value(older: str, newer: str) -> None:
    assert version_key(older) < version_key(newer)
    assert newest_release({older: "", newer: ""}) == newer


def test_newest_is_looked_for_in_the_same_flavour() -> None:
    installed = {"6.8.0-40-generic": "", "6.8.0-45-lowlatency": "", "6.8.0-41-generic": ""}
    assert newest_release(installed, "6.8.0-40-generic") == "6.8.0-41-generic"
    assert newest_release(installed, "6.8.0-45-other") == "6.8.0-45-lowlatency"
    assert flavour("6.9.1-200.fc40.x86_64") == flavour("6.10.3-200.fc41.x86_64")


def test_installed_kernels_of_a_root(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            "/boot/vmlinuz-6.1.0-9-amd64": "",
            "/boot/vmlinuz-6.1.0-28-amd64": "",
            "/boot/vmlinuz-0-rescue-abc": "",
            "/boot/vmlinuz-9.9.9.old": "",
            "/usr/lib/modules/6.5.0-1-amd64/updates/dkms/x.ko": "",
        },
    )
    (row,) = rows("kernel_info", root)
    assert (row["newest_installed"], row["newest_path"]) == ("6.1.0-28-amd64", "/boot/vmlinuz-6.1.0-28-amd64")
    assert (row["version"], row["is_newest"], row["reboot_required"], row["is_running"]) == (None, None, None, 0)


def test_arch_keeps_its_kernels_below_usr_lib_modules(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/usr/lib/modules/6.11.1-arch1-1/vmlinuz": "", "/boot/vmlinuz-linux": ""})
    assert rows("kernel_info", root)[0]["newest_installed"] == "6.11.1-arch1-1"


def test_no_kernel_is_an_empty_text(tmp_path: Path) -> None:
    assert rows("kernel_info", make_root(tmp_path, {}))[0]["newest_installed"] == ""


def test_running_release_agrees_with_uname() -> None:
    (row,) = rows("kernel_info")
    assert row["version"] == os.uname().release


def test_words_of_a_command_line() -> None:
    found = split_parameters('a=1 b "c d=x y" e="f g" root=UUID=1 -- --secret=x')
    assert [tuple(item) for item in found] == [
        ("a", "1"),
        ("b", ""),
        ("c d", "x y"),
        ("e", "f g"),
        ("root", "UUID=1"),
    ]


def test_parameters_of_grub_and_of_boot_entries(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            "/boot/grub/grub.cfg": (
                "menuentry 'x' {\n\tlinux /vmlinuz-1 root=/dev/sda1 ro mitigations=off $extra\n}\n"
                "menuentry 'r' {\n linux /vmlinuz-1 ro single\n}\n"
            ),
            "/boot/loader/entries/a.conf": "title x\noptions root=/dev/sdb audit=1 rd.luks.key=/k\n",
        },
    )
    found = {(row["path"], row["name"]): row for row in rows("kernel_parameters", root)}
    assert found["/boot/grub/grub.cfg", "mitigations"]["value"] == "off"
    assert found["/boot/grub/grub.cfg", "mitigations"]["line"] == 2
    assert found["/boot/grub/grub.cfg", "single"]["recovery"] == 1
    assert found["/boot/loader/entries/a.conf", "audit"]["value"] == "1"
    assert found["/boot/loader/entries/a.conf", "rd.luks.key"]["value"] == "***"
    assert ("/boot/grub/grub.cfg", "$extra") not in found


def test_last_word_of_a_name_is_marked(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/kernel/cmdline": "mitigations=off audit_backlog_limit=64\nmitigations=auto\n"})
    found = [(row["name"], row["value"], row["is_last"], row["line"]) for row in rows("kernel_parameters", root)]
    assert found == [
        ("mitigations", "off", 0, 1),
        ("audit_backlog_limit", "64", 1, 1),
        ("mitigations", "auto", 1, 1),
    ]


def test_variables_of_grub_are_filled_in(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            "/boot/grub2/grubenv": "# GRUB Environment Block\nkernelopts=root=/dev/sda ro mitigations=off\n#####",
            "/boot/grub2/grub.cfg": 'set handoff="quiet"\nset x=$handoff\nlinux /v $kernelopts ${handoff} $x $other\n',
            "/boot/loader/entries/a.conf": "title x\noptions $kernelopts\noptions\taudit=1\n#options audit=0\n",
        },
    )
    found = [(row["path"], row["name"], row["value"], row["line"]) for row in rows("kernel_parameters", root)]
    grub = [("root", "/dev/sda"), ("ro", ""), ("mitigations", "off"), ("quiet", "")]
    entry = [("root", "/dev/sda"), ("ro", ""), ("mitigations", "off"), ("audit", "1")]
    assert found == [
        *(("/boot/grub2/grub.cfg", *pair, 3) for pair in grub),
        *(("/boot/loader/entries/a.conf", *pair, 2) for pair in entry),
    ]


def test_append_lines_of_extlinux(tmp_path: Path) -> None:
    text = "DEFAULT lts\nLABEL lts\n  LINUX vmlinuz-lts\n  append root=/dev/sda quiet nosmep\nLABEL x\n APPEND -\n"
    root = make_root(tmp_path, {"/boot/extlinux.conf": text})
    assert [row["name"] for row in rows("kernel_parameters", root)] == ["root", "quiet", "nosmep"]


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Not affected", "not_affected"),
        ("Mitigation: Clear CPU buffers; SMT vulnerable", "mitigated"),
        ("Mitigation: Enhanced / Automatic IBRS; IBPB: conditional; BHI: Vulnerable", "partly"),
        ("Mitigation: Retpolines; RSB filling; PBRSB-eIBRS: Not affected; BHI: Not affected", "mitigated"),
        ("Vulnerable: Clear CPU buffers attempted, no microcode; SMT Host state unknown", "vulnerable"),
        ("KVM: Mitigation: VMX disabled", "mitigated"),
        ("KVM: Vulnerable", "vulnerable"),
        ("Processor vulnerable", "vulnerable"),
        ("Unknown: Dependent on hypervisor status", None),
        ("", None),
    ],
)
def test_states_of_processor_flaws(text: str, state: str | None) -> None:
    assert _state(text) == state


def test_processor_flaws_of_this_machine_have_known_states() -> None:
    data = read_table("cpu_vulnerabilities")
    assert data.status in ("ok", "absent")
    assert {row[1] for row in data.rows} <= {"not_affected", "mitigated", "partly", "vulnerable", None}
