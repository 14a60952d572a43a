"""mandatory_access, apparmor_profiles, core_dumps, limits_conf."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows

APPARMOR = {
    "/usr/sbin/apparmor_parser": "#!",
    "/usr/lib/systemd/system/apparmor.service": "[Install]\nWantedBy=sysinit.target\n",
    "/usr/lib/systemd/system/sysinit.target": "[Unit]\n",
    "/usr/lib/systemd/system/default.target": "[Unit]\n",
}


def access(root: Path) -> dict[str, str | int | None]:
    (row,) = rows("mandatory_access", root)
    return row


def test_apparmor_of_a_root_counts_when_its_service_starts(tmp_path: Path) -> None:
    root = make_root(tmp_path, APPARMOR, {"/usr/sbin/apparmor_parser": 0o755})
    assert access(root)["kind"] == "none"
    wants = root / "etc/systemd/system/sysinit.target.wants"
    wants.mkdir(parents=True)
    (wants / "apparmor.service").symlink_to("/usr/lib/systemd/system/apparmor.service")
    row = access(root)
    assert (row["kind"], row["configured_mode"], row["effective_mode"]) == ("apparmor", "enforcing", "enforcing")
    assert (row["running_mode"], row["profiles_enforce"]) == (None, None)


@pytest.mark.parametrize(
    ("text", "kind", "mode"),
    [
        ("SELINUX=enforcing\nSELINUXTYPE=targeted\n", "selinux", "enforcing"),
        ("# SELINUX=disabled\nSELINUX=Permissive\n", "selinux", "permissive"),
        ("SELINUX=disabled\nSELINUX=enforcing\n", "none", "disabled"),  # libselinux takes the first
        ("SELINUX=enforcing\nSELINUX=disabled\n", "selinux", "enforcing"),
        (" SELINUX=disabled\nSELINUX=enforced\nSELINUX=permissive\n", "selinux", "permissive"),
        ("SELINUX=whatever\n", "selinux", "permissive"),
        ("", "none", "disabled"),
    ],
)
def test_selinux_by_its_configuration(tmp_path: Path, text: str, kind: str, mode: str) -> None:
    row = access(make_root(tmp_path, {"/etc/selinux/config": text}))
    assert (row["kind"], row["configured_mode"]) == (kind, mode)


def test_this_machine_has_one_row() -> None:
    assert len(read_table("mandatory_access").rows) == 1
    assert read_table("apparmor_profiles").status in ("ok", "absent", "unsupported")


# ---------------------------------------------------------------- core dumps

PIPE = "kernel.core_pattern=|/usr/lib/systemd/systemd-coredump %P %u\n"


@pytest.mark.parametrize(
    ("files", "handler", "kept"),
    [
        ({"/etc/os-release": "ID=debian\n"}, "file", 0),
        ({"/etc/os-release": "ID=fedora\n"}, None, None),
        ({"/etc/sysctl.d/a.conf": "kernel.core_pattern=core\n"}, "file", 1),
        ({"/etc/sysctl.d/a.conf": "kernel.core_pattern=|/bin/false\n"}, "nobody", 0),
        ({"/etc/sysctl.d/a.conf": PIPE}, "systemd-coredump", 1),
        (
            {"/etc/sysctl.d/a.conf": PIPE, "/etc/systemd/coredump.conf.d/x.conf": "[Coredump]\nStorage=none\n"},
            "systemd-coredump",
            0,
        ),
        (
            {"/etc/sysctl.d/a.conf": PIPE, "/etc/systemd/coredump.conf": "[Coredump]\nProcessSizeMax=0\n"},
            "systemd-coredump",
            0,
        ),
        (
            {"/etc/sysctl.d/a.conf": PIPE, "/etc/systemd/coredump.conf": "[Coredump]\nStorage=none\nStorage=None\n"},
            "systemd-coredump",
            0,
        ),
        (
            {"/etc/sysctl.d/a.conf": PIPE, "/etc/systemd/coredump.conf": "[Coredump]\nStorage=None\n"},
            "systemd-coredump",
            1,
        ),
        ({"/etc/sysctl.d/a.conf": PIPE, "/etc/security/limits.conf": "* hard core 0\n"}, "systemd-coredump", 0),
        ({"/etc/sysctl.d/a.conf": "kernel.core_pattern=|/usr/share/apport/apport -p%p\n"}, "apport", 1),
    ],
)
def test_who_gets_the_dump(tmp_path: Path, files: dict[str, str], handler: str | None, kept: int | None) -> None:
    (row,) = rows("core_dumps", make_root(tmp_path, files))
    assert (row["handler"], row["kept"]) == (handler, kept)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("* hard core 0\n", 0),
        ("* - core 0\n", 0),
        ("* soft core 0\n* hard core unlimited\n", 0),
        ("* hard core 0\n* hard core unlimited\n", 0),
        ("* soft core unlimited\n", 1),
        ("root hard core 0\n#* hard core 0\n* soft core 1000\n", 1),
    ],
)
def test_limits_for_everyone(tmp_path: Path, text: str, kept: int) -> None:
    files = {"/etc/os-release": "ID=debian\n", "/etc/security/limits.conf": text}
    assert rows("core_dumps", make_root(tmp_path, files))[0]["kept"] == kept


def test_limits_files_in_their_order(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            "/etc/security/limits.d/20.conf": "@dev  -  nofile  10 # x\n",
            "/etc/security/limits.conf": "*\thard\tcore\t0\nbroken line\n",
        },
    )
    found = [(row["domain"], row["type"], row["item"], row["value"], row["line"]) for row in rows("limits_conf", root)]
    assert found == [("*", "hard", "core", "0", 1), ("@dev", "-", "nofile", "10", 1)]


def test_no_limits_files_are_absent(tmp_path: Path) -> None:
    assert read_table("limits_conf", make_root(tmp_path, {})).status == "absent"
