"""project_package_details: checksums and needs of each package, for a parts list. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._packages import packages_of


class PackageDetails(NamedTuple):
    """What project_dependencies leaves out because it is long. `path`, `line`, `name` and `version` lead there."""

    ecosystem: str
    name: str
    version: str
    path: str
    line: int
    hashes: str
    """`sha256:<hex>` and the like, with spaces between; a package of Python has one for each of its files."""
    requires: str
    """What it needs, with spaces between: names, or `name@version` where the file tells the version."""
    licence: str
    """As the file writes it."""


@table(targets={"project"}, timeout_s=60.0)
def project_package_details(target: Target) -> Iterator[PackageDetails]:
    """Yield one row per package and file, in the order of project_dependencies.

    Source: the manifests and lock files of the project, see project_manifests.

    Raises:
        Partial: a file could not be read, or not completely.
    """
    packages = packages_of(target)
    for each in packages.found:
        yield PackageDetails(
            each.ecosystem, each.name, each.version, each.path, each.line, " ".join(each.hashes),
            " ".join(name.replace(" ", "") for name in each.requires), each.licence,
        )  # fmt: skip
    if packages.problem is not None:
        raise packages.problem
