"""Commands that the clock starts, with the text of the scripts they name: cron, anacron, systemd timers of all.

What `crontab` and `timers` list one by one is put together here for those who look for a certain program.
"""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent
from secaudit.tables.host import _cron, _unitfile
from secaudit.tables.host._homeread import HomeReader
from secaudit.tables.host._systemd import Units

SCRIPT_LIMIT_BYTES = 256 * 1024
MAX_SCRIPTS = 5
"""Of one command."""
STAMPS = "/var/lib/systemd/timers"
_PATH = re.compile(r"(?<![\w./-])/(?:[\w.+-]+/){1,12}[\w.+-]+")
_SYSTEM_PROGRAMS = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/dev/", "/proc/", "/run/")


class Run(NamedTuple):
    """One command that is started regularly."""

    text: str
    """The command, then the scripts and environment files it names; comment lines are left out."""
    path: str
    """The crontab or unit."""
    last_run_s: int | None


class Schedules(NamedTuple):
    """Everything that is started regularly."""

    runs: list[Run]
    complete: bool
    """Whether all places could be read."""


def read_schedules(reader: HomeReader) -> Schedules:
    """Read cron, the system's timers and those of people."""
    runs: list[Run] = []
    unread: list[str] = []
    try:
        reading = _cron.read_jobs(reader.target)
    except Absent:
        pass
    else:
        unread.extend(reading.unread)
        for job in reading.jobs:
            scripts = [job.path] if job.line is None else []
            runs.append(Run(_with_scripts(reader, job.command, scripts), job.path, None))
    units = Units(reader.target)
    for name in (*units.names, *units.instances()):
        if name.endswith(".timer") and not units.is_alias(name) and _is_armed(units, name):
            unit = units.find(units.triggers(name))
            if unit is not None:
                text = _service_text(reader, units.settings(unit.name))
                runs.append(Run(text, unit.path, _stamp(reader, f"{STAMPS}/stamp-{name}")))
    unread.extend(units.unread)
    for home in reader.homes():
        runs.extend(_user_timers(reader, home.directory))
    for path in unread:
        reader.note(path, PermissionError(f"{path} is closed"))
    return Schedules(runs, not unread and reader.complete)


def _is_armed(units: Units, name: str) -> bool:
    return units.at_boot(name) or units.state(name) in ("enabled", "linked", "transient")


def _user_timers(reader: HomeReader, home: str) -> Iterator[Run]:
    own = f"{home}/.config/systemd/user"
    bases = (own, f"{home}/.local/share/systemd/user", "/etc/systemd/user", "/usr/lib/systemd/user")
    for base in (own, "/etc/systemd/user"):
        for name in reader.names(f"{base}/timers.target.wants"):
            if not name.endswith(".timer"):
                continue
            timer = _unit(reader, bases, name)
            service = _unitfile.last(timer, "Timer", "Unit")
            service_name = service.value if service is not None else name[: -len("timer")] + "service"
            settings = _unit(reader, bases, service_name)
            if settings:
                stamp = _stamp(reader, f"{home}/.local/share/systemd/timers/stamp-{name}")
                yield Run(_service_text(reader, settings, home), settings[0].path, stamp)


def _unit(reader: HomeReader, bases: tuple[str, ...], name: str) -> list[_unitfile.Assignment]:
    if "/" in name:
        return []
    template = re.sub(r"@[^@]*\.", "@.", name, count=1)
    for base in bases:
        for file in dict.fromkeys((name, template)):
            text = reader.text(f"{base}/{file}")
            if text is not None:
                return _unitfile.parse(text, f"{base}/{file}")
    return []


def _service_text(reader: HomeReader, settings: list[_unitfile.Assignment], home: str = "/root") -> str:
    commands: list[str] = []
    files: list[str] = []
    for one in settings:
        if one.section != "Service":
            continue
        value = one.value.replace("%h", home)
        if one.key in ("ExecStart", "ExecStartPre", "ExecStartPost"):
            commands.append(value.lstrip("-@:+!"))
        elif one.key == "Environment":
            commands.append(value.replace('"', " "))
        elif one.key == "EnvironmentFile":
            files.append(value.lstrip("-"))
    return _with_scripts(reader, "\n".join(commands), files)


def _with_scripts(reader: HomeReader, command: str, files: list[str]) -> str:
    named = [
        path for path in _PATH.findall(command[:4096]) if not path.startswith(_SYSTEM_PROGRAMS) and path not in files
    ]
    parts = [command]
    for path in (files + named)[:MAX_SCRIPTS]:
        try:
            data = reader.target.read_bytes(path, SCRIPT_LIMIT_BYTES)
        except OSError:  # an argument that is no script, or a script of somebody else
            continue
        if data[:4] == b"\x7fELF" or b"\0" in data[:1024]:
            continue
        parts.append(data.decode("utf-8", "backslashreplace"))
    text = "\n".join(parts).replace("\\\n", " ")
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def _stamp(reader: HomeReader, path: str) -> int | None:
    try:
        return reader.target.stat(path).mtime_s
    except OSError:
        return None
