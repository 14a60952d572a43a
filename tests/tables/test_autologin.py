"""autologin: each display manager's own order of files, and the consoles."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows


def root_with(tmp_path: Path, program: str, files: dict[str, str], *more: str) -> Path:
    paths = [f"/usr/sbin/{name}" for name in (program, *more)]
    return make_root(tmp_path, {**dict.fromkeys(paths, "x"), **files}, dict.fromkeys(paths, 0o755))


def one(root: Path) -> tuple[object, ...]:
    (row,) = rows("autologin", root)
    return row["user"], row["enabled"], row["path"], row["line"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[daemon]\nAutomaticLoginEnable=true\nAutomaticLogin=ayesha\n", ("ayesha", 1, "/etc/gdm3/daemon.conf", 2)),
        ("[daemon]\nTimedLoginEnable = True\nTimedLogin = bilal\n", ("bilal", 1, "/etc/gdm3/daemon.conf", 2)),
        ("[daemon]\nAutomaticLoginEnable=false\nAutomaticLogin=ayesha\n", ("", 0, "/etc/gdm3/daemon.conf", 2)),
        ("[daemon]\n#AutomaticLoginEnable=true\n#AutomaticLogin=ayesha\n", ("", 0, None, None)),
        ("[security]\nAutomaticLoginEnable=true\nAutomaticLogin=ayesha\n", ("", 0, None, None)),
    ],
)
def test_gdm_needs_the_switch_and_a_name(tmp_path: Path, text: str, expected: tuple[object, ...]) -> None:
    assert one(root_with(tmp_path, "gdm3", {"/etc/gdm3/daemon.conf": text})) == expected


def test_lightdm_reads_its_main_file_last(tmp_path: Path) -> None:
    files = {
        "/usr/share/lightdm/lightdm.conf.d/50-x.conf": "[Seat:*]\nautologin-user=kiosk\n",
        "/etc/lightdm/lightdm.conf.d/10.conf": "[Seat:*]\nautologin-user=bilal\n",
        "/etc/lightdm/lightdm.conf": "[Seat:*]\n#autologin-user=x\n",
    }
    assert one(root_with(tmp_path / "a", "lightdm", files)) == ("bilal", 1, "/etc/lightdm/lightdm.conf.d/10.conf", 2)
    files["/etc/lightdm/lightdm.conf"] = "[Seat:*]\nautologin-user=\n"
    assert one(root_with(tmp_path / "b", "lightdm", files))[:2] == ("", 0)


def test_lightdm_guests_need_the_script_that_makes_their_account(tmp_path: Path) -> None:
    assert rows("autologin", root_with(tmp_path / "a", "lightdm", {}))[0]["guest_enabled"] == 0
    assert rows("autologin", root_with(tmp_path / "b", "lightdm", {}, "guest-account"))[0]["guest_enabled"] == 1
    off = {"/etc/lightdm/lightdm.conf": "[Seat:*]\nallow-guest=false\n"}
    assert rows("autologin", root_with(tmp_path / "c", "lightdm", off, "guest-account"))[0]["guest_enabled"] == 0


def test_sddm_later_files_win(tmp_path: Path) -> None:
    files = {"/etc/sddm.conf.d/a.conf": "[Autologin]\nUser=ayesha\nSession=plasma\n"}
    assert one(root_with(tmp_path / "a", "sddm", files)) == ("ayesha", 1, "/etc/sddm.conf.d/a.conf", 2)
    files["/etc/sddm.conf"] = "[Autologin]\nUser=\n"
    assert one(root_with(tmp_path / "b", "sddm", files))[:2] == ("", 0)


def test_greetd_starts_its_initial_session_without_asking(tmp_path: Path) -> None:
    text = '[default_session]\nuser = "greeter"\n[initial_session]\ncommand = "sway"\nuser = "ayesha"\n'
    assert one(root_with(tmp_path, "greetd", {"/etc/greetd/config.toml": text}))[:2] == ("ayesha", 1)


GETTY = "[Service]\nExecStart=-/sbin/agetty -o '-p -- \\\\u' --noclear - $TERM\n[Install]\nWantedBy=getty.target\n"


def getty_rows(root: Path) -> dict[object, tuple[object, ...]]:
    return {row["display_manager"]: (row["user"], row["enabled"], row["path"]) for row in rows("autologin", root)}


def test_a_console_without_the_option_asks(tmp_path: Path) -> None:
    root = root_with(tmp_path, "agetty", {"/usr/lib/systemd/system/getty@.service": GETTY})
    assert getty_rows(root) == {"getty@": ("", 0, None)}


@pytest.mark.parametrize("option", ["--autologin ayesha", "-a ayesha", "--autologin=ayesha"])
def test_a_drop_in_may_log_somebody_in(tmp_path: Path, option: str) -> None:
    dropin = "/etc/systemd/system/getty@tty1.service.d/o.conf"
    root = root_with(
        tmp_path,
        "agetty",
        {
            "/usr/lib/systemd/system/getty@.service": GETTY,
            "/usr/lib/systemd/system/getty@tty1.service": GETTY,
            dropin: f"[Service]\nExecStart=\nExecStart=-/sbin/agetty {option} --noclear %I $TERM\n",
        },
    )
    assert getty_rows(root)["getty@tty1"] == ("ayesha", 1, dropin)


def test_inittab_counts_where_no_unit_is(tmp_path: Path) -> None:
    root = root_with(tmp_path, "agetty", {"/etc/inittab": "tty1::respawn:/sbin/agetty -a root tty1\n"})
    assert one(root) == ("root", 1, "/etc/inittab", 1)


def test_nothing_to_log_in_at_is_absent(tmp_path: Path) -> None:
    assert read_table("autologin", make_root(tmp_path, {})).status == "absent"
