"""screen_lock and removable_media: effective settings of each desktop."""

from __future__ import annotations

import random
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from secaudit.tables.host import _gvdb
from tabletest import make_root, read_table, rows, rows_of

HOME = "/home/ayesha"
SCHEMAS = "/usr/share/glib-2.0/schemas/gschemas.compiled"
FIXTURES = Path("/work/shared/fixtures/desktop/linux")
needs_dconf = pytest.mark.skipif(
    shutil.which("dconf") is None or not Path(SCHEMAS).exists(),
    reason="dconf or the schemas of GNOME are not installed",
)


def session(name: str, desktop: str) -> dict[str, str]:
    return {
        f"/usr/share/xsessions/{name}.desktop": f"[Desktop Entry]\nName={name}\nExec={name}\nDesktopNames={desktop}\n"
    }


GNOME = session("gnome", "GNOME")
KDE = session("plasma", "KDE")
XFCE = session("xfce", "XFCE")


def program(root: Path, *names: str) -> None:
    for name in names:
        place = root / "usr/bin" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("x")
        place.chmod(0o755)


def compile_database(folder: Path, keyfile: str, locks: str = "") -> bytes:
    """A real dconf database."""
    place = folder / "work.d"
    (place / "locks").mkdir(parents=True, exist_ok=True)
    (place / "00").write_text(keyfile)
    (place / "locks" / "00").write_text(locks)
    subprocess.run(["dconf", "compile", str(folder / "out"), str(place)], check=True, capture_output=True)
    return (folder / "out").read_bytes()


def gnome_root(tmp_path: Path, user: str = "", system: str = "", locks: str = "") -> Path:
    files: dict[str, str | bytes] = {**GNOME, SCHEMAS: Path(SCHEMAS).read_bytes()}
    work = tmp_path / "work"
    if user:
        files[f"{HOME}/.config/dconf/user"] = compile_database(work, user)
    if system or locks:
        files["/etc/dconf/profile/user"] = "user-db:user\nsystem-db:local\n"
        files["/etc/dconf/db/local"] = compile_database(work, system, locks)
    files[f"{HOME}/x"] = ""
    return make_root(tmp_path / "root", files)


def lock_of(root: Path) -> tuple[object, ...]:
    (row,) = rows("screen_lock", root)
    return row["desktop"], row["lock_enabled"], row["idle_delay_s"], row["lock_delay_s"], row["path"]


@needs_dconf
def test_gnome_without_settings_has_the_defaults_of_the_schema(tmp_path: Path) -> None:
    assert lock_of(gnome_root(tmp_path)) == ("gnome", 1, 300, 0, None)


@needs_dconf
def test_gnome_of_the_user_wins_over_the_system(tmp_path: Path) -> None:
    root = gnome_root(
        tmp_path,
        user="[org/gnome/desktop/session]\nidle-delay=uint32 1200\n"
        "[org/gnome/desktop/screensaver]\nlock-enabled=false\n",
        system="[org/gnome/desktop/session]\nidle-delay=uint32 60\n"
        "[org/gnome/desktop/screensaver]\nlock-delay=uint32 9\n",
    )
    assert lock_of(root) == ("gnome", 0, 1200, 9, f"{HOME}/.config/dconf/user")


@needs_dconf
def test_gnome_a_lock_of_the_administrator_wins_over_the_user(tmp_path: Path) -> None:
    root = gnome_root(
        tmp_path,
        user="[org/gnome/desktop/screensaver]\nlock-enabled=false\n",
        system="[org/gnome/desktop/screensaver]\nlock-enabled=true\n",
        locks="/org/gnome/desktop/screensaver/lock-enabled\n",
    )
    assert lock_of(root) == ("gnome", 1, 300, 0, "/etc/dconf/db/local")


@needs_dconf
def test_gnome_a_value_of_another_type_is_ignored(tmp_path: Path) -> None:
    root = gnome_root(tmp_path, user="[org/gnome/desktop/session]\nidle-delay='never'\n")
    assert lock_of(root)[2] == 300


@needs_dconf
def test_gnome_a_forbidden_lock_screen_is_no_lock(tmp_path: Path) -> None:
    root = gnome_root(tmp_path, user="[org/gnome/desktop/lockdown]\ndisable-lock-screen=true\n")
    assert lock_of(root)[1] == 0


@needs_dconf
def test_gnome_is_what_gsettings_says(tmp_path: Path) -> None:
    """The real library reads the same database through the same profile."""
    config = tmp_path / "config/dconf"
    config.mkdir(parents=True)
    keyfile = (
        "[org/gnome/desktop/session]\nidle-delay=uint32 77\n[org/gnome/desktop/screensaver]\nlock-delay=uint32 5\n"
    )
    data = compile_database(tmp_path / "work", keyfile)
    (config / "user").write_bytes(data)
    env = {"PATH": "/usr/bin:/bin", "XDG_CONFIG_HOME": str(tmp_path / "config"), "HOME": str(tmp_path)}
    said = subprocess.run(
        ["dconf", "read", "/org/gnome/desktop/session/idle-delay"], env=env, capture_output=True, text=True, check=True
    ).stdout.strip()
    item = _gvdb.read_table(data)["/org/gnome/desktop/session/idle-delay"]
    assert said == f"uint32 {_gvdb.read_value(data, item)}"


@needs_dconf
def test_compiled_schemas_give_the_defaults_that_gsettings_gives(tmp_path: Path) -> None:
    data = Path(SCHEMAS).read_bytes()
    tables = _gvdb.read_table(data)
    env = {
        "PATH": "/usr/bin:/bin",
        "XDG_CONFIG_HOME": str(tmp_path),
        "HOME": str(tmp_path),
        "GSETTINGS_BACKEND": "memory",
    }
    for schema in ("org.gnome.desktop.session", "org.gnome.desktop.screensaver", "org.gnome.desktop.media-handling"):
        said = subprocess.run(
            ["gsettings", "list-recursively", schema], env=env, capture_output=True, text=True, check=True
        ).stdout.splitlines()
        keys = _gvdb.read_table(data, tables[schema].start, tables[schema].end)
        for line in said:
            _, key, text = line.split(" ", 2)
            value = _gvdb.read_value(data, keys[key])
            if value is None:
                continue
            shown = (
                str(value).lower()
                if isinstance(value, bool)
                else f"'{value}'"
                if isinstance(value, str)
                else str(value)
            )
            assert shown == text.rpartition("uint32 ")[2], (schema, key)


@needs_dconf
def test_a_damaged_database_never_crashes_and_is_never_a_default(tmp_path: Path) -> None:
    good = compile_database(tmp_path / "work", "[org/gnome/desktop/screensaver]\nlock-enabled=false\n")
    chance = random.Random(7)
    for _ in range(300):
        bad = bytearray(good)
        for _ in range(chance.randint(1, 6)):
            bad[chance.randrange(len(bad))] = chance.randrange(256)
        try:
            table = _gvdb.read_table(bytes(bad))
            for item in table.values():
                _gvdb.read_value(bytes(bad), item)
        except _gvdb.Bad:
            pass
    for bad_file in (b"", b"GVariant", good[:40], struct.pack("<8sIIII", b"GVariant", 0, 0, 24, 0xFFFFFFFC)):
        with pytest.raises(_gvdb.Bad):
            _gvdb.read_table(bad_file)
    files = {**GNOME, SCHEMAS: Path(SCHEMAS).read_bytes(), f"{HOME}/.config/dconf/user": b"GVariant" + b"\xff" * 100}
    data = read_table("screen_lock", make_root(tmp_path / "root", files))
    assert data.status == "partial"
    assert rows_of(data)[0]["lock_enabled"] is None


def test_a_chain_of_parents_that_bites_its_tail_ends() -> None:
    items = b"".join(struct.pack("<IIIHccII", 0, (n + 1) % 1000, 24, 4, b"v", b"\0", 0, 0) for n in range(1000))
    body = struct.pack("<II", 0, 0) + items
    data = struct.pack("<8sIIII", b"GVariant", 0, 0, 24, 24 + len(body)) + body
    assert _gvdb.read_table(data) == {}


def test_a_server_has_no_screen_to_lock(tmp_path: Path) -> None:
    root = make_root(tmp_path, {f"{HOME}/x": ""})
    assert read_table("screen_lock", root).status == "absent"
    assert read_table("removable_media", root).status == "absent"


def test_a_session_whose_program_is_gone_is_no_desktop(tmp_path: Path) -> None:
    entry = "[Desktop Entry]\nName=X\nTryExec=gone\nExec=gone\n"
    root = make_root(tmp_path, {"/usr/share/xsessions/openbox.desktop": entry, f"{HOME}/x": ""})
    assert read_table("screen_lock", root).status == "absent"


def test_an_unknown_desktop_is_unknown_and_not_safe(tmp_path: Path) -> None:
    root = make_root(tmp_path, {**session("niri", "niri"), f"{HOME}/x": ""})
    assert lock_of(root) == ("niri", None, None, None, None)


def test_kde_without_a_file_has_the_built_in_defaults(tmp_path: Path) -> None:
    assert lock_of(make_root(tmp_path, {**KDE, f"{HOME}/x": ""})) == ("kde", 1, 300, 5, None)


def test_kde_of_the_user_wins_unless_the_administrator_made_it_immutable(tmp_path: Path) -> None:
    files = {**KDE, f"{HOME}/.config/kscreenlockerrc": "[Daemon]\nAutolock=false\nTimeout=30\n"}
    assert lock_of(make_root(tmp_path / "a", files))[:3] == ("kde", 0, 1800)
    files["/etc/xdg/kscreenlockerrc"] = "[Daemon]\nAutolock[$i]=true\nTimeout=10\n"
    assert lock_of(make_root(tmp_path / "b", files))[:3] == ("kde", 1, 1800)
    files["/etc/xdg/kscreenlockerrc"] = "[Daemon][$i]\nAutolock=true\nTimeout=10\n"
    assert lock_of(make_root(tmp_path / "c", files))[:3] == ("kde", 1, 600)


def xfce_channel(properties: str, attributes: str = "") -> str:
    return f'<?xml version="1.0"?>\n<channel name="xfce4-screensaver" version="1.0" {attributes}>{properties}</channel>'


LOCK_OFF = '<property name="lock" type="empty"><property name="enabled" type="bool" value="false"/></property>'
LOCK_ON = '<property name="lock" type="empty"><property name="enabled" type="bool" value="true"/></property>'
IDLE_20 = (
    '<property name="saver" type="empty"><property name="idle-activation" type="empty">'
    '<property name="delay" type="int" value="20"/></property></property>'
)
XFCONF = "xfce4/xfconf/xfce-perchannel-xml/xfce4-screensaver.xml"


def test_xfce_reads_user_then_system_and_obeys_locks(tmp_path: Path) -> None:
    files = {**XFCE, f"{HOME}/.config/{XFCONF}": xfce_channel(LOCK_OFF + IDLE_20)}
    root = make_root(tmp_path / "a", files)
    program(root, "xfce4-screensaver")
    assert lock_of(root)[:4] == ("xfce", 0, 1200, 0)
    files[f"/etc/xdg/{XFCONF}"] = xfce_channel(LOCK_ON, 'locked="*"')
    root = make_root(tmp_path / "b", files)
    program(root, "xfce4-screensaver")
    assert lock_of(root)[:4] == ("xfce", 1, 1200, 0)


def test_xfce_without_any_locker_does_not_lock(tmp_path: Path) -> None:
    assert lock_of(make_root(tmp_path, {**XFCE, f"{HOME}/x": ""}))[:2] == ("xfce", 0)


def test_xfce_entities_are_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><channel name="x">&a;</channel>'
    root = make_root(tmp_path, {**XFCE, f"{HOME}/.config/{XFCONF}": bomb})
    program(root, "xfce4-screensaver")
    data = read_table("screen_lock", root)
    assert data.status == "partial"
    assert rows_of(data)[0]["lock_enabled"] is None


def test_xscreensaver_does_not_lock_unless_told(tmp_path: Path) -> None:
    root = make_root(tmp_path / "a", {**XFCE, f"{HOME}/x": ""})
    program(root, "xscreensaver")
    assert lock_of(root)[:4] == ("xfce", 0, 600, 0)
    root = make_root(
        tmp_path / "b", {**XFCE, f"{HOME}/.xscreensaver": "timeout:\t0:05:00\nlock:\tTrue\nlockTimeout:\t0:01:00\n"}
    )
    program(root, "xscreensaver")
    assert lock_of(root)[:4] == ("xfce", 1, 300, 60)


SWAY = session("sway", "sway")


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (
            "exec swayidle -w timeout 300 'swaylock -f -c 000000' timeout 600 'swaymsg \"output * dpms off\"'\n",
            (1, 300),
        ),
        ("exec swayidle -w \\\n  timeout 900 'swaylock -f' \\\n  before-sleep 'swaylock -f'\n", (1, 900)),
        ("# exec swayidle -w timeout 300 'swaylock -f'\nbindsym a exec swaylock\n", (0, 0)),
        ("exec my-own-hypridle-wrapper; exec hypridle\n", (None, None)),
    ],
)
def test_sway_locks_only_when_an_idle_program_is_started(
    tmp_path: Path, config: str, expected: tuple[object, ...]
) -> None:
    root = make_root(tmp_path, {**SWAY, f"{HOME}/.config/sway/config": config})
    assert lock_of(root)[1:3] == expected


def test_sway_includes_are_followed(tmp_path: Path) -> None:
    files = {
        **SWAY,
        f"{HOME}/.config/sway/config": "include config.d/*\n",
        f"{HOME}/.config/sway/config.d/idle": "exec swayidle -w\n",
        f"{HOME}/.config/swayidle/config": "timeout 240 'swaylock -f'\n",
    }
    assert lock_of(make_root(tmp_path, files))[1:] == (1, 240, 0, f"{HOME}/.config/swayidle/config")


def test_hyprland_needs_a_listener_that_locks_and_a_start(tmp_path: Path) -> None:
    files = {
        **session("hyprland", "Hyprland"),
        f"{HOME}/.config/hypr/hypridle.conf": "listener {\n timeout = 300\n on-timeout = loginctl lock-session\n}\n",
    }
    assert lock_of(make_root(tmp_path / "a", files))[1] is None
    files[f"{HOME}/.config/hypr/hyprland.conf"] = "exec-once = hypridle\n"
    assert lock_of(make_root(tmp_path / "b", files))[1:3] == (1, 300)


def test_only_the_desktop_that_a_person_chose_counts(tmp_path: Path) -> None:
    files = {**KDE, **XFCE, f"{HOME}/.dmrc": "[Desktop]\nSession=plasma\n"}
    assert [row["desktop"] for row in rows("screen_lock", make_root(tmp_path / "a", files))] == ["kde"]
    del files[f"{HOME}/.dmrc"]
    files[f"{HOME}/x"] = ""
    assert [row["desktop"] for row in rows("screen_lock", make_root(tmp_path / "b", files))] == ["kde", "xfce"]


@needs_dconf
def test_gnome_media_handling(tmp_path: Path) -> None:
    (row,) = rows("removable_media", gnome_root(tmp_path))
    assert (row["automount"], row["automount_open"], row["autorun"]) == (1, 1, 1)
    root = gnome_root(
        tmp_path / "x",
        system="[org/gnome/desktop/media-handling]\nautomount=false\nautomount-open=false\nautorun-never=true\n",
    )
    (row,) = rows("removable_media", root)
    assert (row["automount"], row["automount_open"], row["autorun"], row["path"]) == (0, 0, 0, "/etc/dconf/db/local")


@pytest.mark.skipif(not FIXTURES.exists(), reason="the recorded outputs are not here")
def test_the_recorded_thunar_file_is_all_off(tmp_path: Path) -> None:
    path = f"{HOME}/.config/xfce4/xfconf/xfce-perchannel-xml/thunar-volman.xml"
    root = make_root(tmp_path, {**XFCE, path: (FIXTURES / "thunar-volman.xml").read_bytes()})
    program(root, "thunar-volman")
    (row,) = rows("removable_media", root)
    assert (row["automount"], row["automount_open"], row["autorun"], row["path"]) == (0, 0, 0, path)
