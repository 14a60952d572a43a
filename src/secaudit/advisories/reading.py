"""Open the kept advisories of an ecosystem and read from them. The file may have been changed by anybody."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import time
from dataclasses import dataclass
from urllib.parse import quote

from secaudit.advisories.layout import APPLICATION_ID, META, TABLES, VERSION, file_name, from_body
from secaudit.advisories.record import Affected

TIME_FORM = "%Y-%m-%dT%H:%M:%SZ"
LONGEST_CELL = 64 * 1024 * 1024
_ALLOWED = frozenset((sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION))


class NoData(Exception):
    """Nothing was imported for this ecosystem."""


class BrokenData(Exception):
    """There is a file, and it is not what was written. The message says why."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about the data of one ecosystem."""

    ecosystem: str
    source: str
    """Where it was imported from: a file's name, or an address."""
    newest: str
    """RFC 3339: the latest change of an advisory in it; empty when none says."""
    as_of: str
    """RFC 3339: the day that the data speaks for: `newest`, or when it was fetched."""
    imported: str
    count: int
    digest: str
    malware: int
    """How many advisories name packages that are malicious themselves."""
    skipped: int
    withdrawn: int
    commits_only: int
    """Entries that name commits and no versions, so that nothing can be said about a version."""


@dataclass(frozen=True, slots=True)
class Known:
    """What one advisory says about one package."""

    id: str
    family: int
    """The same for all advisories that are about one hole."""
    aliases: tuple[str, ...]
    summary: str
    severity: str
    score: str
    cwes: tuple[int, ...]
    kind: str
    affected: Affected


class Reader:
    """The data of one ecosystem. Use it as a context manager."""

    def __init__(self, folder: str, ecosystem: str) -> None:
        """Open the file.

        Raises:
            NoData: there is none.
            BrokenData: it is damaged, of another version, or somebody else could have written it.
        """
        self.ecosystem = ecosystem
        path = os.path.join(folder, file_name(ecosystem))
        _check_place(path)
        try:
            self._connection = sqlite3.connect(f"file:{quote(path)}?mode=ro&immutable=1", uri=True)
            try:
                self._defend()
                self.facts = self._facts()
            except BaseException:
                self._connection.close()
                raise
        except (sqlite3.Error, ValueError, KeyError) as error:
            raise BrokenData(f"the advisories of {ecosystem} are damaged ({error})") from error

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def about(self, key: str) -> list[Known]:
        """All that is known about a package, by its name as compared, oldest id first.

        Raises:
            BrokenData: the file is damaged.
        """
        try:
            rows = self._connection.execute(
                "SELECT a.id, a.family, a.aliases, a.summary, a.severity, a.score, a.cwes, a.kind, f.body"
                " FROM affected f JOIN advisory a ON a.number = f.advisory WHERE f.key = ? ORDER BY a.id, f.rowid",
                (key,),
            ).fetchall()
            return [
                Known(
                    str(row[0]), int(row[1]), tuple(map(str, json.loads(row[2]))), str(row[3]), str(row[4]),
                    str(row[5]), tuple(map(int, json.loads(row[6]))), str(row[7]),
                    from_body(self.ecosystem, key, row[8]),
                )
                for row in rows
            ]  # fmt: skip
        except (sqlite3.Error, ValueError, TypeError, RecursionError) as error:
            raise BrokenData(f"the advisories of {self.ecosystem} are damaged ({error})") from error

    def _defend(self) -> None:
        connection = self._connection
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("PRAGMA query_only = ON")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_CELL)
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if application != APPLICATION_ID:
            raise ValueError("not a file of advisories")
        if version != VERSION:
            raise ValueError(f"form {version}, this program reads form {VERSION}")
        parts = connection.execute(
            "SELECT name, type FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
        ).fetchall()
        if tuple(name for name, _ in parts) != TABLES or any(kind not in ("table", "index") for _, kind in parts):
            raise ValueError("it holds other tables")
        connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY)

    def _facts(self) -> Facts:
        meta = dict(self._connection.execute("SELECT key, value FROM meta LIMIT 100").fetchall())
        missing = [key for key in META if key not in meta]
        if missing:
            raise ValueError("it was not written to its end")
        if meta["ecosystem"] != self.ecosystem:
            raise ValueError(f"it is about {meta['ecosystem']}")
        for key in ("as_of", "newest", "imported"):
            if meta[key]:
                time.strptime(meta[key], TIME_FORM)
        (count,) = self._connection.execute("SELECT count(*) FROM advisory").fetchone()
        (places,) = self._connection.execute("SELECT count(*) FROM affected").fetchone()
        if count != int(meta["count"]) or places != int(meta["places"]):
            raise ValueError("advisories are missing")
        return Facts(
            self.ecosystem, meta["source"], meta["newest"], meta["as_of"], meta["imported"], count, meta["digest"],
            int(meta["malware"]),
            int(meta["skipped"]), int(meta["withdrawn"]), int(meta["commits_only"]),
        )  # fmt: skip


def _check_place(path: str) -> None:
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        raise NoData from None
    except OSError as error:
        raise BrokenData(f"{path}: {error.strerror}") from error
    if not stat.S_ISREG(found.st_mode):
        raise BrokenData(f"{path} is no file")
    if found.st_uid not in (0, os.geteuid()) or found.st_mode & 0o022:
        raise BrokenData(f"somebody else could have changed {path}")
