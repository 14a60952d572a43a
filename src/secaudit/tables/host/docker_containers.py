"""docker_containers: the containers of the Docker engine and their rights. As osquery's, without asking the engine."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host import _dockerconf, _dockerstore
from secaudit.tables.host._dockerstore import number, part, text, words


class DockerContainer(NamedTuple):
    """One container, running or not."""

    id: str
    name: str
    image: str
    state: str
    """running, paused, restarting or stopped, as the engine last wrote it down."""
    privileged: int
    user: str
    """Who runs the program inside, as name or number; '' is root."""
    pid_mode: str
    """`host` when it sees all processes of the machine."""
    network_mode: str
    ipc_mode: str
    userns_mode: str
    cap_add: str
    """Added rights, upper case without CAP_, separated by spaces."""
    cap_drop: str
    security_options: str
    """Separated by spaces, as given to --security-opt."""
    apparmor_profile: str
    """`docker-default` as a rule; '' where there is no AppArmor or before the first start."""
    readonly_rootfs: int
    memory_bytes: int
    """The limit; 0 for none."""
    pids_limit: int
    """0 or -1 for none."""
    restart: str
    """no, always, unless-stopped or on-failure."""
    devices: str
    """Devices of the machine inside it, separated by spaces."""
    path: str


@table(targets={"host", "root"})
def docker_containers(target: Target) -> Iterator[DockerContainer]:
    """Yield one row per container in the data folder of the engine.

    Source: https://docs.docker.com/reference/api/engine/ (container inspect).

    Raises:
        Absent: the Docker engine is not installed.
        Partial: a file could not be read; the folder is open to root only.
    """
    _dockerconf.installed(target)
    unread: list[str] = []
    for one in _dockerstore.containers(target, unread):
        config, state = part(one.config, "Config"), part(one.config, "State")
        devices = one.host.get("Devices")
        yield DockerContainer(
            id=one.id,
            name=one.name,
            image=text(config, "Image"),
            state=_state(state),
            privileged=int(one.host.get("Privileged") is True),
            user=text(config, "User"),
            pid_mode=text(one.host, "PidMode"),
            network_mode=text(one.host, "NetworkMode"),
            ipc_mode=text(one.host, "IpcMode"),
            userns_mode=text(one.host, "UsernsMode"),
            cap_add=_capabilities(words(one.host, "CapAdd")),
            cap_drop=_capabilities(words(one.host, "CapDrop")),
            security_options=words(one.host, "SecurityOpt"),
            apparmor_profile=text(one.config, "AppArmorProfile"),
            readonly_rootfs=int(one.host.get("ReadonlyRootfs") is True),
            memory_bytes=number(one.host, "Memory"),
            pids_limit=number(one.host, "PidsLimit"),
            restart=text(part(one.host, "RestartPolicy"), "Name") or "no",
            devices=" ".join(text(device, "PathOnHost") for device in devices if isinstance(device, dict))
            if isinstance(devices, list)
            else "",
            path=one.path,
        )
    _dockerstore.finish(target, unread)


def _state(state: dict[str, object]) -> str:
    for key, word in (("Paused", "paused"), ("Restarting", "restarting"), ("Running", "running")):
        if state.get(key) is True:
            return word
    return "stopped"


def _capabilities(text: str) -> str:
    return " ".join(word.upper().replace("CAP_", "", 1) for word in text.split())
