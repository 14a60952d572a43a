"""Read in the home folders of people, and remember what could not be read.

Tables that look into homes must neither stop at the first closed door nor forget it: `HomeReader` goes on, and its
`finish` says at the end of the table what is missing.
"""

from __future__ import annotations

import fnmatch

from secaudit.tableapi import Partial, Stat, Target
from secaudit.tables.host._passwd import Home, home_of_root, homes, read_accounts

FILE_LIMIT_BYTES = 8 * 1024 * 1024
"""Settings, profiles and credential files are far smaller; a larger file is named in the reason, never skipped
silently."""
MAX_NAMES = 2_000
"""Entries looked at in one folder of a pattern."""


class HomeReader:
    """Reads that never raise for a missing or closed file; what was closed is told by `finish`."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._homes: list[Home] | None = None
        self._denied: dict[str, None] = {}
        self._broken: dict[str, None] = {}
        self._private: dict[tuple[int, int], bool] = {}

    def homes(self) -> list[Home]:
        """Home folders of root and of people; none when there is no /etc/passwd."""
        if self._homes is None:
            try:
                self._homes = list(homes(self.target))
            except FileNotFoundError:
                self._homes = []
        return self._homes

    def desk_homes(self) -> list[Home]:
        """As `homes`, for what only people at a screen have. Root is one of them only where there is nobody else, so
        that the answer is the same for everyone who audits the machine.
        """
        people = [home for home in self.homes() if home.uid != 0]
        return people or self.homes()

    def text(self, path: str, limit_bytes: int = FILE_LIMIT_BYTES) -> str | None:
        """The file's text; None when it is missing, or unreadable (then it is remembered)."""
        data = self.data(path, limit_bytes)
        return None if data is None else data.decode("utf-8", "backslashreplace")

    def data(self, path: str, limit_bytes: int = FILE_LIMIT_BYTES) -> bytes | None:
        """As `text`, undecoded."""
        try:
            return self.target.read_bytes(path, limit_bytes)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            self.note(path, error)
            return None

    def stat(self, path: str) -> Stat | None:
        """What the path leads to; None when it is missing, or cannot be reached (then it is remembered)."""
        try:
            return self.target.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            self.note(path, error)
            return None

    def names(self, folder: str) -> list[str]:
        """Names in the folder; none when it is missing, or cannot be listed (then it is remembered)."""
        try:
            return self.target.listdir(folder)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self.note(folder, error)
            return []

    def matching(self, folder: str, pattern: str) -> list[str]:
        """Paths of the folder's entries that match, hidden ones only when the pattern begins with a dot."""
        found = [
            f"{folder}/{name}"
            for name in self.names(folder)
            if fnmatch.fnmatchcase(name, pattern) and (pattern[0] == "." or name[0] != ".")
        ]
        if len(found) > MAX_NAMES:
            self.broken(f"{folder} has more than {MAX_NAMES} entries {pattern}")
        return found[:MAX_NAMES]

    def expand(self, base: str, pattern: str) -> list[str]:
        """Paths below `base` that match a pattern with `*`; a path without `*` is given whether it exists or not."""
        found = [base]
        parts = pattern.split("/")
        for part in parts:
            if "*" not in part:
                found = [f"{folder}/{part}" for folder in found]
            else:
                found = [path for folder in found for path in self.matching(folder, part)]
        return found

    def note(self, path: str, error: OSError) -> None:
        """Remember that the path could not be read."""
        if isinstance(error, PermissionError):
            self._denied[path] = None
        else:
            self._broken[f"{path} ({error.strerror or error})"] = None

    def broken(self, what: str) -> None:
        """Remember something that was read and not understood."""
        self._broken[what] = None

    @property
    def complete(self) -> bool:
        """Whether everything asked for could be read so far."""
        return not self._denied and not self._broken

    def failed(self, path: str) -> bool:
        """Whether this path could not be read, although it exists or may exist."""
        return path in self._denied or any(what.startswith(f"{path} (") for what in self._broken)

    def finish(self) -> None:
        """Say what is missing.

        Raises:
            Partial: something could not be read.
        """
        if self._denied:
            folders = [home.directory for home in self.homes()]
            places = dict.fromkeys(_home_of(path, folders) for path in self._denied)
            raise Partial(
                "closed to this user: " + _few(places),
                needs=None if self.target.is_root else "root",
                homes=() if self._broken else home_of_root(self.target, self._denied),
            )
        if self._broken:
            raise Partial("not understood: " + _few(self._broken))

    def others_can_read(self, path: str, stat: Stat) -> int | None:
        """1 when an account other than the owner (and root) can really open the file.

        The modes of all folders on the way count, and a group only counts when somebody else is in it. Access
        control lists are not looked at: their mask shows as group bits. NULL when the folders cannot be seen.
        """
        if not stat.mode & 0o044:
            return 0
        by_other = bool(stat.mode & 0o004)
        by_group = bool(stat.mode & 0o040) and not self._is_private(stat.gid, stat.uid)
        try:
            folder = self.target.realpath(path)
            while by_other or by_group:
                folder = folder.rsplit("/", 1)[0]
                if not folder:  # the top is open on every system; of a mounted tree it may not be
                    break
                above = self.target.stat(folder)
                by_other = by_other and bool(above.mode & 0o001)
                by_group = by_group and bool(above.mode & (0o011 if above.gid == stat.gid else 0o001))
        except OSError:
            return None
        return int(by_other or by_group)

    def _is_private(self, gid: int, uid: int) -> bool:
        """Whether the group holds nobody but the owner of the file (and root)."""
        key = (gid, uid)
        if key not in self._private:
            self._private[key] = self._only_owner(gid, uid)
        return self._private[key]

    def _only_owner(self, gid: int, uid: int) -> bool:
        try:
            accounts = read_accounts(self.target)
            lines = self.target.read_text("/etc/group").splitlines()
        except OSError:
            return False
        owners = {account.username for account in accounts if account.uid in (uid, 0)}
        members = {account.username for account in accounts if account.gid == gid}
        for line in lines:
            fields = line.split(":")
            if len(fields) >= 4 and fields[2] == str(gid):
                members.update(name for name in fields[3].split(",") if name)
        return members <= owners


def _home_of(path: str, folders: list[str]) -> str:
    """The home folder that the path is in; the path itself when it is in none."""
    return next((folder for folder in folders if path == folder or path.startswith(folder + "/")), path)


def _few(names: dict[str, None]) -> str:
    listed = list(names)
    more = f" and {len(listed) - 3} more" if len(listed) > 3 else ""
    return ", ".join(listed[:3]) + more
