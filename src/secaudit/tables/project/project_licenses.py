"""project_licenses: the licence of the project and of the packages that it uses. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, TimedOut, table
from secaudit.tables.project._content import read_content
from secaudit.tables.project._installed_licences import Installed
from secaudit.tables.project._licence_names import LIMITED, UNKNOWN, kind_of, spdx_of
from secaudit.tables.project._licence_texts import CLOSED, licence_of_text
from secaudit.tables.project._listing import listing
from secaudit.tables.project._package_model import Manifest
from secaudit.tables.project._packages import packages_of

_FILE = re.compile(r"(?:licen[cs]e|copying|unlicense)(?:[.-][\w.-]*)?$", re.IGNORECASE)
_OWN_TERMS = re.compile(
    r"\s*(see licen[cs]e\b.*|unlicensed|proprietary|commercial|private|other/proprietary.*)\s*$", re.I
)
TEXT_LIMIT_BYTES = 256 * 1024


class ProjectLicence(NamedTuple):
    """One place that says under which licence something is."""

    subject: str
    """`project` or `dependency`."""
    ecosystem: str
    name: str
    version: str
    licence: str
    """As written; for a LICENSE file what was recognised."""
    spdx: str
    """As an SPDX expression; empty when it is not recognised."""
    category: str
    """`permissive`, `weak copyleft`, `strong copyleft`, `network copyleft`, `limited` (some use is forbidden, or own
    terms), or `unknown`."""
    origin: str
    """Who says it: `file`, `manifest`, `lock`, `installed`; empty when nobody does here."""
    path: str
    line: int
    scope: str
    direct: int | None
    role: str


@table(targets={"project"}, timeout_s=60.0)
def project_licenses(target: Target) -> Iterator[ProjectLicence]:
    """Yield one row per place that names a licence of the project, and one per package of a lock file.

    Source: LICENSE files by their text; manifests; lock files that name licences; installed packages in node_modules
    and in a virtual environment, where they lie in the project's folder.

    Raises:
        Partial: a file could not be read, or not completely.
    """
    packages = packages_of(target)
    yield from _of_files(target)
    for manifest in packages.manifests:
        if manifest.kind == "manifest" and (manifest.licence or manifest.name):
            yield _of_manifest(manifest)
    installed = Installed(target)
    seen: set[tuple[str, str, str]] = set()
    for each in packages.found:
        key = (each.ecosystem, each.name, each.version)
        if not each.locked or each.source == "path" or key in seen:
            continue
        seen.add(key)
        written, origin, path = each.licence, "lock", each.path
        if not written:
            try:
                written, place = installed.licence(each)
            except TimedOut:
                written, place = "", ""
            origin, path = ("installed", place) if place else ("", each.path)
        spdx, category = _judge(written)
        yield ProjectLicence(
            "dependency", each.ecosystem, each.name, each.version, written, spdx, category, origin, path,
            each.line if path == each.path else 1, each.scope, each.direct, each.role,
        )  # fmt: skip
    if packages.problem is not None:
        raise packages.problem


def _judge(written: str) -> tuple[str, str]:
    """SPDX expression and category."""
    if written == CLOSED or _OWN_TERMS.match(written):
        return "", LIMITED
    spdx = spdx_of(written)
    category = kind_of(spdx)
    return ("" if category == UNKNOWN else spdx), category


def _of_files(target: Target) -> Iterator[ProjectLicence]:
    """LICENSE files at the top of the project."""
    files = listing(target)
    for entry in files.entries:
        if "/" in entry.path or not _FILE.match(entry.path):
            continue
        try:
            data = read_content(target, files, entry, TEXT_LIMIT_BYTES)
        except OSError:
            continue
        found = licence_of_text(data.decode("utf-8", "replace"))
        spdx, category = _judge(found)
        yield ProjectLicence(
            "project", "", "", "", found, spdx, category if found else UNKNOWN, "file", entry.path, 1, "", None, "code"
        )


def _of_manifest(manifest: Manifest) -> ProjectLicence:
    spdx, category = _judge(manifest.licence)
    return ProjectLicence(
        "project", manifest.ecosystem, manifest.name, manifest.version, manifest.licence, spdx, category,
        "manifest" if manifest.licence else "", manifest.path, 1, "", None,
        manifest.role,
    )  # fmt: skip
