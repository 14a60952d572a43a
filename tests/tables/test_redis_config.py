"""redis_config: what Redis itself would use; redis-server says."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows

PLACE = "/etc/redis/redis.conf"
PROGRAM = {"/usr/bin/redis-server": "x"}
MODES = {"/usr/bin/redis-server": 0o755}


def values(tmp_path: Path, text: str, more: dict[str, str] | None = None) -> dict[object, object]:
    root = make_root(tmp_path, {PLACE: text, **(more or {}), **PROGRAM}, MODES)
    return {row["name"]: row["value"] for row in rows("redis_config", root)}


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("", "protected-mode", "yes"),
        ("Protected-Mode no\nprotected-mode yes", "protected-mode", "yes"),
        ("# protected-mode no", "protected-mode", "yes"),
        ('bind "127.0.0.1"  -::1', "bind", "127.0.0.1 -::1"),
        ("bind 127.0.0.1 ::1", "listens_network", "0"),
        ("bind 127.0.0.1 10.0.0.1", "listens_network", "1"),
        ("", "listens_network", "1"),
        ("port 0", "listens_network", "0"),
        ("port 0\ntls-port 6380", "listens_network", "1"),
        ("requirepass geheim", "requirepass", "set"),
    ],
)
def test_settings(tmp_path: Path, text: str, name: str, value: str) -> None:
    assert values(tmp_path, text)[name] == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "nopass"),
        ("requirepass x", "password"),
        ('requirepass ""', "nopass"),
        ("requirepass x\nuser default on nopass ~* +@all", "nopass"),
        ("user default on >x ~* +@all", "password"),
        ("user default off", "off"),
        ("user default on nopass off", "off"),
        ("user other on nopass", "nopass"),
        ("aclfile /etc/redis/users.acl", "off"),
    ],
)
def test_how_a_client_without_login_is_treated(tmp_path: Path, text: str, expected: str) -> None:
    assert values(tmp_path, text, {"/etc/redis/users.acl": "# x\nuser default off\n"})["default_user"] == expected


def test_no_secret_is_shown(tmp_path: Path) -> None:
    assert "geheim" not in str(values(tmp_path, "requirepass geheim\nmasterauth geheim\nuser default on >geheim"))


def test_includes_are_read_in_their_place(tmp_path: Path) -> None:
    more = {"/etc/redis/more/a.conf": "protected-mode no\n"}
    assert values(tmp_path, "protected-mode yes\ninclude /etc/redis/more/*.conf", more)["protected-mode"] == "no"


def test_a_loop_of_includes_is_said(tmp_path: Path) -> None:
    root = make_root(tmp_path, {PLACE: f"include {PLACE}\n", **PROGRAM}, MODES)
    assert read_table("redis_config", root).status == "partial"


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis is not installed")
@pytest.mark.parametrize(
    "text",
    [
        "protected-mode no\nbind 127.0.0.1 -::1\nprotected-mode yes\n",
        "include {top}/more.conf\nbind '127.0.0.1'\n",
        "requirepass abc\nuser default on nopass ~* &* +@all\n",
    ],
)
def test_redis_itself_says_the_same(tmp_path: Path, text: str) -> None:
    (tmp_path / "more.conf").write_text("protected-mode no\nbind 127.0.0.2\n")
    config, socket = tmp_path / "r.conf", tmp_path / "s"
    ports = f"\nport 0\nunixsocket {socket}\nsave ''\ndir {tmp_path}\n"
    config.write_text(text.format(top=tmp_path) + ports)
    with subprocess.Popen(["redis-server", str(config)], stdout=subprocess.DEVNULL) as server:
        try:
            deadline = time.monotonic() + 20
            while not socket.exists() and time.monotonic() < deadline:
                time.sleep(0.02)

            def ask(*words: str) -> list[str]:
                done = subprocess.run(
                    ["redis-cli", "-s", str(socket), *words], capture_output=True, text=True, check=True
                )
                return done.stdout.split("\n")

            theirs = {name: ask("CONFIG", "GET", name)[1] for name in ("protected-mode", "bind")}
            nopass = "nopass" if any(" nopass " in line for line in ask("ACL", "LIST")) else "password"
        finally:
            server.terminate()
    inner = {"/more.conf": (tmp_path / "more.conf").read_text()}
    ours = values(tmp_path / "root", text.format(top="") + ports, inner)
    assert (ours["protected-mode"], ours["bind"], ours["default_user"]) == (
        theirs["protected-mode"],
        theirs["bind"],
        nopass,
    )
