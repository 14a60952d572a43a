"""users: passwd(5) as glibc reads it."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows

ODD = (
    "root:x:0:0:root:/root:/bin/bash\n short:x:0:0\nplus:x:+0:0:::\nneg:x:-1:0:::\nhex:x:0x1:0:::\n"
    "sp:x: 0:0::/:/bin/sh:extra\n#c:x:1:1:::\n+::::::\n+\n-bob\nempty:x::0:::\nnogid:x:5\nvt:x:1:1:a\x0bb:/:/x\n"
    "big:x:4294967296:1:::\nhuge:x:99999999999999999999:1:::\n\nlast:x:7:7::/:"
)


class _Passwd(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("password", ctypes.c_char_p),
        ("uid", ctypes.c_uint),
        ("gid", ctypes.c_uint),
        ("gecos", ctypes.c_char_p),
        ("directory", ctypes.c_char_p),
        ("shell", ctypes.c_char_p),
    ]


def _glibc(path: Path) -> list[tuple[str, int, int, str, str, str]]:
    """The accounts that fgetpwent(3) of this machine's C library finds."""
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    libc.fgetpwent.restype = ctypes.POINTER(_Passwd)
    libc.fgetpwent.argtypes = libc.fclose.argtypes = [ctypes.c_void_p]
    stream = libc.fopen(str(path).encode(), b"r")
    found = []
    while entry := libc.fgetpwent(stream):
        one = entry.contents
        text = [(part or b"").decode() for part in (one.name, one.gecos, one.directory, one.shell)]
        found.append((text[0], one.uid, one.gid, text[1], text[2], text[3]))
    libc.fclose(stream)
    return found


def test_odd_lines_are_accounts_exactly_when_glibc_says_so(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/passwd": ODD})
    ours = [
        (row["username"], row["uid"], row["gid"], row["description"], row["directory"], row["shell"])
        for row in rows("users", root)
        if row["uid"] is not None and row["gid"] is not None
    ]
    assert ours == [entry for entry in _glibc(root / "etc/passwd") if entry[0][0] not in "+-"]


def test_a_short_line_with_uid_0_is_not_overlooked(tmp_path: Path) -> None:
    found = rows("users", make_root(tmp_path, {"/etc/passwd": "root:x:0:0:::\n toor::0:0\n"}))
    assert [(row["username"], row["uid"], row["password_state"], row["can_log_in"]) for row in found] == [
        ("root", 0, "shadow", 1),
        ("toor", 0, "empty", 1),
    ]


def test_numbers_that_no_one_can_read_are_null(tmp_path: Path) -> None:
    found = {row["username"]: row["uid"] for row in rows("users", make_root(tmp_path, {"/etc/passwd": ODD}))}
    assert [found[name] for name in ("neg", "hex", "empty", "big", "huge", "+")] == [None] * 6


@pytest.mark.parametrize(
    ("shell", "expected"),
    [("/bin/bash", 1), ("", 1), ("/usr/sbin/nologin", 0), ("/bin/false", 0), ("/bin/true", 0), ("/opt/fish", 1)],
)
def test_can_log_in_follows_the_shell(tmp_path: Path, shell: str, expected: int) -> None:
    root = make_root(tmp_path, {"/etc/passwd": f"ann:x:1000:1000::/home/ann:{shell}\n"})
    assert rows("users", root)[0]["can_log_in"] == expected


def test_home_folders_are_described(tmp_path: Path) -> None:
    passwd = "a:x:1000:1::/home/a:/bin/sh\nb:x:1001:1::/home/b:/bin/sh\nc:x:1002:1::/etc/passwd:\nd:x:1003:1::rel:\n"
    root = make_root(tmp_path, {"/etc/passwd": passwd, "/home/a/.profile": ""}, {"/home/a": 0o2750})
    found = [(r["username"], r["home_kind"], r["home_mode"], r["home_mode_octal"]) for r in rows("users", root)]
    assert found[0] == ("a", "dir", 0o2750, "2750")
    assert found[1] == ("b", "missing", 0, "0000")
    assert found[2][1] == "file"
    assert found[3][1] == "missing"


def test_without_passwd_the_table_is_absent(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    assert read_table("users", tmp_path).status == "absent"


def test_any_bytes_and_many_accounts_are_read(tmp_path: Path) -> None:
    text = bytes(range(256)) * 50 + b"\n" + b"".join(b"u%d:x:%d:100:::\n" % (i, i) for i in range(20_000))
    assert len(rows("users", make_root(tmp_path, {"/etc/passwd": text}))) >= 20_000


@pytest.mark.skipif(shutil.which("getent") is None, reason="getent is not installed")
def test_accounts_of_this_machine_are_those_of_getent() -> None:
    told = subprocess.run(["getent", "-s", "files", "passwd"], capture_output=True, text=True, check=True).stdout
    ours = [
        (row["username"], str(row["uid"]), str(row["gid"]), row["description"], row["directory"], row["shell"])
        for row in rows("users")
    ]
    theirs = [line.split(":") for line in told.splitlines()]
    assert ours == [(one[0], one[2], one[3], one[4], one[5], one[6]) for one in theirs]
