"""service_settings: with what rights the services that start at boot or on request run. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Target, table
from secaudit.tables.host._systemd import Units
from secaudit.tables.host._unitfile import Assignment

DEFAULTS = {
    "User": "root",
    "DynamicUser": "no",
    "NoNewPrivileges": "no",
    "PrivateTmp": "no",
    "PrivateDevices": "no",
    "PrivateNetwork": "no",
    "PrivateUsers": "no",
    "ProtectSystem": "no",
    "ProtectHome": "no",
    "ProtectKernelTunables": "no",
    "ProtectKernelModules": "no",
    "ProtectKernelLogs": "no",
    "ProtectControlGroups": "no",
    "ProtectClock": "no",
    "ProtectHostname": "no",
    "ProtectProc": "default",
    "MemoryDenyWriteExecute": "no",
    "LockPersonality": "no",
    "RestrictRealtime": "no",
    "RestrictSUIDSGID": "no",
    "RestrictNamespaces": "no",
    "UMask": "0022",
}
"""Built-in defaults of a system service, systemd.exec(5)."""

LISTS = (
    "CapabilityBoundingSet",
    "AmbientCapabilities",
    "RestrictAddressFamilies",
    "SystemCallFilter",
    "IPAddressAllow",
    "IPAddressDeny",
    "ReadWritePaths",
)
"""Assignments add up, an empty one starts anew."""

COMMANDS = ("ExecStartPre", "ExecStart", "ExecStartPost", "ExecReload", "ExecStop")
LISTENERS = ("ListenStream", "ListenDatagram", "ListenSequentialPacket", "ListenFIFO")
COMMAND_SIGNS = "@-:+!|"


class ServiceSetting(NamedTuple):
    """One effective setting of one unit."""

    name: str
    """The service or socket."""
    setting: str
    value: str
    """Of a command only the program: its arguments can hold secrets. Words of a list are separated by spaces."""
    path: str | None
    """The file that decided; NULL for a built-in default."""
    line: int | None


@table(targets={"host", "root"})
def service_settings(target: Target) -> Iterator[ServiceSetting]:
    """Yield the settings of each service and socket that is started at boot, is enabled, or is started on request.

    Drop-ins are merged. Commands and addresses give one row each, so `ExecStart` and `ListenStream` may repeat.

    Source: systemd.exec(5), systemd.service(5), systemd.socket(5).

    Raises:
        Absent: systemd is not installed.
        Partial: unit files could not be read.
    """
    units = Units(target)
    if not units.names:
        raise Absent("systemd is not installed")
    for name in units.started():
        if name.endswith((".service", ".socket")):
            yield from _settings(name, units.settings(name))
    if units.unread:
        shown = ", ".join(units.unread[:5])
        raise Partial(
            f"{len(units.unread)} unit files or folders could not be read: {shown}", None if target.is_root else "root"
        )


def _settings(name: str, assignments: list[Assignment]) -> Iterator[ServiceSetting]:
    kind = name.rpartition(".")[2].capitalize()
    single: dict[str, Assignment] = {}
    many: dict[str, list[Assignment]] = {}
    for one in assignments:
        if one.section != kind:
            continue
        if one.key in DEFAULTS or one.key == "Group":
            single[one.key] = one
        elif one.key in LISTS or one.key in COMMANDS or one.key in LISTENERS:
            many[one.key] = [*many.get(one.key, ()), one] if one.value else []
    if kind == "Service":
        for key, default in DEFAULTS.items():
            decided = single.get(key)
            if decided is None or not decided.value:
                yield ServiceSetting(name, key, default, None, None)
    for key, one in single.items():
        if one.value:
            yield ServiceSetting(name, key, one.value, one.path, one.line)
    for key, found in many.items():
        if key in LISTS:
            if found:
                words = " ".join(one.value for one in found)
                yield ServiceSetting(name, key, words, found[-1].path, found[-1].line)
            continue
        for one in found:
            value = _program(one.value) if key in COMMANDS else one.value
            yield ServiceSetting(name, key, value, one.path, one.line)


def _program(command: str) -> str:
    """The first word of a command without the signs that systemd.service(5) allows before it."""
    word = (command.split(None, 1) or [""])[0].lstrip(COMMAND_SIGNS)
    return word.strip("\"'")
