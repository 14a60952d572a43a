"""docker_container_ports: ports that lead into containers. As osquery's table, without asking the engine."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host import _dockerconf, _dockerstore, _sockets
from secaudit.tables.host._dockerstore import text


class ContainerPort(NamedTuple):
    """One published port."""

    id: str
    container: str
    """Its name."""
    type: str
    """tcp, udp or sctp."""
    port: int
    """Inside the container."""
    host_ip: str
    """As given; '' stands for the address in the engine's settings, as a rule all."""
    host_port: int
    """0 when the engine chooses one."""
    address_scope: str
    """loopback, any, private, public."""
    path: str


@table(targets={"host", "root"})
def docker_container_ports(target: Target) -> Iterator[ContainerPort]:
    """Yield one row per published port, as it was asked for.

    Source: https://docs.docker.com/engine/network/#published-ports

    Raises:
        Absent: the Docker engine is not installed.
        Partial: a file could not be read.
    """
    _dockerconf.installed(target)
    unread: list[str] = []
    standard = _dockerconf.EVERYWHERE
    for given in _dockerconf.read(target, unread):
        if given.name == "ip" and isinstance(given.value, str):
            standard = given.value
    for one in _dockerstore.containers(target, unread):
        bindings = one.host.get("PortBindings")
        for key, places in bindings.items() if isinstance(bindings, dict) else ():
            port, _, kind = str(key).partition("/")
            for place in places if isinstance(places, list) else ():
                if not isinstance(place, dict):
                    continue
                address = text(place, "HostIp")
                yield ContainerPort(
                    one.id, one.name, kind or "tcp", _number(port), address, _number(text(place, "HostPort")),
                    _sockets.scope(address or standard), one.path,
                )  # fmt: skip
    _dockerstore.finish(target, unread)


def _number(word: str) -> int:
    return int(word) if word.isdigit() and len(word) < 6 else 0
