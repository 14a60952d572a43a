"""shadow: kinds, locks and ages, and never a hash."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from secaudit.model import TableData
from tabletest import NOW_S, make_root, read_table, rows

TODAY = NOW_S // 86_400
SALT = "abcdefgh$" + "z" * 22

KINDS = [
    ("", "empty", 0, 1),
    ("*", "none", 1, 0),
    ("!", "none", 1, 0),
    ("!!", "none", 1, 0),
    ("!*", "none", 1, 0),
    ("x", "none", 0, 0),
    ("*NP*", "none", 1, 0),
    ("$y$j9T$" + SALT, "yescrypt", 0, 1),
    ("!$y$j9T$" + SALT, "yescrypt", 1, 0),
    ("$gy$j9T$" + SALT, "gost-yescrypt", 0, 1),
    ("$7$" + SALT, "scrypt", 0, 1),
    ("$6$" + SALT, "sha512", 0, 1),
    ("!!$6$rounds=5000$" + SALT, "sha512", 1, 0),
    ("$5$" + SALT, "sha256", 0, 1),
    ("$2b$05$" + SALT, "bcrypt", 0, 1),
    ("$1$" + SALT, "md5", 0, 1),
    ("$sha1$" + SALT, "sha1", 0, 1),
    ("$3$$" + SALT, "nt", 0, 1),
    ("ab01FAX.bQRSU", "des", 0, 1),
    ("_J9..K0AyUubDrfOgO4s", "bsdi", 0, 1),
    ("$argon2id$v=19$" + SALT, "other", 0, 1),
    ("secret", "other", 0, 1),
]


@pytest.mark.parametrize(("field", "kind", "is_locked", "has_password"), KINDS)
def test_kind_lock_and_password(tmp_path: Path, field: str, kind: str, is_locked: int, has_password: int) -> None:
    data = read_table("shadow", make_root(tmp_path, {"/etc/shadow": f"ann:{field}:{TODAY - 3}:0:99999:7:::\n"}))
    row = dict(zip(data.columns, data.rows[0], strict=True))
    assert (row["password_kind"], row["is_locked"], row["has_password"]) == (kind, is_locked, has_password)
    assert len(field) < 4 or not any(field.strip("!") == cell for cell in data.rows[0])
    assert SALT not in str(data.rows)


def test_ages_and_limits(tmp_path: Path) -> None:
    text = (
        f"a:*:{TODAY - 100}:1:365:7:30:{TODAY}:\nb:*:0::::::\nc:*:::::::\nd:*:junk:1x:-1:7::{TODAY + 1}:\n"
        f"e:*:{TODAY + 9}:0:99999:7:::\nshort:*\n"
    )
    names = ("last_change_day", "age_days", "min_days", "max_days", "warn_days", "inactive_days", "is_expired")
    found = {
        row["username"]: tuple(row[name] for name in names)
        for row in rows("shadow", make_root(tmp_path, {"/etc/shadow": text}))
    }
    assert found["a"] == (TODAY - 100, 100, 1, 365, 7, 30, 1)
    assert found["b"] == (0, TODAY, -1, -1, -1, -1, 0)
    assert found["c"] == (-1, -1, -1, -1, -1, -1, 0)
    assert found["d"] == (None, None, None, -1, 7, -1, 0)
    assert found["e"] == (TODAY + 9, 0, 0, 99999, 7, -1, 0)
    assert found["short"] == (-1, -1, -1, -1, -1, -1, 0)


def test_an_ordinary_user_is_denied_and_told_what_helps(
    tmp_path: Path, as_nobody: Callable[[Callable[[], TableData]], TableData]
) -> None:
    for parent in [tmp_path, *tmp_path.parents][:3]:
        parent.chmod(0o755)
    root = make_root(tmp_path, {"/etc/shadow": "ann:*:1::::::\n"}, {"/etc/shadow": 0o600})
    data = as_nobody(lambda: read_table("shadow", root))
    assert (data.status, data.needs, data.rows) == ("denied", "root", ())


def test_without_shadow_the_table_is_absent(tmp_path: Path) -> None:
    assert read_table("shadow", make_root(tmp_path, {})).status == "absent"


def test_any_bytes_are_read(tmp_path: Path) -> None:
    assert read_table("shadow", make_root(tmp_path, {"/etc/shadow": bytes(range(256)) * 99})).status == "ok"


@pytest.mark.skipif(shutil.which("passwd") is None or os.geteuid() != 0, reason="passwd -S needs root")
def test_states_of_this_machine_are_those_of_passwd() -> None:
    told = subprocess.run(["passwd", "-S", "-a"], capture_output=True, text=True, check=True).stdout
    ours = {}
    for row in rows("shadow"):
        state = "NP" if row["password_kind"] == "empty" else "L" if row["is_locked"] else "P"
        ours[row["username"]] = (state, *(str(row[n]) for n in ("min_days", "max_days", "warn_days", "inactive_days")))
    for line in told.splitlines():
        name, state, _, *limits = line.split()
        assert ours[name] == (state, *limits), name
