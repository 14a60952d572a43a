"""NuGet: packages.config, project files (*.csproj and the like), Directory.Packages.props, packages.lock.json."""

from __future__ import annotations

import re

from secaudit.tables.project._package_model import Document, Format
from secaudit.tables.project._package_text import load_object, mapping, text_of
from secaudit.tables.project._plain_xml import Node, load_xml

_EXACT = re.compile(r"\[\s*([^,\[\]()*]+?)\s*\]|(\d[^,\[\]()*\s]*)")
_PROPERTY = re.compile(r"\$\(([\w.]+)\)")


def _read_config(document: Document) -> None:
    for each in load_xml(document.data).all("package"):
        scope = "dev" if each.attributes.get("developmentDependency") == "true" else "runtime"
        version = each.attributes.get("version", "")
        document.ask(each.attributes.get("id", ""), version, each.line, scope, version=version)


def _read_project(document: Document) -> None:
    """A version without brackets is the lowest that is allowed, and the one that NuGet takes."""
    top = load_xml(document.data)
    known = {each.tag: each.text.strip() for group in top.all("PropertyGroup") for each in group.children}
    document.licence = known.get("PackageLicenseExpression", "")
    document.publishes = int(known.get("IsPackable") == "true" or "PackageId" in known)
    wanted = next((each for each in top.walk() if each.tag in ("TargetFrameworks", "TargetFramework")), None)
    if wanted is not None and "$(" not in wanted.text:
        document.runs("dotnet", wanted.text.strip(), wanted.line)
    for each in top.walk():
        if each.tag in ("PackageReference", "PackageVersion", "GlobalPackageReference"):
            _add(document, each, known)


def _add(document: Document, node: Node, known: dict[str, str]) -> None:
    name = node.attributes.get("Include") or node.attributes.get("Update") or ""
    if not name or "$(" in name:
        document.note(f"line {node.line} has a name that is computed")
        return
    written = next((node.attributes[key] for key in ("VersionOverride", "Version") if key in node.attributes), "")
    written = written or node.value("VersionOverride") or node.value("Version")
    requirement = _PROPERTY.sub(lambda match: known.get(match.group(1), match.group(0)), written)
    exact = _EXACT.fullmatch(requirement)
    version = (exact.group(1) or exact.group(2)) if exact else ""
    private = (node.attributes.get("PrivateAssets") or node.value("PrivateAssets")).lower() == "all"
    document.ask(name, requirement, node.line, "dev" if private else "runtime", version=version)


def _read_lock(document: Document) -> None:
    data = load_object(document.text)
    seen: set[tuple[str, str]] = set()
    for packages in mapping(data.get("dependencies")).values():
        for name, value in mapping(packages).items():
            entry = mapping(value)
            kind, version = text_of(entry.get("type")), text_of(entry.get("resolved"))
            if kind == "Project" or (name, version) in seen:
                continue
            seen.add((name, version))
            if kind == "Direct":
                document.declared.setdefault(name, text_of(entry.get("requested")))
            checksum = text_of(entry.get("contentHash"))
            document.add(
                name, version, line=document.line_at(max(document.seek(f'"{name}": {{'), 0)),
                direct=int(kind == "Direct"), hashed=int(bool(checksum)),
                hashes=(),  # of the content, not of the file that anyone can fetch
                requires=tuple(mapping(entry.get("dependencies")))[:200],
            )  # fmt: skip


FORMATS = (
    Format("packages.config", "NuGet", "manifest", ("packages.config",), _read_config),
    Format(
        "project file", "NuGet", "manifest",
        ("*.csproj", "*.fsproj", "*.vbproj"), _read_project,
    ),
    Format(
        "central versions", "NuGet", "manifest", ("Directory.Packages.props", "Directory.Build.props"), _read_project,
    ),
    Format("packages.lock.json", "NuGet", "lock", ("packages.lock.json",), _read_lock),
)  # fmt: skip
