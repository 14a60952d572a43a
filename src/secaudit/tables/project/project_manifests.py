"""project_manifests: the files that name packages, what could be read, and the lock file of each. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._lock_steps import key_of, step_of
from secaudit.tables.project._package_links import SERVED_BY
from secaudit.tables.project._package_model import Package
from secaudit.tables.project._packages import packages_of


class ProjectManifest(NamedTuple):
    """One manifest (what is asked for) or lock file (what was chosen). Code of others is left out."""

    path: str
    ecosystem: str
    """As OSV names it: PyPI, npm, Packagist, RubyGems, Go, crates.io, Maven, NuGet."""
    format: str
    """`package.json`, `poetry.lock` and so on; `project file` for *.csproj and the like."""
    kind: str
    """`manifest` or `lock`. A requirements file with all versions and checksums, or made by a tool, is a lock."""
    tracking: str
    """`tracked`, `untracked`, `ignored`, or `none` where there is no git."""
    role: str
    """What its folder is for: `code`, `test`, `example` or `docs`."""
    status: str
    """`ok`, `partial`, `failed`, `too large`, `denied`, or `not read` for kinds that this program cannot read."""
    reason: str
    name: str
    """Of the project, where the file says it."""
    version: str
    publishes: int
    """1 for a library that is given to a registry: its users choose the versions, not it."""
    runtime: str
    """The versions of the language that it asks for, as written."""
    packages: int
    """How many packages it names."""
    asks: int
    """How many packages of registries it asks for, those that only build it left out; 0 for a lock file."""
    lockable: int
    """1 for a manifest whose tool knows lock files."""
    lock_path: str
    """The lock file that serves this manifest; empty when there is none."""
    locks: int
    """How many lock files of different tools serve it."""
    in_step: int | None
    """1 when the lock file answers all that the manifest asks, 0 when not, NULL when that cannot be told."""
    out_of_step: str
    """What is out of step."""


@table(targets={"project"}, timeout_s=60.0)
def project_manifests(target: Target) -> Iterator[ProjectManifest]:
    """Yield one row per manifest and lock file.

    Source: the files themselves, read by their documented forms; no tool of the project is run.

    Raises:
        Partial: a file could not be read, or not completely.
    """
    packages = packages_of(target)
    links = packages.links
    by_path: dict[str, list[Package]] = {}
    for each in packages.found:
        by_path.setdefault(each.path, []).append(each)
    own = frozenset(each.name for each in packages.manifests if each.name and each.kind == "manifest")
    for manifest in packages.manifests:
        locks = links.locks_of(manifest) if manifest.kind == "manifest" else []
        in_step, text = None, ""
        if locks:
            locked: dict[str, set[str]] = {}
            for each in by_path.get(locks[0].path, ()):
                locked.setdefault(key_of(each.ecosystem, each.name), set()).add(each.version)
            in_step, text = step_of(manifest, locks[0], by_path.get(manifest.path, ()), locked, own)
        yield ProjectManifest(
            path=manifest.path,
            ecosystem=manifest.ecosystem,
            format=manifest.format,
            kind=manifest.kind,
            tracking=manifest.tracking,
            role=manifest.role,
            status=manifest.status,
            reason=manifest.reason,
            name=manifest.name,
            version=manifest.version,
            publishes=manifest.publishes,
            runtime=manifest.runtime,
            packages=manifest.packages,
            asks=sum(
                not each.locked and each.scope != "build" and each.source != "path"
                for each in by_path.get(manifest.path, ())
            ),
            lockable=int(manifest.kind == "manifest" and manifest.format in SERVED_BY),
            lock_path=locks[0].path if locks else "",
            locks=len({each.format for each in locks}),
            in_step=in_step,
            out_of_step=text,
        )
    if packages.problem is not None:
        raise packages.problem
