"""compose_ports: the ports that Compose files publish, and on which address. Not in osquery."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._compose import Service, composes, distinct
from secaudit.tables.project._compose_facts import is_local, ports_of
from secaudit.tables.project._compose_merge import interpolate
from secaudit.tables.project._service_kinds import kind_of_port, kind_of_service
from secaudit.tables.project._yaml import get, text_of


class ComposePort(NamedTuple):
    """One published port of a service."""

    path: str
    line: int
    tracking: str
    role: str
    """What the file is for, as in project_files."""
    development: int
    """1 when the name of the file says that it is for developing or testing."""
    service: str
    host: str | None
    """The address of the machine; empty for all addresses; NULL when a variable without a value decides."""
    published: str
    """The port of the machine as written; empty when Docker chooses one or a variable does."""
    port: int
    """The port inside the container."""
    kind: str
    """`database`, `admin` (a page for administrators), `debug`, or empty."""
    local: int | None
    """1 when only this machine reaches it; NULL when that cannot be told."""


@table(targets={"project"}, timeout_s=60.0)
def compose_ports(target: Target) -> Iterator[ComposePort]:
    """Yield one row per published port; ports of one range are rows of their own.

    Source: the Compose Specification.

    Raises:
        Absent: there is no Compose file.
        Partial: a file could not be read or understood.
    """
    found = composes(target)
    yield from distinct(_rows(found.services))
    found.files.finish(rows=bool(found.services))


def _rows(services: Iterable[Service]) -> Iterator[ComposePort]:
    for service in services:
        written = text_of(get(service.node, "image"))
        kind = kind_of_service(interpolate(written, service.values) or written, service.name)
        for port in ports_of(service):
            yield ComposePort(
                path=port.node.origin or service.file.path,
                line=port.node.line,
                tracking=service.file.tracking,
                role=service.file.role,
                development=service.development,
                service=service.name[:80],
                host=None if port.host is None else port.host[:60],
                published=(port.published or "")[:20],
                port=port.inside,
                kind=kind_of_port(kind, port.inside),
                local=None if port.host is None else int(is_local(port.host)),
            )
