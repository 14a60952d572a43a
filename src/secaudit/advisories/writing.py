"""Write the advisories of one ecosystem into a new file, and put it in the place of the old one when it is whole."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path

from secaudit.advisories.layout import APPLICATION_ID, META, SCHEMA, VERSION, file_name, to_body
from secaudit.advisories.record import MALWARE, Advisory

BATCH = 2_000
PREFIX = ".new-"


@dataclass(slots=True)
class Counts:
    """What was written and what was not."""

    advisories: int = 0
    withdrawn: int = 0
    commits_only: int = 0


class Writer:
    """One new file. Nothing but `finish` touches the old one."""

    def __init__(self, folder: Path, ecosystem: str, base: Path | None = None) -> None:
        """Begin a file in a folder that is ours.

        Args:
            folder: where the files of all ecosystems are kept.
            ecosystem: which one.
            base: a file to go on from, instead of an empty one.

        Raises:
            OSError: it cannot be written.
        """
        self.ecosystem = ecosystem
        self.counts = Counts()
        self._folder = folder
        handle, name = tempfile.mkstemp(prefix=PREFIX, suffix=f"-{ecosystem}", dir=folder)
        os.close(handle)
        self.path = Path(name)
        try:
            if base is not None:
                shutil.copyfile(base, name)
            self._connection = sqlite3.connect(name, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode = OFF")
            self._connection.execute("PRAGMA synchronous = OFF")  # one fsync at the end
            self._connection.execute("BEGIN")
            if base is None:
                for statement in SCHEMA.split(";"):
                    self._connection.execute(statement)
                self._connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                self._connection.execute(f"PRAGMA user_version = {VERSION}")
        except BaseException:
            self.discard()
            raise

    def add(self, advisory: Advisory, data: bytes) -> bool:
        """Keep what an advisory says about this ecosystem; the newer of two with one id stays.

        Returns:
            Whether it says anything about it.
        """
        mine = [item for item in advisory.affected if item.ecosystem == self.ecosystem]
        if not mine:
            return False
        if advisory.is_withdrawn:
            self.counts.withdrawn += 1
            self._forget(advisory.id, advisory.modified)
            return True
        if not self._forget(advisory.id, advisory.modified):
            return True
        done = self._connection.execute(
            "INSERT INTO advisory (id, family, aliases, modified, summary, severity, score, cwes, kind, digest)"
            " VALUES (?, 0, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                advisory.id, json.dumps(advisory.aliases), advisory.modified, advisory.summary, advisory.severity,
                advisory.score, json.dumps(advisory.cwes), advisory.kind, hashlib.sha256(data).digest(),
            ),
        )  # fmt: skip
        number = done.lastrowid
        for item in mine:
            if not item.ranges and not item.versions:
                self.counts.commits_only += 1
        self._connection.executemany(
            "INSERT INTO affected VALUES (?, ?, ?)", [(item.key, number, to_body(item)) for item in mine]
        )
        self.counts.advisories += 1
        return True

    def _forget(self, name: str, modified: str) -> bool:
        """Remove an older record of this id; False when there is a newer one."""
        old = self._connection.execute("SELECT number, modified FROM advisory WHERE id = ?", (name,)).fetchone()
        if old is None:
            return True
        if str(old[1]) > modified:
            return False
        self._connection.execute("DELETE FROM affected WHERE advisory = ?", (old[0],))
        self._connection.execute("DELETE FROM advisory WHERE number = ?", (old[0],))
        self.counts.advisories -= 1
        return True

    def newest(self, latest: str) -> str:
        """The latest change of an advisory that is not after `latest`; empty when none says."""
        row = self._connection.execute("SELECT max(modified) FROM advisory WHERE modified <= ?", (latest,)).fetchone()
        return str(row[0] or "")

    def count(self) -> int:
        """How many advisories the file holds now."""
        return int(self._connection.execute("SELECT count(*) FROM advisory").fetchone()[0])

    def finish(self, facts: dict[str, str]) -> None:
        """Join what is about one hole, note the facts, and put the file in its place.

        Raises:
            OSError, sqlite3.Error: it could not be written; the old file is untouched.
        """
        self._join()
        digest = hashlib.sha256()
        for (one,) in self._connection.execute("SELECT digest FROM advisory ORDER BY digest"):
            digest.update(one)
        places = self._connection.execute("SELECT count(*) FROM affected").fetchone()[0]
        own = {"ecosystem": self.ecosystem, "count": str(self.count()), "places": str(places),
               "digest": digest.hexdigest()}  # fmt: skip
        own["malware"] = str(
            self._connection.execute("SELECT count(*) FROM advisory WHERE kind = ?", (MALWARE,)).fetchone()[0]
        )
        meta = {**facts, **own}
        self._connection.execute("DELETE FROM meta")
        self._connection.executemany("INSERT INTO meta VALUES (?, ?)", [(key, meta[key]) for key in META])
        self._connection.execute("COMMIT")
        self._connection.close()
        handle = os.open(self.path, os.O_RDONLY)
        try:
            os.fchmod(handle, 0o600)
            os.fsync(handle)
        finally:
            os.close(handle)
        os.replace(self.path, self._folder / file_name(self.ecosystem))

    def discard(self) -> None:
        """Remove what was written."""
        with contextlib.suppress(AttributeError, sqlite3.Error):
            self._connection.close()
        for name in (self.path, Path(f"{self.path}-journal")):
            with contextlib.suppress(OSError):
                name.unlink()

    def _join(self) -> None:
        """Give all advisories that name each other one number: the same hole in several lists."""
        leader: dict[str, str] = {}

        def lead(name: str) -> str:
            root = name
            while leader.setdefault(root, root) != root:
                root = leader[root]
            while leader[name] != root:
                leader[name], name = root, leader[name]
            return root

        numbers: list[tuple[int, str]] = []
        for number, name, aliases in self._connection.execute("SELECT number, id, aliases FROM advisory"):
            numbers.append((number, name))
            for alias in json.loads(aliases):
                leader[lead(alias)] = lead(name)
        families: dict[str, int] = {}
        self._connection.executemany(
            "UPDATE advisory SET family = ? WHERE number = ?",
            [(families.setdefault(lead(name), number), number) for number, name in numbers],
        )


def remove_leftovers(folder: Path, older_than_s: float, now_s: float) -> None:
    """Files of imports that were killed."""
    for path in folder.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if now_s - path.lstat().st_mtime > older_than_s:
                path.unlink()
