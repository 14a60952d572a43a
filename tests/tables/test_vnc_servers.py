"""vnc_servers: what the command lines of services amount to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows

UNIT = "/usr/lib/systemd/system/vnc.service"
WANTS = "/etc/systemd/system/multi-user.target.wants/vnc.service"


def vnc(tmp_path: Path, command: str, more: dict[str, str] | None = None) -> Path:
    text = f"[Service]\nExecStart={command}\n[Install]\nWantedBy=multi-user.target\n"
    files = {UNIT: text, "/usr/lib/systemd/system/multi-user.target": "", WANTS: "", **(more or {})}
    root = make_root(tmp_path, files)
    (root / WANTS.lstrip("/")).unlink()
    (root / WANTS.lstrip("/")).symlink_to(UNIT)
    return root


@pytest.mark.parametrize(
    ("command", "asks", "local"),
    [
        ("/usr/bin/x11vnc -forever -display :0", 0, 0),
        ("/usr/bin/x11vnc -nopw -localhost -forever", 0, 1),
        ("-/usr/bin/x11vnc -rfbauth /etc/x11vnc.pass -listen 127.0.0.1", 1, 1),
        ("/usr/bin/x11vnc -usepw -listen 192.0.2.7", 1, 0),
        ("/usr/bin/x11vnc $OPTIONS", None, None),
        ("/usr/bin/Xvnc :1 -SecurityTypes None -localhost", 0, 1),
        ("/usr/bin/Xtigervnc :1 -localhost=0", 1, 0),
        ("/usr/bin/Xvnc :1 securitytypes=X509Vnc,TLSNone", 0, 0),
        ("/usr/bin/x0vncserver -PasswordFile /root/.vnc/passwd -localhost no", 1, 0),
        ("/usr/bin/x0vncserver -PasswordFile /root/.vnc/passwd -interface 127.0.0.1", 1, 1),
        ("/usr/libexec/tigervncsession-start :1", None, None),
    ],
)
def test_what_a_command_line_amounts_to(tmp_path: Path, command: str, asks: int | None, local: int | None) -> None:
    (row,) = rows("vnc_servers", vnc(tmp_path, command))
    assert (row["asks_password"], row["is_local"]) == (asks, local)


def test_a_file_of_x11vnc_may_add_options(tmp_path: Path) -> None:
    files = {"/root/.x11vncrc": "localhost\n"}
    (row,) = rows("vnc_servers", vnc(tmp_path / "a", "/usr/bin/x11vnc -usepw", files))
    assert (row["asks_password"], row["is_local"]) == (1, None)
    (row,) = rows("vnc_servers", vnc(tmp_path / "b", "/usr/bin/x11vnc -norc", files))
    assert (row["asks_password"], row["is_local"]) == (0, 0)


def test_a_service_that_does_not_start_is_none(tmp_path: Path) -> None:
    root = vnc(tmp_path, "/usr/bin/x11vnc -nopw")
    (root / WANTS.lstrip("/")).unlink()
    assert read_table("vnc_servers", root).status == "absent"
    assert read_table("vnc_servers", vnc(tmp_path / "b", "/usr/bin/true")).status == "absent"
