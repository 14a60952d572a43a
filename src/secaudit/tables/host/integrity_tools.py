"""integrity_tools: programs that notice changed files, whether they know a good state, and who starts them."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host._aideconf import find_config, read_aide
from secaudit.tables.host._cron import read_jobs
from secaudit.tables.host._dropins import say_unread
from secaudit.tables.host._systemd import Units

SYSTEMD = ("/usr/lib/systemd/systemd", "/lib/systemd/systemd")
AIDE_DATABASES = ("/var/lib/aide/aide.db", "/var/lib/aide/aide.db.gz")
TOOLS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "aide": ("aide", AIDE_DATABASES, ()),
    "tripwire": ("tripwire", ("/var/lib/tripwire/*.twd",), ()),
    "samhain": ("samhain", ("/var/lib/samhain/samhain_file", "/var/state/samhain/samhain_file"), ("samhain.service",)),
    "rkhunter": ("rkhunter", ("/var/lib/rkhunter/db/rkhunter.dat",), ()),
    "debsums": ("debsums", ("/var/lib/dpkg/status",), ()),
    "wazuh": ("wazuh-syscheckd", ("/var/ossec/queue/fim/db/fim.db",), ("wazuh-agent.service",)),
}
"""Tool -> its program, where it keeps the good state, and the service that compares all the time."""
PROGRAM_PLACES = {"wazuh-syscheckd": "/var/ossec/bin/wazuh-syscheckd"}
DEFAULTS = {
    "rkhunter": ("/etc/default/rkhunter", r"^\s*CRON_DAILY_RUN=[\"']?[YyTt]"),
    "debsums": ("/etc/default/debsums", r"^\s*CRON_CHECK=[\"']?(?:daily|weekly|monthly)"),
}
"""Scripts of cron that do nothing unless a word in this file says so."""
CHECKING = {
    "aide": r"\bdailyaidecheck\b|\baide\b.*(?:--check|--update|--compare|\s-C\b|\s-u\b)|\baide\.wrapper\b",
    "tripwire": r"\btripwire\b.*(?:--check|\s-m\s*c\b)",
    "samhain": r"\bsamhain\b.*-t\s+check",
    "rkhunter": r"\brkhunter\b.*(?:--check|\s-c\b|--cronjob)",
    "debsums": r"\bdebsums\b",
    "wazuh": r"\bwazuh-syscheckd\b",
}
"""Commands that compare."""


class IntegrityTool(NamedTuple):
    """One installed tool."""

    tool: str
    """aide, tripwire, samhain, rkhunter, debsums or wazuh."""
    database: str
    """Where the good state is kept."""
    has_database: int | None
    """1 when the good state was made; NULL when that place is closed to us."""
    database_age_days: int | None
    """-1 when there is none."""
    schedule: str
    """The timer, service or cron file that starts a comparison; empty when there is none."""
    config: str
    """The configuration file; empty when there is none, or it is not known."""


@table(targets={"host", "root"})
def integrity_tools(target: Target) -> Iterator[IntegrityTool]:
    """Yield one row per tool that is installed.

    Source: aide.conf(5), dailyaidecheck(8) and the cron scripts of Debian's packages.

    Raises:
        Absent: none of these tools is installed.
        Partial: unit files or crontabs could not be read.
    """
    unread: list[str] = []
    schedules: _Schedules | None = None
    for tool, (program, places, services) in TOOLS.items():
        own_place = PROGRAM_PLACES.get(program)
        if target.find_program(program) is None and not (own_place and target.exists(own_place)):
            continue
        schedules = schedules or _Schedules(target, unread)
        config = find_config(target) or "" if tool == "aide" else ""
        if config:
            places = _aide_databases(target, config, unread) or places
        database, has, age = _database(target, places)
        yield IntegrityTool(tool, database, has, age, schedules.of(tool, services), config)
    if schedules is None:
        raise Absent("no tool that notices changed files is installed")
    say_unread(unread)


def _aide_databases(target: Target, config: str, unread: list[str]) -> tuple[str, ...]:
    read = read_aide(target, config)
    unread.extend(read.unread)
    last = read.databases[-1] if read.databases else ""
    path = re.sub(r"^file:(//)?", "", last)
    return (path,) if path.startswith("/") and "@@{" not in path else ()


def _database(target: Target, places: tuple[str, ...]) -> tuple[str, int | None, int | None]:
    for place in places:
        try:
            for path in target.glob(place) if "*" in place else [place]:
                entry = target.stat(path)
                if entry.kind == "file" and entry.size > 0:
                    return path, 1, max(0, (target.now_s - entry.mtime_s) // 86_400)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            return place, None, None
    return places[0], 0, -1


class _Schedules:
    """Timers that are armed at boot, and jobs of cron."""

    def __init__(self, target: Target, unread: list[str]) -> None:
        self._target = target
        self._has_systemd = any(target.exists(path) for path in SYSTEMD)
        self._units = Units(target)
        self._commands: list[tuple[str, str]] = []
        for name in (*self._units.names, *self._units.instances()):
            if name.endswith(".timer") and not self._units.is_alias(name) and self._units.at_boot(name):
                for one in self._units.settings(self._units.triggers(name)):
                    if one.section == "Service" and one.key == "ExecStart":
                        self._commands.append((name, one.value))
        unread.extend(self._units.unread)
        try:
            reading = read_jobs(target)
        except Absent:
            return
        unread.extend(reading.unread)
        for job in reading.jobs:
            if job.line is None:  # a script in cron.daily or the like: what it does counts
                self._commands.extend((job.path, line) for line in self._script(job.command.split(None, 1)[0], unread))
            else:
                self._commands.append((job.path, job.command))

    def _script(self, path: str, unread: list[str]) -> list[str]:
        try:
            text = self._target.read_text(path)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError:
            unread.append(path)
            return []
        if self._has_systemd and re.search(r"-d\s+/run/systemd/system\b.*\n?.*exit\s+0", text):
            return []  # leaves the work to a timer where systemd runs
        return [line for line in text.split("\n") if not line.lstrip().startswith("#")]

    def of(self, tool: str, services: tuple[str, ...]) -> str:
        for name in services:
            if self._units.find(name) is not None and self._units.at_boot(name):
                return name
        matcher = re.compile(CHECKING[tool])
        default = DEFAULTS.get(tool)
        for source, command in self._commands:
            if not matcher.search(command[:2_000]):
                continue
            if default is not None and source.startswith(("/etc/cron.", "/etc/periodic")) and not self._says(*default):
                continue
            return source
        return ""

    def _says(self, path: str, expression: str) -> bool:
        try:
            return re.search(expression, self._target.read_text(path), re.M) is not None
        except OSError:
            return False
