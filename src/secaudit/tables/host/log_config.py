"""log_config: how this machine writes, keeps and passes on its logs. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Denied, Target, table
from secaudit.tables.host import _rsyslog, _unitfile
from secaudit.tables.host._auditdconf import PATH as AUDITD
from secaudit.tables.host._auditdconf import read_auditd
from secaudit.tables.host._dropins import Config, Setting, parse_bool, read_config, say_unread
from secaudit.tables.host._os_release import read_os_release
from secaudit.tables.host._osfamily import platform_of
from secaudit.tables.host._unitstate import ServiceStates

JOURNALD = ("/usr/lib/systemd/systemd-journald", "/lib/systemd/systemd-journald")
JOURNAL_DEFAULTS = {
    "Storage": "auto",
    "Compress": "yes",
    "Seal": "yes",
    "SystemMaxUse": "",
    "SystemKeepFree": "",
    "MaxRetentionSec": "0",
    "MaxLevelStore": "debug",
    "RateLimitIntervalSec": "30s",
    "RateLimitBurst": "10000",
}
"""journald.conf(5), the same from systemd 240 to 257. An empty SystemMaxUse means a tenth of the disk, at most 4 GB."""
JOURNAL_WORDS = {
    "Storage": ("volatile", "persistent", "auto", "none"),
    "MaxLevelStore": (
        *("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"),
        *(str(number) for number in range(8)),
    ),
}
"""What these settings may be, from src/journal/journald-server.c and src/basic/syslog-util.c of systemd."""
JOURNAL_SWITCHES = ("Compress", "ForwardToSyslog", "Seal")
SIZE = re.compile(r"[0-9]+(\.[0-9]+)?\s*[KMGTPEB]?")
"""Compress= may also be the size from which on it compresses, by parse_size() of systemd."""
LOGROTATE = "/etc/logrotate.conf"
SYSLOG_NG = "/etc/syslog-ng/syslog-ng.conf"


class LogConfig(NamedTuple):
    """One setting of one log program."""

    component: str
    """system (the machine as a whole), journald, rsyslog, syslog-ng, auditd or logrotate."""
    setting: str
    """As the program names it, or one of ours in lower case: kept_on_disk, file_create_mode, network_input,
    journal_input, remote_target, remote_encrypted, schedule."""
    value: str
    """kept_on_disk: the programs that write to disk and start at boot, or none. network_input: none, local, or module
    and port, or the unit that listens. journal_input: the modules that could take the messages of the journal
    (imjournal; imuxsock, when journald passes them on), or none. remote_target: none, local, or the host.
    remote_encrypted, one row per remote target of rsyslog: yes, no or unknown. schedule: timer, cron or none.
    file_create_mode has four digits."""
    path: str | None
    """NULL for a built-in default and for what follows from several files."""
    line: int | None
    is_default: int


@table(targets={"host", "root"})
def log_config(target: Target) -> Iterator[LogConfig]:
    """Yield one row per setting; a setting that may be given several times has a row for each.

    Source: journald.conf(5), rsyslog.conf(5), auditd.conf(5), logrotate(8).

    Raises:
        Partial: a configuration file could not be read.
    """
    unread: list[str] = []
    states = ServiceStates(target)
    keepers: list[str] = []
    if any(target.exists(path) for path in JOURNALD):
        config = read_config(target, "systemd/journald.conf")
        unread.extend(config.unread)
        for key, default in JOURNAL_DEFAULTS.items():
            found = _last_known(config, key)
            if found is None and config.unread:
                continue  # whether it is the default, nobody can say
            if found is None:
                yield LogConfig("journald", key, default, None, None, 1)
            else:
                yield LogConfig("journald", key, found.value, found.path, found.line, 0)
        forward = _forwards(target, config)
        if forward is not None:
            yield forward
        storage = _last_known(config, "Storage")
        if _journal_persistent(target, "auto" if storage is None else storage.value):
            keepers.append("journald")
        yield _journal_unit(states, "network_input", "systemd-journal-remote")
        yield _journal_unit(states, "remote_target", "systemd-journal-upload")
    for name in ("rsyslog", "syslog-ng", "syslogd", "metalog"):
        unit = states.installed((f"{name}.service",))
        if unit is not None and states.at_boot(unit):
            keepers.append(name)
    if keepers or not unread:
        yield LogConfig("system", "kept_on_disk", " ".join(keepers) or "none", None, None, 0)
    if target.exists(_rsyslog.MAIN) and target.find_program("rsyslogd") is not None:
        yield from _of_rsyslog(target, states, unread)
    if target.exists(SYSLOG_NG) and target.find_program("syslog-ng") is not None:
        yield from _of_syslog_ng(target, unread)
    yield from _of_auditd(target, unread)
    yield from _of_logrotate(target, states, unread)
    say_unread(unread)


def _journal_persistent(target: Target, storage: str) -> bool:
    if storage != "auto":
        return storage == "persistent"
    try:
        return target.stat("/var/log/journal").kind == "dir"
    except (FileNotFoundError, NotADirectoryError):
        return False


def _last_known(config: Config, key: str) -> Setting | None:
    """The assignment that decides; journald passes over words that it does not know, capitals count."""
    words = JOURNAL_WORDS.get(key)
    for setting in reversed(config.settings):
        if setting.section == "Journal" and setting.key == key:
            if not setting.value:
                return None
            if key in JOURNAL_SWITCHES:
                switch = parse_bool(setting.value)
                if switch is not None:
                    return setting._replace(value="yes" if switch else "no")
                if key == "Compress" and SIZE.fullmatch(setting.value):
                    return setting
            elif words is None or setting.value in words:
                return setting
    return None


def _forwards(target: Target, config: Config) -> LogConfig | None:
    """ForwardToSyslog: Debian and Ubuntu built it in as yes up to Debian 12 and Ubuntu 24.04, all others as no."""
    found = _last_known(config, "ForwardToSyslog")
    if found is not None:
        return LogConfig("journald", "ForwardToSyslog", found.value, found.path, found.line, 0)
    if config.unread:
        return None
    try:
        values = read_os_release(target)
    except OSError:
        return None
    platform = platform_of(values)
    last = {"debian": 12.0, "ubuntu": 24.04}.get(platform, 0.0)
    version = re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,4})?", values.get("VERSION_ID", ""))
    if "ID" not in values or (last and version is None):  # testing has no number
        return None
    is_on = last and version is not None and float(version.group()) <= last
    return LogConfig("journald", "ForwardToSyslog", "yes" if is_on else "no", None, None, 1)


def _journal_unit(states: ServiceStates, setting: str, name: str) -> LogConfig:
    """Two services of systemd pass journals from machine to machine."""
    for unit in (f"{name}.socket", f"{name}.service"):
        if states.units.find(unit) is not None and states.at_boot(unit):
            return LogConfig("journald", setting, unit, None, None, 0)
    return LogConfig("journald", setting, "none", None, None, 1)


def _of_rsyslog(target: Target, states: ServiceStates, unread: list[str]) -> Iterator[LogConfig]:
    seen: set[str] = set()
    said = _unitfile.last(states.units.settings("rsyslog.service"), "Service", "UMask")  # Red Hat's has 0066
    umask = int(said.value, 8) if said is not None and re.fullmatch("[0-7]{1,4}", said.value) else 0o022
    known_before = len(unread)
    for fact in _rsyslog.read_rsyslog(target, unread, umask):
        seen.add(fact.setting)
        value = fact.value.zfill(4) if fact.setting == "file_create_mode" else fact.value
        yield LogConfig("rsyslog", fact.setting, value, fact.path, fact.line, 0)
    for setting, default in (
        ("file_create_mode", f"{_rsyslog.DEFAULT_MODE & ~umask:04o}"),
        ("network_input", "none"),
        ("remote_target", "none"),
        ("journal_input", "none"),
    ):
        if setting not in seen and len(unread) == known_before:
            yield LogConfig("rsyslog", setting, default, None, None, 1)


def _of_syslog_ng(target: Target, unread: list[str]) -> Iterator[LogConfig]:
    """Network drivers in `source` and `destination` blocks; syslog-ng.conf(5) of one-level blocks."""
    seen: set[str] = set()
    known_before = len(unread)
    for path in (SYSLOG_NG, *target.glob("/etc/syslog-ng/conf.d/*.conf")):
        try:
            text = target.read_text(path)
        except OSError:
            unread.append(path)
            continue
        block = ""
        for number, line in enumerate(text.splitlines(), 1):
            line = line.split("#", 1)[0]
            opening = re.match(r"\s*(source|destination|options|log|filter|template|parser|rewrite)\b", line)
            block = opening.group(1) if opening else block
            driver = re.search(r"\b(network|syslog|tcp6?|udp6?)\s*\(\s*(?:\"([^\"]*)\")?", line)
            if driver and block in ("source", "destination"):
                setting = "network_input" if block == "source" else "remote_target"
                seen.add(setting)
                value = driver.group(1) if block == "source" else driver.group(2) or driver.group(1)
                yield LogConfig("syslog-ng", setting, value, path, number, 0)
            mode = re.search(r"\bperm\s*\(\s*([0-7]{3,4})\s*\)", line)
            if mode:
                seen.add("file_create_mode")
                yield LogConfig("syslog-ng", "file_create_mode", mode.group(1).zfill(4), path, number, 0)
    for setting, default in (("file_create_mode", "0600"), ("network_input", "none"), ("remote_target", "none")):
        if setting not in seen and len(unread) == known_before:
            yield LogConfig("syslog-ng", setting, default, None, None, 1)


def _of_auditd(target: Target, unread: list[str]) -> Iterator[LogConfig]:
    try:
        settings = read_auditd(target)
    except Absent:
        return
    except Denied:
        unread.append(AUDITD)
        return
    for setting in settings.values():
        if setting.line is not None:
            yield LogConfig("auditd", setting.name, setting.value, AUDITD, setting.line, 0)


def _of_logrotate(target: Target, states: ServiceStates, unread: list[str]) -> Iterator[LogConfig]:
    """Global settings stand before the first block; the schedule is a timer or a script of cron."""
    if target.find_program("logrotate") is None:
        return
    schedule = "none"
    if states.units.find("logrotate.timer") is not None and states.at_boot("logrotate.timer"):
        schedule = "timer"
    elif target.exists("/etc/cron.daily/logrotate") or target.exists("/etc/periodic/daily/logrotate"):
        schedule = "cron"
    yield LogConfig("logrotate", "schedule", schedule, None, None, 0)
    try:
        text = target.read_text(LOGROTATE)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError:
        unread.append(LOGROTATE)
        return
    for number, line in enumerate(text.splitlines(), 1):
        if "{" in line:
            return
        words = line.split("#", 1)[0].split()
        if not words:
            continue
        if words[0] in ("hourly", "daily", "weekly", "monthly", "yearly"):
            yield LogConfig("logrotate", "frequency", words[0], LOGROTATE, number, 0)
        elif words[0] in ("rotate", "maxage", "maxsize", "size", "compress", "create", "su", "include"):
            yield LogConfig("logrotate", words[0], " ".join(words[1:]), LOGROTATE, number, 0)
