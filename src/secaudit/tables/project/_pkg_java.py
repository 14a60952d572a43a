"""pom.xml of Maven, gradle.lockfile, and the version catalogue libs.versions.toml."""

from __future__ import annotations

import re

from secaudit.tables.project._package_model import Document, Format
from secaudit.tables.project._package_text import line_of, load_toml, mapping, text_of
from secaudit.tables.project._plain_xml import Node, load_xml

_PROPERTY = re.compile(r"\$\{([^}]+)\}")
_SCOPES = {"test": "dev", "provided": "build", "system": "runtime", "compile": "runtime", "runtime": "runtime"}
_EXACT = re.compile(r"\[([^,\[\]()]+)\]|(\d[^,\[\]()]*)")
_LOCKED = re.compile(r"([^:#\s]+):([^:\s]+):([^=\s]+)=(.*)$")


def _read_pom(document: Document) -> None:
    """Values come from this file alone: what its parent or an import says is not here, so it is not pinned."""
    top = load_xml(document.data)
    known = {each.tag: each.text.strip() for each in (top.first("properties") or top).children if not each.children}
    parent = top.first("parent")
    version = top.value("version") or (parent.value("version") if parent else "")
    group = top.value("groupId") or (parent.value("groupId") if parent else "")
    for prefix in ("project.", "pom.", ""):
        known[f"{prefix}version"], known[f"{prefix}groupId"] = version, group
        known[f"{prefix}parent.version"] = parent.value("version") if parent else ""
    document.name, document.version = f"{group}:{top.value('artifactId')}", _resolve(version, known)
    document.runtime = known.get("maven.compiler.release", "") or known.get("java.version", "")
    document.licence = " OR ".join(
        each.value("name") for each in (top.first("licenses") or Node("", {}, 0)).all("license") if each.value("name")
    )
    managed = {_key(each, known): each for each in _dependencies(top.first("dependencyManagement"))}
    if parent is not None and parent.value("artifactId"):
        _add(document, parent, known, managed, "build")
    for each in _dependencies(top):
        _add(document, each, known, managed, "")
    for profile in (top.first("profiles") or Node("", {}, 0)).all("profile"):
        for each in _dependencies(profile):
            _add(document, each, known, managed, "optional")
    for plugin in (top.first("build", "plugins") or Node("", {}, 0)).all("plugin"):
        _add(document, plugin, known, {}, "build")
    for each in (top.first("repositories") or Node("", {}, 0)).all("repository"):
        document.place("ordered-index", each.value("url"), each.line)


def _dependencies(node: Node | None) -> list[Node]:
    found = node.first("dependencies") if node is not None else None
    return list(found.all("dependency")) if found is not None else []


def _key(node: Node, known: dict[str, str]) -> str:
    group = _resolve(node.value("groupId"), known) or "org.apache.maven.plugins"
    return f"{group}:{_resolve(node.value('artifactId'), known)}"


def _resolve(text: str, known: dict[str, str]) -> str:
    """Put in the properties; three times, for properties in properties."""
    for _ in range(3):
        if "${" not in text or len(text) > 500:
            break
        text = _PROPERTY.sub(lambda match: known.get(match.group(1), match.group(0))[:200], text)
    return text


def _add(document: Document, node: Node, known: dict[str, str], managed: dict[str, Node], scope: str) -> None:
    key = _key(node, known)
    elsewhere = managed.get(key)
    written = node.value("version") or (elsewhere.value("version") if elsewhere is not None else "")
    requirement = _resolve(written, known)
    given = node.value("scope") or (elsewhere.value("scope") if elsewhere is not None else "")
    where = _SCOPES.get(given, "runtime")
    if node.value("optional") == "true":
        where = "optional"
    exact = _EXACT.fullmatch(requirement)
    version = (exact.group(1) or exact.group(2)) if exact and "${" not in requirement else ""
    if version.upper() in ("LATEST", "RELEASE"):
        version = ""
    document.ask(key, requirement or "set elsewhere", node.line, scope or where, version=version,
                 source="path" if given == "system" else "registry", location=node.value("systemPath"))  # fmt: skip


def _read_gradle_lock(document: Document) -> None:
    for line, text in enumerate(document.text.splitlines(), 1):
        bare = text.strip()
        if not bare or bare.startswith(("#", "empty=")):
            continue
        match = _LOCKED.match(bare)
        if match is None:
            document.note(f"line {line} is no line of a lock file")
            continue
        uses = match.group(4).split(",")
        scope = "dev" if all("test" in each.lower() for each in uses) else "runtime"
        document.add(f"{match.group(1)}:{match.group(2)}", match.group(3), line=line, scope=scope)


def _read_catalogue(document: Document) -> None:
    data = load_toml(document.text)
    versions = mapping(data.get("versions"))
    for name, value in mapping(data.get("libraries")).items():
        entry = mapping(value)
        parts = text_of(value).split(":")
        key = text_of(entry.get("module")) or f"{text_of(entry.get('group'))}:{text_of(entry.get('name'))}"
        if len(parts) >= 2:
            key = f"{parts[0]}:{parts[1]}"
        version: object = parts[2] if len(parts) > 2 else entry.get("version")
        if isinstance(version, dict) and "ref" in version:
            version = versions.get(text_of(version["ref"]))
        if isinstance(version, dict):
            version = version.get("strictly") or version.get("require") or version.get("prefer") or ""
        exact = _EXACT.fullmatch(text_of(version))
        document.ask(key, text_of(version), line_of(document, name, "[libraries]"), "runtime",
                     version=(exact.group(1) or exact.group(2)).rstrip("!") if exact else "")  # fmt: skip


FORMATS = (
    Format("pom.xml", "Maven", "manifest", ("pom.xml",), _read_pom),
    Format("gradle.lockfile", "Maven", "lock", ("gradle.lockfile", "buildscript-gradle.lockfile"), _read_gradle_lock),
    Format("libs.versions.toml", "Maven", "manifest", ("libs.versions.toml",), _read_catalogue),
)
