"""project_dependencies: the packages that manifests ask for and lock files fix. Not in osquery."""

from __future__ import annotations

import posixpath
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._package_model import is_commit
from secaudit.tables.project._packages import packages_of

_OPEN = ("http://", "git://", "ftp://", "svn://", "bzr://")


class ProjectDependency(NamedTuple):
    """One package in one file; in several files it has several rows."""

    ecosystem: str
    """As OSV names it: PyPI, npm, Packagist, RubyGems, Go, crates.io, Maven, NuGet."""
    name: str
    """As OSV writes it: PyPI normalised, Packagist in lower case, Maven `group:artifact`."""
    version: str
    """The exact version; empty when it is not fixed."""
    requirement: str
    """As written in a manifest, without logins; empty in a lock file."""
    path: str
    line: int
    direct: int | None
    """1 when the project itself asks for it, 0 when another package does, NULL when that cannot be told."""
    scope: str
    """`runtime`, `dev`, `optional`, `build`, `peer` or the name of a group; empty when a lock file does not tell."""
    locked: int
    """1 in a lock file."""
    has_lock: int
    """1 when this file is a lock file, or one serves it."""
    library: int
    """1 when a manifest in the same folder describes a library, whose users choose the versions."""
    checksum: str
    """`present`, `missing`, or `not used`: for git, folders, and forms of files that have no checksums."""
    source: str
    """`registry`, `url`, `git` or `path`."""
    location: str
    """The address, without login and query; empty for the usual registry."""
    encrypted: int
    """0 when the address is of a kind that anyone on the way can read and change: http, git, ftp."""
    revision: str
    """Of git: the commit, tag or branch."""
    pinned: int
    """1 when it is one version only: an exact one, or a full commit."""
    install_script: str
    """Whether it runs a program while it is installed: `yes`, `no`, or `not told` by this form of file."""
    kept: str
    """`yes`, `given up` by its makers, or `not told` by this form of file."""
    deprecated: str
    """What its makers say when they gave it up."""
    role: str
    """What the file's folder is for: `code`, `test`, `example` or `docs`."""


@table(targets={"project"}, timeout_s=60.0)
def project_dependencies(target: Target) -> Iterator[ProjectDependency]:
    """Yield one row per package and file.

    Source: the manifests and lock files of the project, see project_manifests.

    Raises:
        Partial: a file could not be read, or not completely.
    """
    packages = packages_of(target)
    links = packages.links
    libraries = {posixpath.dirname(each.path) for each in packages.manifests if each.publishes}
    served = {each.path for each in packages.manifests if links.locks_of(each)}
    for each in packages.found:
        yield ProjectDependency(
            ecosystem=each.ecosystem,
            name=each.name,
            version=each.version,
            requirement=each.requirement,
            path=each.path,
            line=each.line,
            direct=each.direct,
            scope=each.scope,
            locked=each.locked,
            has_lock=int(bool(each.locked) or each.path in served),
            library=int(posixpath.dirname(each.path) in libraries),
            checksum=_word(each.hashed, "missing", "present", "not used"),
            source=each.source,
            location=each.location,
            encrypted=int(not each.location.lower().startswith(_OPEN)),
            revision=each.revision,
            pinned=int(
                is_commit(each.revision) if each.source == "git" else bool(each.version) or each.source == "path"
            ),
            install_script=_word(each.scripts, "no", "yes", "not told"),
            kept="not told" if each.deprecated is None else "given up" if each.deprecated else "yes",
            deprecated=each.deprecated or "",
            role=each.role,
        )
    if packages.problem is not None:
        raise packages.problem


def _word(value: int | None, no: str, yes: str, none: str) -> str:
    return none if value is None else yes if value else no
