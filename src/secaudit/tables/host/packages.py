"""packages: what is installed, whichever package manager installed it. Computed; use it to ask "is X installed"."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, TableProblem, Target, table
from secaudit.tables.host import _apkdb, _dpkg, _pacman, _rpmdb


class Package(NamedTuple):
    """One installed package. Packages removed to their configuration are not here."""

    name: str
    version: str
    """As the package manager writes it; for rpm `epoch:version-release`, without an epoch of 0."""
    manager: str
    """dpkg, rpm, pacman or apk."""
    arch: str
    source: str
    """What it was built from, as the package manager says."""


@table(targets={"host", "root"}, timeout_s=20.0)
def packages(target: Target) -> Iterator[Package]:
    """Yield one row per installed package.

    Source: the databases that `deb_packages`, `rpm_packages`, `pacman_packages` and `apk_packages` read.

    Raises:
        Absent: there is no package manager that we know.
        Partial: some database, or some packages of one, could not be read.
    """
    faults: list[str] = []
    found = 0
    for read in (_of_dpkg, _of_rpm, _of_pacman, _of_apk):
        try:
            for package in read(target, faults):
                found += 1
                yield package
        except Absent:
            continue
        except TableProblem as problem:
            if not found:
                raise
            faults.append(problem.reason)
        except OSError as error:
            faults.append(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    if faults:
        raise Partial("not all packages are known: " + "; ".join(faults[:3]))
    if not found:
        raise Absent("there is no package manager that we know")


def _of_dpkg(target: Target, faults: list[str]) -> Iterator[Package]:
    for one in _dpkg.read_packages(target):
        if one.has_files:
            yield Package(one.name, one.version, "dpkg", one.arch, one.source)


def _of_rpm(target: Target, faults: list[str]) -> Iterator[Package]:
    for one in _rpmdb.read_packages(target, faults):
        if one.name != "gpg-pubkey":  # a trusted key, not software
            yield Package(one.name, one.full_version, "rpm", one.arch, one.source)


def _of_pacman(target: Target, faults: list[str]) -> Iterator[Package]:
    for one in _pacman.read_packages(target, faults):
        yield Package(one.name, one.version, "pacman", one.arch, one.source)


def _of_apk(target: Target, faults: list[str]) -> Iterator[Package]:
    for one in _apkdb.read_packages(target):
        yield Package(one.name, one.version, "apk", one.arch, one.source)
