"""service_programs: the files that services start, and who could change them. Not in osquery."""

from __future__ import annotations

import posixpath
from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Target, table
from secaudit.tables.host._systemd import Units

COMMANDS = ("ExecStartPre", "ExecStart", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost", "ExecCondition")
COMMAND_SIGNS = "@-:+!|"
ROOT_NAMES = ("root", "0", "")
WRITE_GROUP = 0o020
WRITE_OTHERS = 0o002
STICKY = 0o1000


class ServiceProgram(NamedTuple):
    """One file of one service."""

    name: str
    """The service."""
    kind: str
    """unit (its own file or a drop-in) or program."""
    file_path: str
    """The file with all links resolved; as written when it is not there."""
    user: str
    """Whose rights the service has; root unless it says otherwise."""
    present: int
    uid: int | None
    """Owner; NULL when the file is not there or could not be looked at."""
    mode: int | None
    weak: int | None
    """1 when somebody else than root can change or replace the file: it or a folder above it is writable by its group
    (other than root's) or by all, or belongs to another account."""
    weak_place: str
    """The file or folder that is open; '' when none is."""
    weak_uid: int
    """Owner of that place; 0 when none is open."""


@table(targets={"host", "root"})
def service_programs(target: Target) -> Iterator[ServiceProgram]:
    """Yield one row per file of each service that starts at boot or on request, each file of a service once.

    Source: systemd.service(5), path_resolution(7).

    Raises:
        Absent: systemd is not installed.
        Partial: unit files could not be read.
    """
    units = Units(target)
    if not units.names:
        raise Absent("systemd is not installed")
    look = _Look(target)
    for name in units.started():
        if not name.endswith(".service"):
            continue
        settings = units.settings(name)
        user = "root"
        dynamic = False
        programs: dict[str, list[str]] = {}
        for one in settings:
            if one.section != "Service":
                continue
            if one.key == "User":
                user = "root" if one.value in ROOT_NAMES else one.value
            elif one.key == "DynamicUser":
                dynamic = one.value.lower() in ("yes", "true", "1", "on", "y", "t")
            elif one.key in COMMANDS:
                program = (one.value.split(None, 1) or [""])[0].lstrip(COMMAND_SIGNS).strip("\"'")
                programs[one.key] = [*programs.get(one.key, ()), program] if one.value else []
        if dynamic and user == "root":
            user = name.rpartition(".")[0]
        files = [("unit", path) for path in dict.fromkeys(one.path for one in settings)]
        started = dict.fromkeys(path for paths in programs.values() for path in paths)
        files.extend(("program", path) for path in started if path.startswith("/") and "%" not in path)
        for kind, path in files:
            yield look.row(name, kind, path, user)
    if units.unread:
        shown = ", ".join(units.unread[:5])
        raise Partial(
            f"{len(units.unread)} unit files or folders could not be read: {shown}", None if target.is_root else "root"
        )


class _Look:
    """Looks at each file and folder once."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._places: dict[str, tuple[int, int, str] | None] = {}

    def row(self, name: str, kind: str, path: str, user: str) -> ServiceProgram:
        try:
            real = self._target.realpath(path)
        except (FileNotFoundError, NotADirectoryError):
            return ServiceProgram(name, kind, path, user, 0, None, None, 0, "", 0)
        except OSError:
            return ServiceProgram(name, kind, path, user, 1, None, None, None, "", 0)
        own = self._place(real)
        weak: int | None = 0
        weak_place, weak_uid = "", 0
        for place in _chain(real, path):
            found = self._place(place)
            if found is None:
                weak = None
                continue
            uid, mode, sort = found
            if sort not in ("file", "dir"):
                continue  # /dev/null of a masked drop-in
            open_to_all = mode & WRITE_OTHERS and not (sort == "dir" and mode & STICKY)
            if uid != 0 or open_to_all or (mode & WRITE_GROUP and self._group_is_foreign(place)):
                weak, weak_place, weak_uid = 1, place, uid
                break
        uid_or_none, mode_or_none = (own[0], own[1]) if own else (None, None)
        return ServiceProgram(name, kind, real, user, 1, uid_or_none, mode_or_none, weak, weak_place, weak_uid)

    def _place(self, path: str) -> tuple[int, int, str] | None:
        if path not in self._places:
            try:
                found = self._target.stat(path)
                self._places[path] = (found.uid, found.mode, found.kind)
            except OSError:
                self._places[path] = None
        return self._places[path]

    def _group_is_foreign(self, path: str) -> bool:
        return self._target.stat(path).gid != 0


def _chain(real: str, written: str) -> list[str]:
    """The file and every folder above it, also above the place where it was written."""
    found = [real]
    for path in (real, written):
        while path not in ("/", ""):
            path = posixpath.dirname(path)
            found.append(path)
    return list(dict.fromkeys(found))
