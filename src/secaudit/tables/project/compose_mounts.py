"""compose_mounts: the files of the machine that Compose files put into containers. Not in osquery."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._compose import Service, composes, distinct
from secaudit.tables.project._compose_facts import mounts_of


class ComposeMount(NamedTuple):
    """One mount of a service."""

    path: str
    line: int
    tracking: str
    role: str
    """What the file is for, as in project_files."""
    development: int
    """1 when the name of the file says that it is for developing or testing."""
    service: str
    source: str
    """As written; empty for a volume without a name, or when a variable without a value decides."""
    target: str
    read_only: int
    kind: str
    """`docker-socket`, `host-root`, `host-system` (/etc, /proc ...), `host-home` (/root, keys), `harmless`
    (/etc/localtime ...),
    `project` (below the Compose file), `volume`, `other` (another folder of the machine) or `variable`."""


@table(targets={"project"}, timeout_s=60.0)
def compose_mounts(target: Target) -> Iterator[ComposeMount]:
    """Yield one row per mount.

    Source: the Compose Specification.

    Raises:
        Absent: there is no Compose file.
        Partial: a file could not be read or understood.
    """
    found = composes(target)
    yield from distinct(_rows(found.services))
    found.files.finish(rows=bool(found.services))


def _rows(services: Iterable[Service]) -> Iterator[ComposeMount]:
    for service in services:
        for mount in mounts_of(service):
            yield ComposeMount(
                path=mount.node.origin or service.file.path,
                line=mount.node.line,
                tracking=service.file.tracking,
                role=service.file.role,
                development=service.development,
                service=service.name[:80],
                source=mount.source[:200],
                target=mount.target[:200],
                read_only=mount.read_only,
                kind=mount.kind,
            )
