"""logrotate_rules: which logs are rotated, how long they are kept, and the mode of the new files. Not in osquery."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host._dropins import say_unread

MAIN = "/etc/logrotate.conf"
DAYS = {"hourly": 0, "daily": 1, "weekly": 7, "monthly": 28, "yearly": 365}
TABOO = (
    "*,v *.bak *.cfsaved *.disabled *.dpkg-bak *.dpkg-del *.dpkg-dist *.dpkg-new *.dpkg-old *.dpkg-tmp *.rhn-cfg-tmp-* "
    "*.rpmnew *.rpmorig *.rpmsave *.swp *.ucf-dist *.ucf-new *.ucf-old *~"
).split()
"""Names in an included folder that are passed over, logrotate(8) under taboopat, version 3.21."""
SCRIPTS = ("prerotate", "postrotate", "firstaction", "lastaction", "preremove")
MAX_FILES = 1_000
MAX_RULES = 20_000


class LogrotateRule(NamedTuple):
    """One pattern of log files."""

    log: str
    """The pattern as written, without quotes."""
    frequency: str
    """hourly, daily, weekly, monthly, yearly, or size."""
    rotations: int
    """How many old files are kept; -1 for all."""
    kept_days: int | None
    """How many days back the old files reach; NULL when the size of the file decides, or all are kept,
    or logrotate would refuse the block."""
    create_mode: str
    """Four digits; empty when the new file gets the mode of the old one, or is made by the program that writes it."""
    path: str
    line: int


class _Settings(NamedTuple):
    frequency: str = "weekly"
    rotations: int = 0
    max_age: int = 0
    by_size: bool = False
    unsure: bool = False
    """maxsize may rotate earlier; a comment behind a setting makes logrotate pass over the whole block."""
    create_mode: str = ""


class _Reader:
    """Reads the files as logrotate does: what stands before a block holds for it and all later ones."""

    def __init__(self, target: Target, unread: list[str]) -> None:
        self._target = target
        self._unread = unread
        self._settings = _Settings()
        self._files = 0
        self.rules: list[LogrotateRule] = []

    def read(self, path: str, depth: int = 0) -> None:
        self._files += 1
        if self._files > MAX_FILES or depth > 5:
            self._unread.append(path)
            return
        try:
            lines = self._target.read_text(path).split("\n")
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError:
            self._unread.append(path)
            return
        logs: list[tuple[str, int]] = []
        inside: _Settings | None = None
        in_script = False
        for number, raw in enumerate(lines, 1):
            line = "" if raw.lstrip().startswith("#") else raw.strip()
            if in_script:
                in_script = line != "endscript"
                continue
            for part in re.findall(r"[{}]|(?:\"[^\"]*\"|'[^']*'|[^{}\"'])+", line):
                text = re.sub(r"^(\w+)\s*=\s*", r"\1 ", part.strip())
                if text == "{":
                    inside = self._settings
                elif text == "}":
                    self._close(logs, inside or self._settings, path)
                    logs, inside = [], None
                elif inside is not None:
                    in_script = text.split()[0] in SCRIPTS if text else in_script
                    inside = _with(inside, text.split())
                elif text.startswith(("/", '"', "'")):
                    logs.extend((word.strip("\"'"), number) for word in re.findall(r"\"[^\"]*\"|'[^']*'|\S+", text))
                elif text:
                    self._global(text.split(), path, depth)

    def _global(self, words: list[str], path: str, depth: int) -> None:
        if words[0] != "include" or len(words) < 2:
            self._settings = _with(self._settings, words)
            return
        place = words[1].rstrip("/")
        try:
            if self._target.stat(place).kind != "dir":
                self.read(place, depth + 1)
                return
            names = self._target.listdir(place)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError:
            self._unread.append(place)
            return
        for name in names:
            if not any(fnmatchcase(name, pattern) for pattern in TABOO) and f"{place}/{name}" != path:
                self.read(f"{place}/{name}", depth + 1)

    def _close(self, logs: list[tuple[str, int]], settings: _Settings, path: str) -> None:
        days: int | None = DAYS[settings.frequency] * settings.rotations
        if settings.frequency == "hourly":
            days = settings.rotations // 24
        if settings.by_size or settings.unsure or settings.rotations < 0:
            days = None
        elif settings.max_age and days is not None:
            days = min(days, settings.max_age)
        for log, line in logs:
            if len(self.rules) >= MAX_RULES:
                self._unread.append(f"rules after the first {MAX_RULES}")
                return
            frequency = "size" if settings.by_size else settings.frequency
            self.rules.append(LogrotateRule(log, frequency, settings.rotations, days, settings.create_mode, path, line))


def _with(settings: _Settings, words: list[str]) -> _Settings:
    if not words:
        return settings
    if any(word.startswith("#") for word in words):
        settings = settings._replace(unsure=True)
    name, values = words[0].lower(), words[1:]
    number = int(values[0]) if values and re.fullmatch(r"-?[0-9]{1,6}", values[0]) else 0
    if name in DAYS:
        return settings._replace(frequency=name, by_size=False)
    if name == "rotate":
        return settings._replace(rotations=number)
    if name == "maxage":
        return settings._replace(max_age=number)
    if name == "size":
        return settings._replace(by_size=True)
    if name == "maxsize":
        return settings._replace(unsure=True)
    if name == "create":
        mode = values[0] if values and re.fullmatch(r"[0-7]{3,4}", values[0]) else ""
        return settings._replace(create_mode=mode.zfill(4) if mode else "")
    if name == "nocreate":
        return settings._replace(create_mode="")
    return settings


@table(targets={"host", "root"})
def logrotate_rules(target: Target) -> Iterator[LogrotateRule]:
    """Yield one row per pattern in front of a block of /etc/logrotate.conf and the files that it includes.

    Source: logrotate(8), version 3.21.

    Raises:
        Absent: logrotate is not installed.
        Partial: a file could not be read.
    """
    if target.find_program("logrotate") is None:
        raise Absent("logrotate is not installed")
    unread: list[str] = []
    reader = _Reader(target, unread)
    reader.read(MAIN)
    yield from reader.rules
    say_unread(unread)
