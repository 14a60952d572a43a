"""services: what the machine starts, of systemd, OpenRC or SysV. Columns beside osquery's `systemd_units`."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, TableProblem, Target, table
from secaudit.tables.host import _initscripts, _unitfile
from secaudit.tables.host._systemd import Units


class Service(NamedTuple):
    """One unit; a service of OpenRC or SysV gets a name that ends in .service, as systemd would give it."""

    name: str
    kind: str
    """service, socket, timer, path, target, mount, automount, swap, slice."""
    manager: str
    """systemd, openrc or sysv."""
    description: str
    load_state: str
    """loaded, masked, or not-found for an alias that leads nowhere."""
    enabled_state: str
    """As `systemctl is-enabled` says it: enabled, enabled-runtime, disabled, static, masked, masked-runtime, alias,
    indirect, linked, generated, transient, bad."""
    at_boot: int
    """1 when it is started at every boot, directly or because something else pulls it in."""
    wanted_by: str
    """What starts it, separated by spaces: targets and other units, or runlevels."""
    triggered_by: str
    """Sockets, timers and paths that start it when needed and are themselves started at boot."""
    active_state: str | None
    """active, inactive, failed, ...; NULL when the running state cannot be known."""
    sub_state: str | None
    in_use: int
    """1 when it runs or listens now; where the running state cannot be known, when it is started at every boot."""
    alias_of: str
    """The real name of an alias; '' otherwise."""
    path: str
    """The file that defines it."""


@table(targets={"host", "root"})
def services(target: Target) -> Iterator[Service]:
    """Yield one row per unit that has a file, an alias, or a link as an instance of a template.

    Presets are not applied: what is on disk counts.

    Source: systemd.unit(5), systemctl(1); openrc-run(8) with /etc/runlevels; insserv(8) with /etc/rc?.d.

    Raises:
        Absent: none of the three is here.
        Partial: unit files or folders could not be read.
    """
    units = Units(target)
    scripts = _initscripts.read(target, systemd=bool(units.search_path))
    if not units.names and not scripts:
        raise Absent("no systemd units, OpenRC runlevels or init scripts are here")
    running = _running(target) if units.names else None
    by_trigger = _triggers(units)
    taken: set[str] = set()
    for name in [*units.names, *units.instances()]:
        unit = units.find(name)
        script = scripts.get(name)
        if script is not None and unit is not None and unit.folder.startswith("/run/systemd/generator"):
            continue  # made from the script, which tells more
        taken.add(name)
        alias = units.is_alias(name)
        real = unit.real_name if unit else ""
        active, sub = _state(running, real or name)
        at_boot = int(units.at_boot(name))
        title = _unitfile.last(units.settings(name), "Unit", "Description")
        yield Service(
            name=name,
            kind=name.rpartition(".")[2],
            manager="systemd",
            description=title.value if title else "",
            load_state="not-found" if unit is None else "masked" if unit.masked else "loaded",
            enabled_state=units.state(name),
            at_boot=at_boot,
            wanted_by=" ".join(units.pulled_by(name)),
            triggered_by=" ".join(by_trigger.get(real, ())),
            active_state=active,
            sub_state=sub,
            in_use=_in_use(active, at_boot),
            alias_of=real or units.alias_goal(name).rpartition("/")[2] if alias else "",
            path=unit.path if unit else units.alias_goal(name),
        )
    for script in scripts.values():
        if script.name in taken:
            continue  # a native unit of this name hides the script
        active, sub = _state(running, script.name) if script.manager == "sysv" else (script.active_state, None)
        yield Service(
            name=script.name,
            kind="service",
            manager=script.manager,
            description="",
            load_state="loaded",
            enabled_state="enabled" if script.runlevels else "disabled",
            at_boot=int(bool(script.runlevels)),
            wanted_by=" ".join(script.runlevels),
            triggered_by="",
            active_state=active,
            sub_state=sub,
            in_use=_in_use(active, int(bool(script.runlevels))),
            alias_of="",
            path=script.path,
        )
    if units.unread:
        shown = ", ".join(units.unread[:5])
        raise Partial(
            f"{len(units.unread)} unit files or folders could not be read: {shown}", None if target.is_root else "root"
        )


def _in_use(active: str | None, at_boot: int) -> int:
    return at_boot if active is None else int(active in ("active", "activating", "reloading"))


def _triggers(units: Units) -> dict[str, list[str]]:
    """Service -> what starts it on request."""
    found: dict[str, list[str]] = {}
    for name in units.names:
        goal = "" if units.is_alias(name) else units.triggers(name)
        if goal and units.at_boot(name):
            unit = units.find(goal)
            found.setdefault(unit.real_name if unit else goal, []).append(name)
    return found


def _running(target: Target) -> dict[str, tuple[str, str]] | None:
    """Unit -> (active, sub) of the loaded units; None when no systemd runs or it does not answer.

    The plain listing has the same four first columns in all versions, which JSON output has only since 246.
    """
    if not target.live:
        return None
    try:
        if not target.exists("/run/systemd/system"):  # sd_booted(3)
            return None
        done = target.run(["systemctl", "list-units", "--all", "--full", "--plain", "--no-legend", "--no-pager"])
    except (OSError, TableProblem):
        return None
    if done.exit_code != 0:
        return None
    found: dict[str, tuple[str, str]] = {}
    for line in done.stdout.splitlines():
        fields = line.split(None, 4)
        if len(fields) >= 4:
            found[fields[0]] = (fields[2], fields[3])
    return found or None


def _state(running: dict[str, tuple[str, str]] | None, name: str) -> tuple[str | None, str | None]:
    """A unit that is not loaded is inactive."""
    return (None, None) if running is None else running.get(name, ("inactive", "dead"))
