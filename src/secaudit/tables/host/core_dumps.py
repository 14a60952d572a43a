"""core_dumps: what happens to the memory of a program that crashes. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._dropins import Setting, read_config, say_unread
from secaudit.tables.host._limits import Limit, read_limits
from secaudit.tables.host._sysctl import Defaults, boot_value, read_configured, read_running

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
    hard_limit: str
    """The hard limit of limits.conf for everyone (*) on `core`; empty when none is set."""
    suid_dumpable: int | None
    """fs.suid_dumpable: 0 no dumps of programs with special rights, 1 dumps as their user, 2 readable by root only."""
    kept: int | None
    """1 when a dump of an ordinary program can end up on the disk; NULL when that cannot be known."""
    path: str | None
    """The file that decides, NULL for defaults."""
    line: int | None


@table(targets={"host", "root"})
def core_dumps(target: Target) -> Iterator[CoreDumps]:
    """Yield one row about core dumps.

    A hard limit of 0 holds for people who log in; services and root are not limited by limits.conf.

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
    storage = config.last("Coredump", "Storage")
    size = config.last("Coredump", "ProcessSizeMax")
    limit = _hard_limit(target, configured.unread)
    kept, decider = _kept(handler, storage, size, limit)
    if decider is None and handler not in ("systemd-coredump", "file"):
        decider = configured.of(PATTERN)
    number = value("fs/suid_dumpable")
    yield CoreDumps(
        handler=handler,
        core_pattern=pattern,
        storage="external" if storage is None else storage.value.lower(),
        process_size_max="" if size is None else size.value,
        hard_limit="" if limit is None else limit.value,
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


def _hard_limit(target: Target, unread: list[str]) -> Limit | None:
    """The last line for everyone wins."""
    found = None
    for limit in read_limits(target, unread):
        if limit.domain == "*" and limit.item == "core" and limit.kind in ("hard", "-"):
            found = limit
    return found


def _kept(
    handler: str | None, storage: Setting | None, size: Setting | None, limit: Limit | None
) -> tuple[int | None, Setting | Limit | None]:
    if handler is None:
        return None, None
    if handler == "nobody":
        return 0, None
    if handler == "systemd-coredump":
        if storage is not None and storage.value.lower() == "none":
            return 0, storage
        if size is not None and size.value.strip("BKMGT ") == "0":
            return 0, size
        return 1, storage
    if handler == "file" and limit is not None and limit.value == "0":
        return 0, limit
    return 1, limit if handler == "file" else None
