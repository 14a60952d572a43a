from __future__ import annotations

from pathlib import Path

from tabletest import make_root, read_table, rows

VENDOR = "/usr/lib/systemd/system"
ADMIN = "/etc/systemd/system"
UNIT = """[Unit]
Description=App
[Service]
User=app
ExecStart=-/usr/bin/app --token=verysecret \\
  # a comment between
  --listen 0.0.0.0
NoNewPrivileges=yes
[Install]
WantedBy=multi-user.target
"""


def settings(root: Path, name: str = "app.service") -> dict[str, list[str | int | None]]:
    found: dict[str, list[str | int | None]] = {}
    for row in rows("service_settings", root):
        if row["name"] == name:
            found.setdefault(str(row["setting"]), []).append(row["value"])
    return found


def app(tmp_path: Path, files: dict[str, str]) -> Path:
    root = make_root(tmp_path, {f"{ADMIN}/app.service": UNIT, **files})
    wants = root / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir(parents=True)
    (wants / "app.service").symlink_to("../app.service")
    return root


def test_set_and_built_in_values(tmp_path: Path) -> None:
    found = settings(app(tmp_path, {}))
    assert found["User"] == ["app"]
    assert found["NoNewPrivileges"] == ["yes"]
    assert found["ProtectSystem"] == ["no"]


def test_arguments_of_commands_never_reach_a_row(tmp_path: Path) -> None:
    root = app(tmp_path, {})
    assert settings(root)["ExecStart"] == ["/usr/bin/app"]
    assert "verysecret" not in str(rows("service_settings", root))


def test_drop_ins_win_in_the_order_of_their_names_and_an_empty_value_resets(tmp_path: Path) -> None:
    root = app(
        tmp_path,
        {
            f"{ADMIN}/app.service.d/20-b.conf": "[Service]\nUser=second\nExecStart=\nExecStart=/usr/bin/other\n",
            f"{VENDOR}/app.service.d/10-a.conf": "[Service]\nUser=first\nNoNewPrivileges=\n",
            f"{VENDOR}/service.d/20-b.conf": "[Service]\nUser=general\n",
        },
    )
    found = settings(root)
    assert found["User"] == ["second"], "of two drop-ins with one name the more special counts"
    assert found["ExecStart"] == ["/usr/bin/other"]
    assert found["NoNewPrivileges"] == ["no"]


def test_the_place_of_the_line_is_told(tmp_path: Path) -> None:
    row = next(row for row in rows("service_settings", app(tmp_path, {})) if row["setting"] == "User")
    assert (row["path"], row["line"]) == (f"{ADMIN}/app.service", 4)


def test_services_that_never_start_are_left_out(tmp_path: Path) -> None:
    root = app(tmp_path, {f"{VENDOR}/off.service": UNIT})
    assert settings(root, "off.service") == {}


def test_no_systemd_is_absent(tmp_path: Path) -> None:
    assert read_table("service_settings", make_root(tmp_path, {})).status == "absent"
