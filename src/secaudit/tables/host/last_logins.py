"""last_logins: when each account was last used. osquery's `last` gives the single sessions of wtmp instead."""

from __future__ import annotations

import re
import struct
from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Target, table
from secaudit.tables.host._passwd import read_accounts

LIMIT_BYTES = 64 * 1024 * 1024
"""lastlog has a hole for each number that is not used: 20 MB for the account nobody."""
USER_PROCESS = 7
MICROSECONDS = 1_000_000
SECONDS_PER_DAY = 86_400


class LastLogin(NamedTuple):
    """One account."""

    username: str
    uid: int | None
    last_login_s: int | None
    """Seconds since 1970 UTC; 0 = no log-in is recorded."""
    days_since: int | None
    """-1 = no log-in is recorded."""


@table(targets={"host", "root"})
def last_logins(target: Target) -> Iterator[LastLogin]:
    """Yield one row per account of /etc/passwd, with the latest log-in that any log knows.

    Read are lastlog, wtmp and its unpacked older copies, and the databases of lastlog2 and wtmpdb.

    Source: lastlog(8), utmp(5), lastlog2(8), wtmpdb(8).

    Raises:
        Absent: no log of log-ins is kept, or none has an entry yet.
        Partial: one of the logs could not be read.
    """
    try:
        accounts = read_accounts(target)
    except FileNotFoundError:
        raise Absent("there is no /etc/passwd") from None
    by_name: dict[str, int] = {}
    by_uid: dict[int, int] = {}
    problems: list[str] = []
    wtmps = [path for path in target.glob("/var/log/wtmp*") if re.fullmatch(r".*/wtmp(\.[0-9]{1,3}|-[0-9]{8})?", path)]
    for path in ["/var/log/lastlog", *wtmps, "/var/lib/lastlog/lastlog2.db", "/var/lib/wtmpdb/wtmp.db"]:
        try:
            content = target.read_bytes(path, LIMIT_BYTES)
            if path.endswith("lastlog"):
                _lastlog(content, by_uid)
            elif path.endswith(".db"):
                _database(content, by_name)
            else:
                _wtmp(content, by_name)
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            problems.append(f"{path} ({getattr(error, 'strerror', None) or error})")
    if not by_name and not by_uid:
        if problems:
            raise Partial("the logs of log-ins could not be read: " + ", ".join(problems))
        raise Absent("no log-in is recorded here")
    for account in accounts:
        latest = by_name.get(account.username, 0)
        if account.uid is not None:
            latest = max(latest, by_uid.get(account.uid, 0))
        unsure = bool(problems) and not latest
        days = max(0, target.now_s - latest) // SECONDS_PER_DAY if latest else -1
        yield LastLogin(account.username, account.uid, None if unsure else latest, None if unsure else days)
    if problems:
        raise Partial("not every log of log-ins could be read: " + ", ".join(problems))


def _lastlog(content: bytes, found: dict[int, int]) -> None:
    """A record per user number; time is 32 bits wide on x86 and 64 on ARM."""
    size, shape = (292, "<i") if len(content) % 292 == 0 else (296, "<q")
    if len(content) % size:
        raise ValueError("the size does not fit")
    for uid in range(len(content) // size):
        (seconds,) = struct.unpack_from(shape, content, uid * size)
        if seconds > 0:
            found[uid] = seconds


def _wtmp(content: bytes, found: dict[str, int]) -> None:
    """A record per event; struct utmp has 384 bytes on x86 and 400 on ARM. One that is cut short is left out."""
    size, offset, shape = (384, 340, "<i")
    is_known = _fits(content, 384)
    if not is_known and _fits(content, 400):
        is_known, size, offset, shape = True, 400, 344, "<q"
    for begin in range(0, len(content) - size + 1, size):
        (kind,) = struct.unpack_from("<h", content, begin)
        (seconds,) = struct.unpack_from(shape, content, begin + offset)
        name = content[begin + 44 : begin + 76].split(b"\0", 1)[0].decode("utf-8", "backslashreplace")
        if kind == USER_PROCESS:
            is_known = True
            if seconds > found.get(name, 0):
                found[name] = seconds
    if not is_known:
        raise ValueError("it holds no records that we know")


def _fits(content: bytes, size: int) -> bool:
    """Whether whole records of this size all begin with a type that utmp(5) knows."""
    begins = range(0, len(content) - size + 1, size)
    return all(1 <= content[begin] <= 9 and content[begin + 1] == 0 for begin in begins)


def _database(content: bytes, found: dict[str, int]) -> None:
    """The SQLite files of lastlog2 (seconds) and wtmpdb (microseconds)."""
    import sqlite3

    connection = sqlite3.connect(":memory:")
    try:
        load = getattr(connection, "deserialize", None)
        if load is None:
            raise ValueError("this Python is too old to read it")
        load(content)
        tables = {
            str(row[0]).lower() for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
        }
        if "lastlog2" in tables:
            rows = connection.execute("SELECT Name, Time FROM Lastlog2 LIMIT 200000")
            unit = 1
        elif "wtmp" in tables:
            rows = connection.execute("SELECT User, max(Login) FROM wtmp WHERE Type = 3 GROUP BY User LIMIT 200000")
            unit = MICROSECONDS
        else:
            raise ValueError("it holds no table that we know")
        for name, time in rows:
            if isinstance(name, str) and isinstance(time, int) and time // unit > found.get(name, 0):
                found[name] = time // unit
    except sqlite3.Error as error:
        raise ValueError(str(error)) from error
    finally:
        connection.close()
