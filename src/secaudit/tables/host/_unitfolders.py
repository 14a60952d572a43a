"""The folders that systemd reads units from: which files and links lie there, the strongest folder first.

The rules are those of systemd.unit(5).
"""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from secaudit.tableapi import Target
from secaudit.tables.host._folders import names_in

PERSISTENT = "/etc/systemd/system"
SEARCH_PATH = (
    "/etc/systemd/system.control",
    "/run/systemd/system.control",
    "/run/systemd/transient",
    "/run/systemd/generator.early",
    PERSISTENT,
    "/etc/systemd/system.attached",
    "/run/systemd/system",
    "/run/systemd/system.attached",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/run/systemd/generator.late",
)
"""From strongest to weakest, systemd.unit(5) table 1. /lib is /usr/lib on merged systems and is then left out."""

VOLATILE = (
    "/run/systemd/system.control",
    "/run/systemd/transient",
    "/run/systemd/system",
    "/run/systemd/system.attached",
)
"""What `systemctl mask --runtime` and its like write here is gone after a restart; generators run anew."""

KINDS = ("service", "socket", "timer", "path", "target", "mount", "automount", "swap", "device", "slice", "scope")
MAX_ENTRIES = 50_000
"""Of all unit folders together; a full desktop has about 1,500."""


class Link(NamedTuple):
    """One symbolic link in a unit folder or in one of its `.wants`, `.requires`, `.upholds` folders."""

    folder: str
    """The folder of the search path."""
    owner: str
    """The unit that pulls, '' for a link that is an alias."""
    name: str
    goal: str
    """The file name that the link leads to."""


class Unit(NamedTuple):
    """What a name means."""

    name: str
    real_name: str
    """The same, or another one when the name is an alias."""
    folder: str
    """Of the search path, where the name was found; for an alias and an instance: where the real file is."""
    path: str
    """The file; for a masked unit the link or empty file that masks it."""
    masked: bool
    linked: bool
    """The file lies outside the search path and a link of the same name leads to it."""


class Found(NamedTuple):
    """What lies in the unit folders: read once a run, shared by all tables and never changed."""

    search_path: list[str]
    """The folders that exist, strongest first."""
    files: dict[str, Unit]
    alias: dict[str, tuple[str, str]]
    """Of a name that is only another one's: the file name and the path that its link leads to."""
    links: list[Link]
    dropins: dict[str, list[str]]
    """By the name of the `.d` folder: where such folders are, strongest first."""
    entries: int
    unread: list[str]


class Search:
    """Reads the unit folders of a target."""

    def __init__(self, target: Target, folders: list[str]) -> None:
        self._target = target
        self._files: dict[str, Unit] = {}
        self._alias: dict[str, tuple[str, str]] = {}
        self._links: list[Link] = []
        self._dropins: dict[str, list[str]] = {}
        self._entries = 0
        self._unread: list[str] = []
        search_path = self._existing(folders)
        for folder in search_path:
            self._scan(folder)
        self.found = Found(
            search_path, self._files, self._alias, self._links, self._dropins, self._entries, self._unread
        )

    def _existing(self, folders: list[str]) -> list[str]:
        found: list[str] = []
        real: set[str] = set()
        for folder in folders:
            try:
                place = self._target.realpath(folder)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError:
                self._unread.append(folder)
                continue
            if place not in real:
                real.add(place)
                found.append(folder if folder != "/lib/systemd/system" else place)
        return found

    def _scan(self, folder: str) -> None:
        for name in self._list(folder):
            path = f"{folder}/{name}"
            stem, _, suffix = name.rpartition(".")
            if suffix in ("wants", "requires", "upholds") and is_unit_name(stem):
                self._links.extend(
                    Link(folder, stem, entry, self._goal(f"{path}/{entry}"))
                    for entry in self._list(path)
                    if is_unit_name(entry)
                )
            elif suffix == "d":
                self._dropins.setdefault(name, []).append(path)
            elif is_unit_name(name):
                self._add(folder, name, path)

    def _list(self, folder: str) -> list[str]:
        names = listed(self._target, folder, self._entries, self._unread)
        self._entries += len(names)
        return names

    def _goal(self, path: str) -> str:
        try:
            return posixpath.basename(self._target.readlink(path))
        except OSError:  # a plain file in a .wants folder counts by its name
            return posixpath.basename(path)

    def _add(self, folder: str, name: str, path: str) -> None:
        try:
            own = self._target.stat(path, follow=False)
        except OSError:
            self._unread.append(path)
            return
        if own.kind == "link":
            text = self._target.readlink(path)
            goal = posixpath.normpath(posixpath.join(folder, text))
            base = posixpath.basename(goal)
            if goal == "/dev/null":
                self._keep(Unit(name, name, folder, path, True, False))
            elif base == name or not is_unit_name(base):
                linked = posixpath.dirname(goal) not in SEARCH_PATH
                self._links.append(Link(folder, "", name, base))
                self._keep(Unit(name, name, folder, goal, is_empty(self._target, goal), linked))
            else:
                self._links.append(Link(folder, "", name, base))
                if name not in self._files:
                    self._alias.setdefault(name, (base, goal))
        elif own.kind in ("file", "char"):  # systemd takes any character device for /dev/null, mounted over the file
            self._keep(Unit(name, name, folder, path, own.kind == "char" or own.size == 0, False))
        elif own.kind != "dir":
            self._unread.append(path)

    def _keep(self, unit: Unit) -> None:
        """The first folder of the search path wins, for files and aliases alike."""
        if unit.name not in self._alias:
            self._files.setdefault(unit.name, unit)


def listed(target: Target, folder: str, entries: int, unread: list[str]) -> list[str]:
    """The names in a folder, as many as there is room for after so many entries."""
    names = names_in(target, folder, unread)
    room = max(0, MAX_ENTRIES - entries)
    if len(names) > room:
        unread.append(f"{folder} (too many entries)")
    return names[:room]


def is_empty(target: Target, path: str) -> bool:
    try:
        found = target.stat(path)
    except OSError:
        return False
    return found.kind == "char" or (found.kind == "file" and found.size == 0)


def is_unit_name(name: str) -> bool:
    """A file name that ends like a unit."""
    stem, _, suffix = name.rpartition(".")
    return bool(stem) and suffix in KINDS
