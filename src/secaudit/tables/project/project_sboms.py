"""project_sboms: parts lists (SBOM) that lie in a project, and whether they name what is locked now. Not in osquery."""

from __future__ import annotations

import posixpath
import re
from typing import Any, Iterator, NamedTuple
from urllib.parse import unquote

from secaudit.tableapi import Partial, Target, table
from secaudit.tables.project._content import read_content
from secaudit.tables.project._listing import listing
from secaudit.tables.project._package_model import Package, Unreadable
from secaudit.tables.project._package_text import load_object, mapping, mappings, text_of
from secaudit.tables.project._packages import packages_of
from secaudit.tables.project._roles import role_of

FILE_LIMIT_BYTES = 16 * 1024 * 1024
MOST_FILES = 50
_NAME = re.compile(r"(?:.*\.)?(?:cdx|spdx|bom|sbom)(?:[.-][\w.-]+)?\.json$", re.IGNORECASE)
_PURL = re.compile(r"pkg:([A-Za-z0-9.+-]+)/([^@?#]+)(?:@([^?#]+))?")
_TYPES = {
    "PyPI": "pypi", "npm": "npm", "Packagist": "composer", "RubyGems": "gem", "Go": "golang", "crates.io": "cargo",
    "Maven": "maven", "NuGet": "nuget",
}  # fmt: skip


class ProjectSbom(NamedTuple):
    """One parts list."""

    path: str
    tracking: str
    role: str
    """What its folder is for: `code`, `test`, `example` or `docs`."""
    format: str
    """`CycloneDX` or `SPDX`."""
    version: str
    """Of the format."""
    parts: int
    """How many packages it names by a package URL."""
    missing: int | None
    """How many locked packages of registries it does not name; NULL when no lock file was read."""
    example: str
    """One that is missing."""


@table(targets={"project"}, timeout_s=60.0)
def project_sboms(target: Target) -> Iterator[ProjectSbom]:
    """Yield one row per CycloneDX or SPDX document in JSON, named like bom.json, shop.cdx.json or sbom.spdx.json.

    Source: the documents, and the lock files of the project, see project_dependencies. Packages for development only
    need not be named.

    Raises:
        Partial: a document or a lock file could not be read.
    """
    files = listing(target)
    packages = packages_of(target)
    locked = {_key_of(each): each for each in packages.found if _counts(each)}
    problems: list[str] = []
    seen = 0
    for entry in files.entries:
        name = posixpath.basename(entry.path)
        role = role_of(posixpath.join(posixpath.dirname(entry.path), "file.py"))
        if not _NAME.match(name) or role in ("vendored", "built"):
            continue
        seen += 1
        if seen > MOST_FILES:
            problems.append(f"there are more than {MOST_FILES} parts lists")
            break
        try:
            data = load_object(read_content(target, files, entry, FILE_LIMIT_BYTES).decode("utf-8", "replace"))
        except (Unreadable, OSError) as problem:
            problems.append(f"{entry.path}: {problem}")
            continue
        kind, version, purls = _read(data)
        if kind:
            missing = sorted(key for key in locked if key not in purls)
            yield ProjectSbom(
                entry.path, entry.tracking, role, kind, version[:20], len(purls),
                len(missing) if locked else None, f"{missing[0][1]} {missing[0][2]}" if missing else "",
            )  # fmt: skip
    if packages.problem is not None:
        raise packages.problem
    if problems:
        raise Partial("; ".join(problems[:3]))


def _counts(package: Package) -> bool:
    return bool(
        package.locked and package.version and package.source == "registry" and package.role == "code"
        and package.scope in ("runtime", "optional", "")
    )  # fmt: skip


def _key_of(package: Package) -> tuple[str, str, str]:
    return _TYPES.get(package.ecosystem, ""), package.name.replace(":", "/").lower(), package.version.lower()


def _read(data: dict[str, Any]) -> tuple[str, str, frozenset[tuple[str, str, str]]]:
    """Format, its version, and what the document names."""
    if data.get("bomFormat") == "CycloneDX":
        waiting, texts = mappings(data.get("components")), []
        while waiting:
            each = waiting.pop()
            texts.append(text_of(each.get("purl")))
            waiting.extend(mappings(each.get("components")))
        return "CycloneDX", text_of(data.get("specVersion")), _keys(texts)
    if text_of(data.get("spdxVersion")):
        texts = [
            text_of(mapping(ref).get("referenceLocator"))
            for each in mappings(data.get("packages"))
            for ref in mappings(each.get("externalRefs"))
        ]
        return "SPDX", text_of(data.get("spdxVersion")), _keys(texts)
    return "", "", frozenset()


def _keys(texts: list[str]) -> frozenset[tuple[str, str, str]]:
    found = set()
    for text in texts:
        match = _PURL.match(text)
        if match:
            kind, name, version = match.group(1).lower(), unquote(match.group(2)), unquote(match.group(3) or "")
            version = version.removeprefix("v") if kind == "golang" else version
            name = re.sub(r"[-_.]+", "-", name) if kind == "pypi" else name
            found.add((kind, name.lower(), version.lower()))
    return frozenset(found)
