"""boot_loader, secure_boot, single_user."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows

HASHED = 'set superusers="root"\npassword_pbkdf2 root grub.pbkdf2.sha512.10000.AB.CD\n'


def loader(tmp_path: Path, files: dict[str, str], modes: dict[str, int] | None = None) -> dict[str, str | int | None]:
    return rows("boot_loader", make_root(tmp_path, files, modes))[0]


def test_grub_password_needs_a_superuser_of_that_name(tmp_path: Path) -> None:
    path = "/boot/grub/grub.cfg"
    assert loader(tmp_path / "a", {path: HASHED})["password_set"] == 1
    assert loader(tmp_path / "b", {path: HASHED.replace('"root"', '"admin"')})["password_set"] == 0
    assert loader(tmp_path / "c", {path: 'set superusers="root"\n'})["password_set"] == 0
    assert loader(tmp_path / "d", {path: "# " + HASHED.replace("\n", "\n# ")})["password_set"] == 0


def test_fedora_keeps_the_hash_in_user_cfg(tmp_path: Path) -> None:
    text = '  set superusers="root"\n  password_pbkdf2 root ${GRUB2_PASSWORD}\n'
    path = "/boot/grub2/grub.cfg"
    assert loader(tmp_path / "a", {path: text})["password_set"] == 0
    files = {path: text, "/boot/grub2/user.cfg": "GRUB2_PASSWORD=grub.pbkdf2.sha512.10000.AB.CD\n"}
    assert loader(tmp_path / "b", files)["password_set"] == 1


def test_mode_and_owner(tmp_path: Path) -> None:
    row = loader(tmp_path, {"/boot/grub/grub.cfg": ""}, {"/boot/grub/grub.cfg": 0o646})
    assert (row["mode"], row["mode_octal"], row["kind"]) == (0o646, "0646", "grub")


@pytest.mark.parametrize(("text", "protected"), [("timeout 3\n", 0), ("editor no\n", 1), ("editor 0\neditor yes\n", 0)])
def test_editor_of_systemd_boot(tmp_path: Path, text: str, protected: int) -> None:
    row = loader(tmp_path, {"/boot/loader/loader.conf": text})
    assert (row["kind"], row["edit_protected"]) == ("systemd-boot", protected)


def test_pointer_on_the_esp_is_left_out_when_the_real_file_is_there(tmp_path: Path) -> None:
    files = {"/boot/grub/grub.cfg": HASHED, "/boot/efi/EFI/debian/grub.cfg": "configfile x\n"}
    assert [row["path"] for row in rows("boot_loader", make_root(tmp_path, files))] == ["/boot/grub/grub.cfg"]


def test_no_boot_loader_is_absent_not_empty(tmp_path: Path) -> None:
    assert read_table("boot_loader", make_root(tmp_path, {})).status == "absent"


def test_secure_boot_is_only_of_machines() -> None:
    assert read_table("secure_boot").status in ("ok", "absent", "unsupported")


SULOGIN = "[Service]\nExecStart=-/lib/systemd/systemd-sulogin-shell rescue\n"
RESCUE = "/usr/lib/systemd/system/rescue.service"


@pytest.mark.parametrize(
    ("drop_in", "asks"),
    [
        ("", 1),
        ("[Service]\nExecStart=\nExecStart=-/bin/bash\n", 0),
        ("[Service]\nEnvironment=SYSTEMD_SULOGIN_FORCE=1\n", 0),
        ("[Service]\nExecStart=\nExecStart=-/bin/sh -c '/sbin/sulogin; systemctl default'\n", 1),
    ],
)
def test_rescue_shell_asks_unless_a_drop_in_changes_it(tmp_path: Path, drop_in: str, asks: int) -> None:
    root = make_root(tmp_path, {RESCUE: SULOGIN, "/etc/systemd/system/rescue.service.d/x.conf": drop_in})
    (row,) = rows("single_user", root)
    assert (row["unit"], row["asks_password"]) == ("rescue.service", asks)


def test_single_user_without_systemd_is_absent(tmp_path: Path) -> None:
    assert read_table("single_user", make_root(tmp_path, {})).status == "absent"
