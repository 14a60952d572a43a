"""Read every crontab: /etc/crontab, /etc/cron.d, those of people, the cron.daily folders, and anacron's."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Denied, Target
from secaudit.tables.host._folders import names_in

USER_FOLDERS = ("/var/spool/cron/crontabs", "/var/spool/cron", "/etc/crontabs")
"""Debian and Alpine, Fedora and Arch, Alpine's real folder."""
PERIODS = ("hourly", "daily", "weekly", "monthly", "yearly")
PERIODIC_FOLDERS = tuple(f"/etc/cron.{period}" for period in PERIODS)
ALPINE_FOLDERS = ("/etc/periodic/15min", *(f"/etc/periodic/{period}" for period in PERIODS[:4]))
PROGRAMS = ("cron", "crond", "anacron", "fcron", "dcron")
SYSTEMD_CRON = "/usr/lib/systemd/system-generators/systemd-crontab-generator"
DEFAULT_PATH = "/usr/bin:/bin"
"""cron(8) of Debian and cronie; each file may set PATH."""
MAX_FILES = 5_000

_ASSIGNMENT = re.compile(r"""\s*["']?([A-Za-z_]\w{0,100})["']?\s*=\s*(.*)""")
_STRICT_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
_PERIOD = re.compile(r"\d{1,5}|@[a-z]{1,20}")


class Job(NamedTuple):
    """One thing that the clock starts."""

    event: str
    """`@reboot`, `@daily` ...; '' when the five time fields say when."""
    times: tuple[str, str, str, str, str]
    """Minute, hour, day of month, month, day of week; '' each where `event` says when."""
    command: str
    username: str
    path: str
    line: int | None
    """NULL for a script of its own."""
    search_path: str
    """PATH as the job sees it."""


class Reading(NamedTuple):
    """All jobs, and the places that were closed to us."""

    jobs: list[Job]
    unread: list[str]


def read_jobs(target: Target) -> Reading:
    """Every job that an installed cron would start.

    Raises:
        Absent: no cron is installed, so that left-over files start nothing.
        Denied: whether one is installed cannot be seen.
    """
    jobs: list[Job] = []
    unread: list[str] = []
    if not any(target.find_program(name) for name in PROGRAMS) and not _exists(target, SYSTEMD_CRON, unread):
        if unread:
            raise Denied(f"{unread[0]} could not be looked at, so whether cron is here is not known", None)
        raise Absent("no cron is installed")
    strict = _exists(target, "/var/lib/dpkg/status", unread)
    jobs.extend(_system_table(target, "/etc/crontab", unread))
    for name in _names(target, "/etc/cron.d", unread):
        if _counts(name, strict):
            jobs.extend(_system_table(target, f"/etc/cron.d/{name}", unread))
    for folder in dict.fromkeys(_real(target, place) for place in USER_FOLDERS):
        for name in _names(target, folder, unread):
            if not name.startswith((".", "tmp.")) and not (
                folder == "/var/spool/cron" and _is_folder(target, folder, name)
            ):
                jobs.extend(_table(target, f"{folder}/{name}", name, unread))
    for folder in (*PERIODIC_FOLDERS, *ALPINE_FOLDERS):
        jobs.extend(_scripts(target, folder, strict, unread))
    if target.find_program("anacron") is not None:
        jobs.extend(_anacron(target, unread))
    return Reading(jobs, unread)


def _exists(target: Target, path: str, unread: list[str]) -> bool:
    try:
        return target.exists(path)
    except OSError:
        unread.append(path)
        return False


def _real(target: Target, path: str) -> str:
    try:
        return target.realpath(path)
    except OSError:
        return path


def _is_folder(target: Target, folder: str, name: str) -> bool:
    try:
        return target.stat(f"{folder}/{name}").kind == "dir"
    except OSError:
        return False


def _names(target: Target, folder: str, unread: list[str]) -> list[str]:
    names = names_in(target, folder, unread)
    if len(names) > MAX_FILES:
        unread.append(f"{folder} (too many files)")
    return names[:MAX_FILES]


def _counts(name: str, strict: bool) -> bool:
    """Debian's cron and run-parts(8) take letters, digits, - and _ only; cronie skips what editors leave behind."""
    if strict:
        return _STRICT_NAME.fullmatch(name) is not None
    return not name.startswith((".", "#")) and not name.endswith(("~", ".rpmsave", ".rpmorig", ".rpmnew", ",v"))


def _text(target: Target, path: str, unread: list[str]) -> str:
    try:
        return target.read_text(path)
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError:
        unread.append(path)
        return ""


def _system_table(target: Target, path: str, unread: list[str]) -> Iterator[Job]:
    return _table(target, path, None, unread)


def _table(target: Target, path: str, username: str | None, unread: list[str]) -> Iterator[Job]:
    """Lines of crontab(5); in system tables the user stands before the command."""
    search_path = DEFAULT_PATH
    for number, raw in enumerate(_text(target, path, unread).split("\n"), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        match = _ASSIGNMENT.fullmatch(line)
        if match is not None:
            if match.group(1) == "PATH":
                search_path = match.group(2).strip().strip("\"'")
            continue
        event = line.startswith("@")
        fields = line.split(None, (1 if event else 5) + (username is None))
        wanted = (2 if event else 6) + (username is None)
        if len(fields) < wanted:
            continue
        times = ("", "", "", "", "") if event else (fields[0].lstrip("-"), fields[1], fields[2], fields[3], fields[4])
        yield Job(
            event=fields[0].lower() if event else "",
            times=times,
            command=fields[-1],
            username=username if username is not None else fields[-2].partition(":")[0],
            path=path,
            line=number,
            search_path=search_path,
        )


def _scripts(target: Target, folder: str, strict: bool, unread: list[str]) -> Iterator[Job]:
    """Scripts that run-parts(8) starts: executable, with a name that counts."""
    event = "@" + folder.rpartition("/")[2].rpartition(".")[2]
    for name in _names(target, folder, unread):
        path = f"{folder}/{name}"
        try:
            found = target.stat(path)
        except FileNotFoundError:
            continue
        except OSError:
            unread.append(path)
            continue
        if found.kind == "file" and found.mode & 0o111 and _counts(name, strict):
            yield Job(event, ("", "", "", "", ""), path, "root", path, None, DEFAULT_PATH)


def _anacron(target: Target, unread: list[str]) -> Iterator[Job]:
    """anacrontab(5): period in days, delay, name of the job, command."""
    path = "/etc/anacrontab"
    search_path = DEFAULT_PATH
    for number, raw in enumerate(_text(target, path, unread).split("\n"), 1):
        line = raw.strip()
        match = _ASSIGNMENT.fullmatch(line)
        if match is not None:
            if match.group(1) == "PATH":
                search_path = match.group(2).strip().strip("\"'")
            continue
        fields = line.split(None, 3)
        if len(fields) == 4 and _PERIOD.fullmatch(fields[0]):
            event = fields[0] if fields[0].startswith("@") else f"every {fields[0]} days"
            yield Job(event, ("", "", "", "", ""), fields[3], "root", path, number, search_path)
