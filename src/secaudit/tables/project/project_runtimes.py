"""project_runtimes: the versions of languages that a project asks for, and their end of support. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._packages import packages_of
from secaudit.tables.project._runtime_ends import newest_allowed, second_of


class ProjectRuntime(NamedTuple):
    """What one file asks for."""

    path: str
    line: int
    runtime: str
    """`python`, `node`, `php`, `ruby` or `dotnet`."""
    requirement: str
    """As written."""
    newest: str
    """The newest known version that this allows; empty when it allows later ones, or is not clear."""
    ends: str
    """The day on which the makers end its support, as of 2026-11; empty like `newest`."""
    ended: int | None
    """1 when that day is past; NULL when it cannot be told."""
    role: str


@table(targets={"project"}, timeout_s=60.0)
def project_runtimes(target: Target) -> Iterator[ProjectRuntime]:
    """Yield one row per file and language.

    Source: package.json, pyproject.toml, composer.json and others; .python-version, .nvmrc and others; the dates of
    the makers that ship with this program.

    Raises:
        Partial: a file could not be read, or not completely.
    """
    packages = packages_of(target)
    for manifest in (*packages.manifests, *packages.settings):
        for runtime, requirement, line in manifest.runtimes:
            found = newest_allowed(runtime, requirement)
            yield ProjectRuntime(
                path=manifest.path,
                line=line,
                runtime=runtime,
                requirement=requirement,
                newest=found[0] if found else "",
                ends=found[1] if found else "",
                ended=int(second_of(found[1]) < target.now_s) if found else None,
                role=manifest.role,
            )
    if packages.problem is not None:
        raise packages.problem
