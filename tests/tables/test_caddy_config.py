"""caddy_config: sites, blocks and imports of a Caddyfile, and what Caddy itself makes of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows


def caddy(tmp_path: Path, text: str, more: dict[str, str] | None = None) -> Path:
    files = {"/usr/bin/caddy": "", "/etc/caddy/Caddyfile": text, **(more or {})}
    return make_root(tmp_path, files, {"/usr/bin/caddy": 0o755})


ADMIN = [
    ("{\n\tadmin off\n}\n", 1),
    ("{\n\tadmin :2019\n}\n:80 {\n}\n", 0),
    ("{\n\tadmin 0.0.0.0:2020\n}\n", 0),
    ("{\n\tadmin unix//run/caddy.sock\n}\n", 1),
    ("{\n\tadmin localhost:2019 {\n\t\torigins x\n\t}\n}\n", 1),
    ("{\n\tadmin [::1]:2019\n}\n", 1),
    ("{\n\t#admin :2019\n}\n", 1),
    (":80 {\n\trespond ok\n}\n", 1),
]


@pytest.mark.parametrize(("text", "is_local"), ADMIN)
def test_where_caddy_is_steered_from(tmp_path: Path, text: str, is_local: int) -> None:
    (row,) = (row for row in rows("caddy_config", caddy(tmp_path, text)) if row["directive"] == "admin")
    assert row["is_local"] == is_local


@pytest.mark.skipif(shutil.which("caddy") is None, reason="caddy is not installed")
@pytest.mark.parametrize(("text", "is_local"), ADMIN)
def test_caddy_itself_listens_there(tmp_path: Path, text: str, is_local: int) -> None:
    path = tmp_path / "Caddyfile"
    path.write_text(text)
    argv = ["caddy", "adapt", "--adapter", "caddyfile", "--config", str(path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, env={**os.environ, "HOME": str(tmp_path)})
    admin = json.loads(done.stdout).get("admin", {})
    listen = admin.get("listen", "localhost:2019")
    assert is_local == int(bool(admin.get("disabled")) or listen.startswith(("localhost:", "unix/", "[::1]:")))


FILES = {
    "/etc/caddy/sites/a.caddy": "a.example.net {\n\tfile_server browse\n}\n",
    "/etc/caddy/sites/b.caddy.off": "b.example.net {\n\tfile_server browse\n}\n",
}
LISTING = [
    (":80 {\n\tfile_server\n}\n", False),
    (":80 {\n\tfile_server browse\n}\n", True),
    (":80 {\n\tfile_server {\n\t\tbrowse\n\t}\n}\n", True),
    (":80 {\n\t# file_server browse\n\tfile_server # browse\n}\n", False),
    ("localhost:81\nfile_server browse\n", True),
    ("(files) {\n\tfile_server browse\n}\n:80 {\n\trespond ok\n}\n", False),
    ("(files) {\n\tfile_server {\n\t\tbrowse\n\t}\n}\n:80 {\n\timport files\n}\n", True),
    ("import sites/*.caddy\n", True),
    ("import sites/*.none\n:80 {\n\tfile_server\n}\n", False),
    ("a.example.net,\nb.example.net {\n\thandle_path /x/* {\n\t\tfile_server browse\n\t}\n}\n", True),
]


def lists(root: Path) -> bool:
    return any(
        (row["directive"] == "file_server" and "browse" in str(row["args"]).split())
        or (row["directive"] == "browse" and str(row["block"]).endswith("file_server"))
        for row in rows("caddy_config", root)
    )


@pytest.mark.parametrize(("text", "is_listed"), LISTING)
def test_lists_of_files(tmp_path: Path, text: str, is_listed: bool) -> None:
    assert lists(caddy(tmp_path, text, FILES)) == is_listed


@pytest.mark.skipif(shutil.which("caddy") is None, reason="caddy is not installed")
@pytest.mark.parametrize(("text", "is_listed"), LISTING)
def test_caddy_itself_lists_files(tmp_path: Path, text: str, is_listed: bool) -> None:
    root = caddy(tmp_path, text, FILES)
    argv = ["caddy", "adapt", "--adapter", "caddyfile", "--config", str(root / "etc/caddy/Caddyfile")]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, env={**os.environ, "HOME": str(tmp_path)})
    assert ('"browse"' in done.stdout) == is_listed


def test_the_site_and_the_blocks_around_a_directive_are_told(tmp_path: Path) -> None:
    text = "{\n\temail x@example.net\n}\na.example.net, b.example.net {\n\thandle /x/* {\n\t\troot * /srv\n\t}\n}\n"
    found = [
        (row["site"], row["block"], row["directive"], row["line"])
        for row in rows("caddy_config", caddy(tmp_path, text))
    ]
    sites = "a.example.net, b.example.net"
    assert found == [
        ("", "", "email", 2),
        (sites, "", "handle", 5),
        (sites, "handle", "root", 6),
        ("", "", "admin", None),
    ]


def test_what_cannot_be_followed_is_said(tmp_path: Path) -> None:
    unit = "/usr/lib/systemd/system/caddy.service"
    other = {unit: "[Service]\nExecStart=/usr/bin/caddy run --config /srv/caddy.json\n"}
    steered = {
        unit: "[Service]\nEnvironment=CADDY_ADMIN=:2019\nExecStart=/usr/bin/caddy run --config /etc/caddy/Caddyfile\n"
    }
    assert read_table("caddy_config", make_root(tmp_path / "a", {"/etc/caddy/Caddyfile": ""})).status == "absent"
    assert read_table("caddy_config", caddy(tmp_path / "b", ":80\n", other)).status == "partial"
    assert read_table("caddy_config", caddy(tmp_path / "c", ":80\n", steered)).status == "partial"
    assert read_table("caddy_config", caddy(tmp_path / "d", "import {$FILE}\n")).status == "partial"
    assert read_table("caddy_config", caddy(tmp_path / "e", "import Caddyfile\n")).status == "partial"
