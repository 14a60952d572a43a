"""core_dumps: what happens to the memory of a program that crashes. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._dropins import Setting, read_config, say_unread
from secaudit.tables.host._limits import Limit, read_limits
from secaudit.tables.host._sysctl import Assignment, Defaults, boot_value, read_configured, read_running

PATTERN = "kernel/core_pattern"


class CoreDumps(NamedTuple):
    """How crashes are handled. Always one row."""

    handler: str | None
    """nobody (dumps are thrown away), file, systemd-coredump, apport, abrt, or the name of another program; NULL when
    it cannot be known."""
    core_pattern: str | None
    """kernel.core_pattern: running, in a mounted file system that of the next start."""
    storage: str
    """Storage= of systemd-coredump: external, journal or none."""
    process_size_max: str
    """ProcessSizeMax= of systemd-coredump; 0 throws dumps away."""
    soft_limit: str
    """The soft limit of limits.conf for everyone (*) on `core`; empty when none is set."""
    hard_limit: str
    """The hard one, which people cannot raise."""
    suid_dumpable: int | None
    """fs.suid_dumpable: 0 no dumps of programs with special rights, 1 dumps as their user, 2 readable by root only."""
    kept: int | None
    """1 when a dump of an ordinary program ends up on the disk without anyone asking for it; NULL when that cannot be
    known."""
    path: str | None
    """The file that decides, NULL for defaults."""
    line: int | None


@table(targets={"host", "root"})
def core_dumps(target: Target) -> Iterator[CoreDumps]:
    """Yield one row about core dumps.

    Debian and its derivatives start programs with a soft limit of 0, so there a plain file is only written when
    somebody raises that limit.

    Source: core(5), coredump.conf(5), limits.conf(5).

    Raises:
        Partial: a configuration file could not be read.
    """
    configured = read_configured(target)
    defaults = Defaults(target)

    def value(key: str) -> str | None:
        return read_running(target, key) if target.live else boot_value(target, configured, defaults, key)

    pattern = value(PATTERN)
    handler = _handler(pattern)
    config = read_config(target, "systemd/coredump.conf")
    known = [one for one in config.settings if one.value in ("none", "external", "journal") or one.key != "Storage"]
    storage = config._replace(settings=known).last("Coredump", "Storage")  # other words are passed over
    size = config.last("Coredump", "ProcessSizeMax")
    soft, hard = _limits(target, configured.unread)
    decider: Setting | Limit | Assignment | None
    kept, decider = _kept(handler, storage, size, _closing(soft, hard), defaults.family)
    if decider is None and handler not in ("systemd-coredump", "file"):
        decider = configured.of(PATTERN)
    number = value("fs/suid_dumpable")
    yield CoreDumps(
        handler=handler,
        core_pattern=pattern,
        storage="external" if storage is None else storage.value.lower(),
        process_size_max="" if size is None else size.value,
        soft_limit="" if soft is None else soft.value,
        hard_limit="" if hard is None else hard.value,
        suid_dumpable=int(number) if number is not None and number.isascii() and number.isdigit() else None,
        kept=kept,
        path=None if decider is None else decider.path,
        line=None if decider is None else decider.line,
    )
    say_unread(configured.unread + config.unread)


def _handler(pattern: str | None) -> str | None:
    if pattern is None:
        return None
    if not pattern.startswith("|"):
        return "file" if pattern else "nobody"
    words = pattern[1:].split()
    program = words[0].rsplit("/", 1)[-1] if words else ""
    if program in ("false", "true", ""):
        return "nobody"
    return "abrt" if program.startswith("abrt") else program


def _limits(target: Target, unread: list[str]) -> tuple[Limit | None, Limit | None]:
    """(soft, hard) for everyone; the last line wins."""
    soft = hard = None
    for limit in read_limits(target, unread):
        if limit.domain == "*" and limit.item == "core":
            soft = limit if limit.kind in ("soft", "-") else soft
            hard = limit if limit.kind in ("hard", "-") else hard
    return soft, hard


def _closing(soft: Limit | None, hard: Limit | None) -> Limit | None:
    """The limit that says most: a hard zero, else the soft one."""
    return hard if hard is not None and hard.value == "0" else soft


def _kept(
    handler: str | None, storage: Setting | None, size: Setting | None, limit: Limit | None, family: str
) -> tuple[int | None, Setting | Limit | None]:
    if handler is None:
        return None, None
    if handler == "nobody":
        return 0, None
    if handler == "systemd-coredump":
        if storage is not None and storage.value == "none":
            return 0, storage
        if size is not None and size.value.strip("BKMGT ") == "0":
            return 0, size
        if limit is not None and limit.value == "0" and limit.kind != "soft":  # systemd-coredump looks at the limit too
            return 0, limit
        return 1, storage
    if handler != "file":
        return 1, None
    if limit is None:
        return int(family != "debian"), None
    return int(limit.value != "0"), limit
