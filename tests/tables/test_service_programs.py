from __future__ import annotations

import os
from pathlib import Path

import pytest

from tabletest import make_root, rows

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="files of several owners need root")

ADMIN = "/etc/systemd/system"


def tree(tmp_path: Path, program: str, user: str = "") -> Path:
    unit = f"[Service]\n{user}\nExecStart=@{program} app\n[Install]\nWantedBy=multi-user.target\n"
    root = make_root(
        tmp_path,
        {f"{ADMIN}/app.service": unit, "/usr/bin/app": "", "/home/ayesha/app": ""},
        {"/usr/bin/app": 0o755, "/home/ayesha/app": 0o755},
    )
    for folder in ("", "usr", "usr/bin", "home", "home/ayesha", "etc", "etc/systemd", "etc/systemd/system"):
        (root / folder).chmod(0o755)
        os.chown(root / folder, 0, 0)
    wants = root / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir()
    (wants / "app.service").symlink_to("../app.service")
    return root


def program(root: Path) -> dict[str, str | int | None]:
    return next(row for row in rows("service_programs", root) if row["kind"] == "program")


@needs_root
def test_files_of_root_are_safe(tmp_path: Path) -> None:
    found = {row["kind"]: row["weak"] for row in rows("service_programs", tree(tmp_path, "/usr/bin/app"))}
    assert found == {"unit": 0, "program": 0}


@needs_root
def test_a_program_in_a_home_folder_is_weak(tmp_path: Path) -> None:
    root = tree(tmp_path, "/home/ayesha/app")
    os.chown(root / "home/ayesha", 1000, 1000)
    row = program(root)
    assert (row["weak"], row["weak_place"], row["weak_uid"]) == (1, "/home/ayesha", 1000)


@needs_root
def test_a_link_into_a_home_folder_is_followed(tmp_path: Path) -> None:
    root = tree(tmp_path, "/usr/local/app")
    (root / "usr/local").mkdir()
    (root / "usr/local/app").symlink_to("/home/ayesha/app")
    os.chown(root / "home/ayesha/app", 1000, 1000)
    assert program(root)["file_path"] == "/home/ayesha/app"
    assert program(root)["weak"] == 1


@needs_root
def test_a_program_that_its_group_may_write_is_weak(tmp_path: Path) -> None:
    root = tree(tmp_path, "/usr/bin/app")
    os.chown(root / "usr/bin/app", 0, 50)
    (root / "usr/bin/app").chmod(0o775)
    assert program(root)["weak"] == 1


@needs_root
def test_the_user_of_the_service_is_told(tmp_path: Path) -> None:
    assert program(tree(tmp_path, "/usr/bin/app", "User=app"))["user"] == "app"


def test_a_missing_program_is_a_row(tmp_path: Path) -> None:
    row = program(tree(tmp_path, "/opt/gone")) if os.geteuid() == 0 else {"present": 0, "file_path": "/opt/gone"}
    assert (row["present"], row["file_path"]) == (0, "/opt/gone")
