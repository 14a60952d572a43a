"""docker_daemon: where the Docker engine takes commands. Who may send them is root of the machine. Not in osquery."""

from __future__ import annotations

import json
from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Target, table
from secaudit.tables.host import _dockerconf, _sockets, _unitcommand
from secaudit.tables.host._systemd import Units

CONFIG = "/etc/docker/daemon.json"
TRUE_WORDS = ("true", "1", "t", "yes")


class DockerDaemon(NamedTuple):
    """One address on which the engine listens."""

    endpoint: str
    """unix:///..., fd:// (given by docker.socket), tcp://..."""
    kind: str
    """unix, fd or tcp."""
    address_scope: str
    """Of tcp: loopback, any, private, public, unknown (a name); '' otherwise."""
    tls_verify: int
    """1 when clients must show a certificate."""
    mode: int | None
    """Permissions of the socket file; NULL when it is not there now, and for tcp."""
    uid: int | None
    gid: int | None
    path: str
    """The file that says so."""


@table(targets={"host", "root"})
def docker_daemon(target: Target) -> Iterator[DockerDaemon]:
    """Yield one row per address, from daemon.json, the arguments of docker.service, and docker.socket.

    Source: dockerd(8), https://docs.docker.com/reference/cli/dockerd/

    Raises:
        Absent: the Docker engine is not installed.
        Partial: daemon.json or the unit could not be read or understood.
    """
    units = Units(target)
    unit = units.find("docker.service")
    if unit is None and not target.find_program("dockerd") and not target.exists(CONFIG):
        raise Absent("the Docker engine is not installed")
    problems: list[str] = []
    hosts: list[tuple[str, str]] = []
    verify = False
    config_path, _ = _dockerconf.command_line(target, units, problems)
    config = _config(target, config_path, problems)
    if config is not None:
        listed = config.get("hosts", [])
        hosts.extend((str(one), config_path) for one in (listed if isinstance(listed, list) else [listed]))
        verify = config.get("tlsverify") is True
    for one in _unitcommand.commands(target, units, "docker.service", problems):
        found, checks = _arguments(one.words)
        hosts.extend((host, one.path) for host in found)
        verify = verify or checks
    # dockerd listens on its own socket when nothing else is said
    hosts = hosts or [("unix:///var/run/docker.sock", unit.path if unit else "")]
    for host, path in dict.fromkeys(hosts):
        yield _row(target, units, host, path, verify)
    if units.unread:
        problems.append("unit files could not be read")
    if problems:
        raise Partial("; ".join(problems), None if target.is_root else "root")


def _config(target: Target, path: str, problems: list[str]) -> dict[str, object] | None:
    try:
        found = json.loads(target.read_text(path) or "{}")
    except FileNotFoundError:
        return None
    except OSError:
        problems.append(f"{path} could not be read")
        return None
    except (ValueError, RecursionError):
        problems.append(f"{path} is not valid JSON")
        return None
    if not isinstance(found, dict):
        problems.append(f"{path} holds no settings")
        return None
    return found


def _arguments(words: list[str]) -> tuple[list[str], bool]:
    """The values of -H and --host, and whether --tlsverify is there."""
    hosts: list[str] = []
    verify = False
    for word, following in zip(words, [*words[1:], ""]):  # noqa: B905  Python 3.9
        if word in ("-H", "--host"):
            hosts.append(following)
        elif word.startswith("--host="):
            hosts.append(word[len("--host=") :])
        elif word.startswith("-H") and len(word) > 2:
            hosts.append(word[2:].lstrip("="))
        elif word == "--tlsverify" or (
            word.startswith("--tlsverify=") and word.partition("=")[2].lower() in TRUE_WORDS
        ):
            verify = True
    return hosts, verify


def _row(target: Target, units: Units, host: str, path: str, verify: bool) -> DockerDaemon:
    kind, sign, rest = host.partition("://")
    if not sign:  # `-H 0.0.0.0:2375`, `-H :2375`
        kind, rest = ("unix", host) if host.startswith("/") else ("tcp", host)
    if kind == "tcp":
        name = rest.split("/")[0]
        name = name.rpartition("]")[0].lstrip("[") if name.startswith("[") else name.partition(":")[0]
        scope = "loopback" if name == "localhost" else _sockets.scope(name) if name else "loopback"
        return DockerDaemon(host, "tcp", scope, int(verify), None, None, None, path)
    place = rest
    if kind == "fd":
        place = next(
            (
                one.value
                for one in units.settings("docker.socket")
                if one.section == "Socket" and one.key == "ListenStream"
            ),
            "/run/docker.sock",
        )
    try:
        found = target.stat(place.replace("/var/run/", "/run/", 1))
        mode, uid, gid = found.mode, found.uid, found.gid
    except OSError:
        return DockerDaemon(host, kind, "", 0, None, None, None, path)
    return DockerDaemon(host, kind, "", 0, mode, uid, gid, path)
