"""last_logins: the latest log-in that lastlog, wtmp, lastlog2 or wtmpdb knows."""

from __future__ import annotations

import shutil
import sqlite3
import struct
import subprocess
from datetime import UTC
from pathlib import Path

import pytest

from tabletest import NOW_S, make_root, read_table, rows

DAY = 86_400


def _utmp(kind: int, user: str, seconds: int, arm: bool = False) -> bytes:
    head = struct.pack("<hxxi32s4s32s256s4s", kind, 1, b"pts/0", b"0", user.encode(), b"host", b"")
    if arm:
        return head + struct.pack("<qqq16s20s4x", 0, seconds, 0, b"", b"")
    return head + struct.pack("<iii16s20s", 0, seconds, 0, b"", b"")


def _lastlog(entries: dict[int, int]) -> bytes:
    return b"".join(struct.pack("<i32s256s", entries.get(uid, 0), b"", b"") for uid in range(max(entries) + 1))


def _days(root: Path) -> dict[object, object]:
    return {row["username"]: row["days_since"] for row in rows("last_logins", root)}


def test_the_latest_of_all_logs_counts(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            "/var/log/lastlog": _lastlog({0: NOW_S - 30 * DAY, 1000: NOW_S - 200 * DAY}),
            "/var/log/wtmp": _utmp(2, "reboot", NOW_S) + _utmp(7, "ayesha", NOW_S - 5 * DAY) + b"cut short",
            "/var/log/wtmp.1": _utmp(7, "ayesha", NOW_S - 40 * DAY) + _utmp(8, "root", NOW_S),
            "/var/log/wtmp.2.gz": b"\x1f\x8b",
        },
    )
    assert _days(root) == {"root": 30, "ayesha": 5}


def test_records_of_arm_are_read(tmp_path: Path) -> None:
    text = b"".join(_utmp(7, "ayesha", NOW_S - day * DAY, arm=True) for day in (9, 3, 4))
    assert len(text) == 1200
    assert _days(make_root(tmp_path, {"/var/log/wtmp": text})) == {"root": -1, "ayesha": 3}


def test_databases_of_lastlog2_and_wtmpdb_are_read(tmp_path: Path) -> None:
    lastlog2 = "CREATE TABLE Lastlog2(Name TEXT PRIMARY KEY, Time INTEGER)"
    wtmpdb = "CREATE TABLE wtmp(User TEXT, Login INTEGER, Type INTEGER)"
    for name, sql, time in (
        ("/var/lib/lastlog/lastlog2.db", lastlog2, NOW_S - 7 * DAY),
        ("/var/lib/wtmpdb/wtmp.db", wtmpdb, (NOW_S - 2 * DAY) * 10**6),
    ):
        file = tmp_path / "x.db"
        file.unlink(missing_ok=True)
        with sqlite3.connect(file) as connection:
            connection.execute(sql)
            values = ("ayesha", time) if "Lastlog2" in sql else ("ayesha", time, 3)
            table = "Lastlog2" if "Lastlog2" in sql else "wtmp"
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", values)
        connection.close()
        root = make_root(tmp_path / table, {name: file.read_bytes()})
        assert _days(root) == {"root": -1, "ayesha": 7 if table == "Lastlog2" else 2}


def test_a_log_that_is_broken_makes_unknown_what_it_could_have_told(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/var/log/wtmp": _utmp(7, "ayesha", NOW_S), "/var/lib/wtmpdb/wtmp.db": b"no database"})
    data = read_table("last_logins", root)
    assert data.status == "partial"
    assert [row[3] for row in data.rows] == [None, 0]


def test_without_any_entry_the_table_is_absent(tmp_path: Path) -> None:
    assert read_table("last_logins", make_root(tmp_path / "a", {})).status == "absent"
    assert (
        read_table("last_logins", make_root(tmp_path / "b", {"/var/log/wtmp": "", "/var/log/lastlog": ""})).status
        == "absent"
    )


def test_any_bytes_are_survived(tmp_path: Path) -> None:
    noise = bytes(range(256)) * 999
    root = make_root(tmp_path, {"/var/log/wtmp": noise, "/var/log/lastlog": noise})
    assert read_table("last_logins", root).status in ("ok", "partial", "absent")


@pytest.mark.skipif(shutil.which("last") is None, reason="last is not installed")
def test_wtmp_is_read_as_last_reads_it(tmp_path: Path) -> None:
    records = _utmp(7, "ayesha", NOW_S - 3 * DAY) + _utmp(7, "root", NOW_S - DAY)
    root = make_root(tmp_path, {"/var/log/wtmp": records})
    told = subprocess.run(
        ["last", "--time-format", "iso", "-f", str(root / "var/log/wtmp")],
        capture_output=True,
        text=True,
        check=True,
        env={"TZ": "UTC", "PATH": "/usr/bin:/bin"},
    ).stdout
    for name, seconds in ((row["username"], row["last_login_s"]) for row in rows("last_logins", root)):
        assert isinstance(seconds, int)
        line = next(line for line in told.splitlines() if line.startswith(str(name)))
        from datetime import datetime

        assert datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") in line
