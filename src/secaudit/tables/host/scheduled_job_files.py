"""scheduled_job_files: what root's cron jobs and system timers start, and who could change it. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Stat, Target, table
from secaudit.tables.host._cron import read_jobs
from secaudit.tables.host._jobwords import files_of
from secaudit.tables.host._names import Names
from secaudit.tables.host._systemd import Units

UNIT_SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
"""Built into systemd, systemd.exec(5)."""
MAX_ROWS = 5_000


class ScheduledJobFile(NamedTuple):
    """One file or folder that a job of root depends on."""

    path: str
    job: str
    """The first job that needs it: `/etc/crontab:17`, the script in cron.daily, or the timer's name."""
    kind: str
    """`program`, or `search folder`: a folder of the job's PATH."""
    uid: int
    username: str
    mode: int
    mode_octal: str
    other_write: int
    group_write: int
    """1: a group that has members besides root may write it."""
    foreign_owner: int
    """1: it belongs to somebody other than root, who may therefore change it."""
    chain_writable: int
    """1: somebody other than root may write a folder above it, and so put another file in its place."""
    weak_place: str
    """The file or folder that is open; '' when none is."""
    source: str
    """The crontab or unit file that starts it."""
    line: int | None


class _Start(NamedTuple):
    job: str
    command: str
    search_path: str
    source: str
    line: int | None


@table(targets={"host", "root"})
def scheduled_job_files(target: Target) -> Iterator[ScheduledJobFile]:
    """Yield one row per file that root's jobs need: programs, scripts given to an interpreter, folders of the PATH.

    Names built from variables are not followed, nor what a script itself starts.

    Source: crontab(5), run-parts(8), systemd.timer(5), systemd.service(5).

    Raises:
        Absent: there is neither cron nor systemd.
        Partial: crontabs, unit files or scripts could not be read.
    """
    unread: list[str] = []
    starts: list[_Start] = []
    missing = 0
    for source in (_cron_starts, _timer_starts):
        try:
            starts.extend(source(target, unread))
        except Absent:
            missing += 1
    if missing == 2:
        raise Absent("neither cron nor systemd is here")
    judge = _Judge(target)
    seen: set[str] = set()
    for start in starts:
        for kind, path in _files(target, start, unread):
            if path in seen:
                continue
            seen.add(path)
            if len(seen) > MAX_ROWS:
                raise Partial(f"more than {MAX_ROWS} programs are started by the clock")
            try:
                yield judge.row(start, kind, path)
            except (FileNotFoundError, NotADirectoryError):
                continue  # a folder of the PATH that does not exist, or a file gone since
            except OSError:
                unread.append(path)
    if unread:
        shown = ", ".join(list(dict.fromkeys(unread))[:5])
        raise Partial(f"these could not be looked at: {shown}", None if target.is_root else "root")


def _cron_starts(target: Target, unread: list[str]) -> Iterator[_Start]:
    reading = read_jobs(target)
    unread.extend(reading.unread)
    for job in reading.jobs:
        if job.username == "root":
            name = job.path if job.line is None else f"{job.path}:{job.line}"
            yield _Start(name, job.command, job.search_path, job.path, job.line)


def _timer_starts(target: Target, unread: list[str]) -> Iterator[_Start]:
    units = Units(target)
    if not units.names:
        raise Absent("systemd is not installed")
    for name in (*units.names, *units.instances()):
        if not name.endswith(".timer") or units.is_alias(name) or not units.at_boot(name):
            continue
        settings = units.settings(units.triggers(name))
        user = ""
        for one in settings:
            if one.section == "Service" and one.key == "User":
                user = one.value
            elif (
                one.section == "Service"
                and one.key == "DynamicUser"
                and one.value.lower() in ("yes", "true", "1", "on")
            ):
                user = user or "dynamic"
        for one in settings:
            if one.section != "Service" or not one.key.startswith("Exec") or one.key == "ExecSearchPath":
                continue
            command = one.value.lstrip("-@:|")
            as_root = command.startswith(("+", "!"))
            if user in ("", "root", "0") or as_root:
                yield _Start(name, command.lstrip("+!-@:|"), UNIT_SEARCH_PATH, one.path, one.line)
    unread.extend(units.unread)


def _files(target: Target, start: _Start, unread: list[str]) -> Iterator[tuple[str, str]]:
    for path in files_of(target, start.command, start.search_path, unread):
        yield "program", path
    for folder in start.search_path.split(":"):
        if folder.startswith("/") and start.search_path != UNIT_SEARCH_PATH:
            yield "search folder", folder.rstrip("/") or "/"


class _Judge:
    """Finds out who may change a path; every folder is looked at once."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._names = Names(target)
        self._shared = _groups_with_members(target)
        self._known: dict[str, Stat] = {}

    def row(self, start: _Start, kind: str, path: str) -> ScheduledJobFile:
        """Raise OSError when the path or a folder above it could not be looked at."""
        own = self._stat(path)
        real = self._target.realpath(path)
        weak = path if self._open(own, False) else ""
        chain = 0
        for folder in dict.fromkeys((*_above(path), *_above(real))):
            if self._open(self._stat(folder), True):
                chain = 1
                weak = weak or folder
        return ScheduledJobFile(
            path=path,
            job=start.job,
            kind=kind,
            uid=own.uid,
            username=self._names.user(own.uid),
            mode=own.mode,
            mode_octal=f"{own.mode:04o}",
            other_write=int(bool(own.mode & 0o002)),
            group_write=int(bool(own.mode & 0o020) and own.gid in self._shared),
            foreign_owner=int(own.uid != 0),
            chain_writable=chain,
            weak_place=weak,
            source=start.source,
            line=start.line,
        )

    def _open(self, found: Stat, above: bool) -> bool:
        """Whether somebody other than root may change it. In a sticky folder nobody can replace what root owns."""
        if found.uid != 0:
            return True
        if above and found.mode & 0o1000:
            return False
        return bool(found.mode & 0o002) or (bool(found.mode & 0o020) and found.gid in self._shared)

    def _stat(self, path: str) -> Stat:
        if path not in self._known:
            self._known[path] = self._target.stat(path)
        return self._known[path]


def _above(path: str) -> list[str]:
    parts = [part for part in path.split("/") if part]
    return ["/" + "/".join(parts[:count]) for count in range(len(parts))]


def _groups_with_members(target: Target) -> set[int]:
    """Groups other than root's that somebody besides root belongs to; all groups when that cannot be read."""
    found: set[int] = set()
    for path, member_of in (("/etc/group", 2), ("/etc/passwd", 3)):
        try:
            lines = target.read_text(path).splitlines()
        except OSError:
            return set(range(1, 70_000))
        for line in lines:
            fields = line.split(":")
            if len(fields) <= member_of or not fields[member_of].isdigit() or not fields[member_of].isascii():
                continue
            if path == "/etc/group":
                members = [
                    name for name in (fields[3].split(",") if len(fields) > 3 else []) if name not in ("", "root")
                ]
                if members:
                    found.add(int(fields[2][:12]))
            elif fields[2] != "0":
                found.add(int(fields[3][:12]))
    return found
