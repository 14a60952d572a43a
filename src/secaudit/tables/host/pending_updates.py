"""pending_updates: installed packages for which the fetched lists offer a newer version. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Failed, Partial, Target, table
from secaudit.tables.host._apt_archives import SEPARATE, Archives, read_archives
from secaudit.tables.host._apt_config import read_apt_config
from secaudit.tables.host._apt_lists import Index, index_sizes, indexes, offers
from secaudit.tables.host._apt_policy import Policy, Version, read_policy
from secaudit.tables.host._debversion import version_key
from secaudit.tables.host._dpkg import DebPackage, architectures, read_packages


class PendingUpdate(NamedTuple):
    """One package that could be newer."""

    package: str
    arch: str
    installed_version: str
    candidate_version: str
    is_security: int | None
    """1 when the security archive of this release has a newer version; NULL where the lists do not say."""
    archive: str
    """The suite that offers the candidate, such as `bookworm-security`."""
    blocked_by: str
    """`hold` or `pin` when the package manager was told not to take it; else empty."""
    days_waiting: int | None
    """Days since it was offered; NULL, since package lists do not tell."""


Found = dict[tuple[str, str], dict[str, list[Index]]]
"""(Package, architecture) -> version -> the lists that offer it."""

UNRELEASED = {"sid", "forky", "duke"}


@table(targets={"host", "root"}, timeout_s=20.0)
def pending_updates(target: Target) -> Iterator[PendingUpdate]:
    """Yield one row per installed package with a newer version in the lists.

    apt: its lists, its pins, and versions compared as dpkg does. Nothing is fetched: as old as the lists are, so old is
    this answer (table `update_metadata`). A security fix kept out by a pin is a row too, with `blocked_by`.

    Source: apt_preferences(5), Debian Policy 5.6.12.

    Raises:
        Absent: there is no package manager that we know.
        Failed: there are no package lists.
        Partial: some lists are missing, or cannot be read; or this package manager cannot be asked here.
    """
    try:
        packages = read_packages(target)
    except Absent:
        _other_managers(target)
        raise
    packages = [package for package in packages if package.has_files and package.version]
    arches = architectures(target, packages)
    archives = read_archives(target, arches[0] if arches else "")
    if not archives.files:
        raise Absent("apt has no sources here")
    faults = list(archives.faults)
    found, fixing = _collect(target, archives, packages, arches, faults)
    if not any(archive.is_security for archive in archives.archives if archive.source.enabled):
        if archives.platform in SEPARATE and not archives.codenames & UNRELEASED and archives.codenames:
            faults.append("no security archive of this release is among the sources")
        fixing = None
    config = read_apt_config(target)
    faults += config.faults
    policy = read_policy(target, config.text("apt::default-release"), faults)
    for package in packages:
        row = _judge(package, found.get((package.name, _native(package.arch, arches)), {}), policy, fixing)
        if row is not None:
            yield row
    if faults:
        shown = "; ".join(faults[:4]) + (f"; and {len(faults) - 4} more" if len(faults) > 4 else "")
        raise Partial(f"not all package lists could be used: {shown}")


def _collect(
    target: Target, archives: Archives, packages: list[DebPackage], arches: list[str], faults: list[str]
) -> tuple[Found, set[str] | None]:
    """The versions that the lists offer of the installed packages, and which lists are of a security archive."""
    wanted = {package.name.encode() for package in packages}
    found: Found = {}
    fixing: set[str] = set()
    done: set[str] = set()
    used = [archive for archive in archives.archives if archive.source.enabled and archive.source.type == "deb"]
    if used and all(archive.release is None for archive in used):
        raise Failed("the package lists are not here: run sudo apt update")
    for archive in sorted(used, key=lambda one: one.is_security != 1):
        release = archive.release
        if release is None:
            faults.append(
                f"nothing was fetched from {archive.source.suite} of {archive.source.uri}, run sudo apt update"
            )
            continue
        sizes = index_sizes(target.read_text(release.path))
        for index, missing in indexes(archive.source, release, archives.list_names, archive.prefix, arches, sizes):
            if index is None:
                faults.append(f"{missing} is missing")
                continue
            if index.path in done:
                continue
            done.add(index.path)
            if archive.is_security:
                fixing.add(index.path)
            try:
                for offer in offers(target, index.path, wanted):
                    key = (offer.name, _native(offer.arch, arches))
                    found.setdefault(key, {}).setdefault(offer.version, []).append(index)
            except (OSError, ValueError) as error:
                faults.append(f"{index.path}: {error}")
    if not done:
        raise Failed("the package lists are not here: run sudo apt update")
    return found, fixing


def _judge(
    package: DebPackage, offered: dict[str, list[Index]], policy: Policy, fixing: set[str] | None
) -> PendingUpdate | None:
    now = version_key(package.version)
    newer = [version for version in offered if version_key(version) > now]
    if not newer:
        return None
    versions = [Version(version, tuple(lists), version == package.version) for version, lists in offered.items()]
    if package.version not in offered:
        versions.append(Version(package.version, (), True))
    chosen = policy.choose(package.name, versions)
    fixes = [version for version in newer if any(index.path in (fixing or ()) for index in offered[version])]
    blocked = "hold" if package.is_held else ""
    if chosen is not None and version_key(chosen.version) > now:
        candidate = chosen.version
    elif fixes:
        candidate, blocked = max(fixes, key=version_key), blocked or "pin"
    else:
        return None
    lists = sorted(offered[candidate], key=lambda index: index.path not in (fixing or ()))
    return PendingUpdate(
        package=package.name,
        arch=package.arch,
        installed_version=package.version,
        candidate_version=candidate,
        is_security=None if fixing is None else int(bool(fixes)),
        archive=lists[0].source.suite,
        blocked_by=blocked,
        days_waiting=None,
    )


def _native(arch: str, arches: list[str]) -> str:
    """Packages for all architectures count as native, so that one may become the other."""
    return arches[0] if arch == "all" and arches else arch


def _other_managers(target: Target) -> None:
    """Say honestly that other families' lists are not read here: an empty table would look like good news."""
    for mark, command in (
        ("/etc/dnf", "dnf updateinfo list --security"),
        ("/etc/yum.repos.d", "dnf updateinfo list --security"),
        ("/etc/pacman.conf", "checkupdates"),
        ("/etc/apk", "apk version -l '<'"),
    ):
        if target.exists(mark):
            raise Partial(f"updates of this package manager cannot be read here; to see them, run: {command}")
