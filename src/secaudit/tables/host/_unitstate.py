"""Whether services start at boot and whether they run, for tables about single programs."""

from __future__ import annotations

from typing import Sequence

from secaudit.tableapi import TableProblem, Target
from secaudit.tables.host import _initscripts
from secaudit.tables.host._systemd import Units

MAX_PROCESSES = 20_000


class ServiceStates:
    """One look at a target's services."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self.units = Units(target)
        self._scripts = _initscripts.read(target, systemd=bool(self.units.search_path))
        self._running = _active_units(target)
        self._processes: set[str] | None = None

    def installed(self, names: Sequence[str]) -> str | None:
        """The first of these services that exists and is no mere alias, masked ones too; None when there is none."""
        for name in names:
            if self.units.find(name) is not None and not self.units.is_alias(name):
                return name
        for name in names:
            if name in self._scripts:
                return name
        return None

    def at_boot(self, name: str) -> bool:
        if self.units.find(name) is not None:
            return self.units.at_boot(name)
        return name in self._scripts and bool(self._scripts[name].runlevels)

    def active(self, name: str, process: str) -> int | None:
        """1 when it runs; `process` is its name in /proc for systems whose manager does not answer."""
        if not self._target.live:
            return None
        if self._running is not None:
            return int(self._running.get(name) in ("active", "reloading", "activating"))
        if name in self._scripts and self._scripts[name].active_state is not None:
            return int(self._scripts[name].active_state == "active")
        if self._processes is None:
            self._processes = _process_names(self._target)
        return int(process[:15] in self._processes)


def _active_units(target: Target) -> dict[str, str] | None:
    """Unit -> active state of the loaded units; None when no systemd runs or it does not answer."""
    try:
        if not target.live or not target.exists("/run/systemd/system"):  # sd_booted(3)
            return None
        # the same command as the table `services`, so that it runs once
        done = target.run(["systemctl", "list-units", "--all", "--full", "--plain", "--no-legend", "--no-pager"])
    except (OSError, TableProblem):
        return None
    if done.exit_code != 0:
        return None
    states = {fields[0]: fields[2] for line in done.stdout.splitlines() if len(fields := line.split(None, 4)) >= 4}
    return states or None


def _process_names(target: Target) -> set[str]:
    """The command names of all processes, cut to 15 characters as the kernel does; gone ones are left out."""
    names: set[str] = set()
    numbers = [name for name in target.listdir("/proc") if name.isascii() and name.isdigit()]
    for number in numbers[:MAX_PROCESSES]:
        try:
            names.add(target.read_text(f"/proc/{number}/comm").strip())
        except OSError:
            continue
    return names
