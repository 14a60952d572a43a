"""project_registries: where package tools look besides the usual registry, and how safely. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._packages import packages_of


class ProjectRegistry(NamedTuple):
    """One registry, or one setting about how registries are asked."""

    path: str
    line: int
    ecosystem: str
    format: str
    """Of the file: `requirements.txt`, `.npmrc`, `pip.conf` and so on."""
    kind: str
    """`index` (in place of the usual one), `extra-index` (asked beside it, the highest version wins), `ordered-index`
    (asked in turn, the first that has the name wins), `scoped-index` (for named packages only), `find-links`,
    `source`, `trusted-host` (certificate not checked), `no-tls` (certificates not checked at all), `no-scripts`
    (nothing is run while packages are installed)."""
    location: str
    """The address without login, or the setting as written."""
    encrypted: int
    """0 for an address that begins with http:."""
    hashed: int
    """1 when each package of the same file has a checksum, so that a false one is refused."""
    role: str
    tracking: str


@table(targets={"project"}, timeout_s=60.0)
def project_registries(target: Target) -> Iterator[ProjectRegistry]:
    """Yield one row per registry or setting, in the order of the files.

    Source: manifests, .npmrc, .yarnrc.yml, pip.conf, uv.toml, NuGet.Config. Settings in home folders are not the
    project's and are not read.

    Raises:
        Partial: a file could not be read, or not completely.
    """
    packages = packages_of(target)
    open_files = {each.path for each in packages.found if each.source == "registry" and not each.hashed}
    for manifest in (*packages.manifests, *packages.settings):
        for text in manifest.registries:
            kind, line, location = text.split(" ", 2)
            yield ProjectRegistry(
                path=manifest.path,
                line=int(line),
                ecosystem=manifest.ecosystem,
                format=manifest.format,
                kind=kind,
                location=location,
                encrypted=int(not location.lower().startswith("http:")),
                hashed=int(manifest.packages > 0 and manifest.path not in open_files),
                role=manifest.role,
                tracking=manifest.tracking,
            )
    if packages.problem is not None:
        raise packages.problem
