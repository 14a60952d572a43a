"""Read daemon.json and the arguments of docker.service, which together set up the Docker engine.

Source: dockerd(8), https://docs.docker.com/reference/cli/dockerd/
"""

from __future__ import annotations

import json
from typing import NamedTuple

from secaudit.tableapi import Target
from secaudit.tables.host import _settings, _unitcommand
from secaudit.tables.host._systemd import Units

CONFIG = "/etc/docker/daemon.json"
DATA = "/var/lib/docker"
EVERYWHERE = "0.0.0.0"  # noqa: S104  only compared, nothing listens there
PLURAL = {
    "host": "hosts", "H": "hosts", "insecure-registry": "insecure-registries", "registry-mirror": "registry-mirrors",
    "log-opt": "log-opts", "dns": "dns", "storage-opt": "storage-opts", "default-ulimit": "default-ulimits",
    "g": "data-root", "graph": "data-root",
}  # fmt: skip
"""Names of options in daemon.json that differ from those on the command line, dockerd(8)."""

SINGLE = (
    "debug",
    "D",
    "live-restore",
    "no-new-privileges",
    "experimental",
    "tls",
    "tlsverify",
    "selinux-enabled",
    "init",
)
"""Options that stand alone on the command line and then mean yes."""


class Given(NamedTuple):
    """One setting as written."""

    name: str
    value: object
    path: str
    line: int | None


def installed(target: Target) -> None:
    """Raise Absent when the engine is not here."""
    _settings.require(target, "the Docker engine", ("dockerd",), ("docker.service",), (DATA + "/containers", CONFIG))


def read(target: Target, unread: list[str]) -> list[Given]:
    """Every setting by its name in daemon.json; those of the command line come last."""
    units = Units(target)
    config, given = command_line(target, units, unread)
    found: list[Given] = []
    text = _settings.read(target, config, unread)
    if text is not None:
        try:
            loaded = json.loads(text or "{}")
        except (ValueError, RecursionError):
            loaded = None
        if isinstance(loaded, dict):
            lines = text.splitlines()
            for name, value in loaded.items():
                line = next((number for number, raw in enumerate(lines, 1) if f'"{name}"' in raw), None)
                found.append(Given(str(name), value, config, line))
        else:
            unread.append(f"{config} (not valid JSON)")
    unread.extend(units.unread[:3])
    return found + given


def command_line(target: Target, units: Units, unread: list[str]) -> tuple[str, list[Given]]:
    """The configuration file that dockerd is told to read, and the settings that it is given beside it."""
    given: list[Given] = []
    for one in _unitcommand.commands(target, units, "docker.service", unread)[-1:]:
        given = [Given(name, value, one.path, one.line) for name, value in arguments(one.words).items()]
    named = [one.value for one in given if one.name == "config-file" and isinstance(one.value, str)]
    return (named or [CONFIG])[0], given


def arguments(words: list[str]) -> dict[str, object]:
    """The options of a command line by their names in daemon.json; repeated ones are lists."""
    found: dict[str, object] = {}
    at = 1
    while at < len(words):
        word = words[at]
        at += 1
        if not word.startswith("-"):
            continue
        name, sign, value = word.lstrip("-").partition("=")
        if not sign and name not in SINGLE and at < len(words) and not words[at].startswith("-"):
            value, sign = words[at], "="
            at += 1
        given: object = value if sign else "true"
        name = PLURAL.get(name, name)
        if name == "log-opts":
            key, _, text = str(given).partition("=")
            found.setdefault(name, {})
            found[name][key] = text  # type: ignore[index]
        elif name in ("hosts", "insecure-registries", "registry-mirrors", "dns"):
            before = found.get(name, [])
            found[name] = [*before, given] if isinstance(before, list) else [given]
        else:
            found[name] = given
    return found


def data_folder(target: Target, unread: list[str]) -> str:
    for given in reversed(read(target, unread)):
        if given.name in ("data-root", "graph") and isinstance(given.value, str) and given.value.startswith("/"):
            return given.value
    return DATA
