"""compose_environment: variables of Compose services that hold secrets or switch things. Not in osquery."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._compose import Service, composes, distinct
from secaudit.tables.project._compose_facts import variables_of


class ComposeVariable(NamedTuple):
    """One variable. Its value is not here."""

    path: str
    line: int
    tracking: str
    role: str
    """What the file is for, as in project_files."""
    development: int
    """1 when the name of the file says that it is for developing or testing."""
    service: str
    name: str
    word: str
    """`password`, `token`, `secret` or `key`; empty when its name is not that of a secret."""
    how: str
    """`empty`, `weak` (a word that is tried first), `literal`, `reference`, `default-weak` and `default-literal`
    (when nobody
    sets the variable), `inherited`, or `dummy` (says itself that it is none)."""
    fact: str
    """`login-off`, `debug-setting`, `no-verify`, or empty."""


@table(targets={"project"}, timeout_s=60.0)
def compose_environment(target: Target) -> Iterator[ComposeVariable]:
    """Yield one row per variable that matters.

    Source: the Compose Specification; the pages of the images.

    Raises:
        Absent: there is no Compose file.
        Partial: a file could not be read or understood.
    """
    found = composes(target)
    yield from distinct(_rows(found.services))
    found.files.finish(rows=bool(found.services))


def _rows(services: Iterable[Service]) -> Iterator[ComposeVariable]:
    for service in services:
        for variable in variables_of(service):
            yield ComposeVariable(
                path=variable.node.origin or service.file.path,
                line=variable.node.line,
                tracking=service.file.tracking,
                role=service.file.role,
                development=service.development,
                service=service.name[:80],
                name=variable.name,
                word=variable.word,
                how=variable.how,
                fact=variable.fact,
            )
