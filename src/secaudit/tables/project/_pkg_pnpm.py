"""pnpm-lock.yaml of the versions 5, 6 and 9."""

from __future__ import annotations

import re
from typing import Any

from secaudit.tables.project._npm_names import source_of
from secaudit.tables.project._package_model import Document, Format, Unreadable, sri
from secaudit.tables.project._package_text import mapping, text_of
from secaudit.tables.project._plain_yaml import load_yaml

_SECTIONS = (("dependencies", "runtime"), ("optionalDependencies", "optional"), ("devDependencies", "dev"))
_PEERS = re.compile(r"(\(.*|_.*)$", re.DOTALL)


def _read(document: Document) -> None:
    data = load_yaml(document.data)
    if not isinstance(data, dict) or not text_of(data.get("lockfileVersion")):
        raise Unreadable("it has no lockfileVersion")
    importers = mapping(data.get("importers")) or {".": data}
    direct: dict[str, str] = {}
    for folder, value in importers.items():
        _read_importer(document, mapping(value), direct, folder == ".")
    packages, snapshots = data.get("packages"), mapping(data.get("snapshots"))
    needs: dict[str, tuple[str, ...]] = {}
    for key, value in snapshots.items():
        needs.setdefault(_PEERS.sub("", key), _needs(mapping(value)))
    seen: set[str] = set()
    runtime = _reached(direct, snapshots)
    for key, value in mapping(packages).items():
        name, version = _split(key, mapping(value))
        if f"{name}@{version}" in seen:  # once more for other peers
            continue
        seen.add(f"{name}@{version}")
        scope = direct.get(f"{name}@{version}") or runtime.get(f"{name}@{version}", "")
        entry = mapping(value)
        if not scope and not snapshots:  # before version 9 each says what it is for
            is_dev, is_optional = entry.get("dev") == "true", entry.get("optional") == "true"
            scope = "dev" if is_dev else "optional" if is_optional else "runtime"
        lines = packages.lines  # type: ignore[union-attr]
        _add(document, name, version, entry, lines.get(key, 1), scope, int(f"{name}@{version}" in direct),
             needs.get(key) or _needs(entry))  # fmt: skip


def _read_importer(document: Document, importer: dict[str, Any], direct: dict[str, str], is_top: bool) -> None:
    old = mapping(importer.get("specifiers"))
    for section, scope in _SECTIONS:
        for name, value in mapping(importer.get(section)).items():
            version = text_of(value) or text_of(mapping(value).get("version"))
            asked = text_of(mapping(value).get("specifier")) or text_of(old.get(name))
            if is_top and asked:
                document.declared.setdefault(name, asked)
            bare = _PEERS.sub("", version)
            inner = re.fullmatch(r"/?(@?[^@/]+(?:/[^@/]+)?)[@/](\d.*)", bare)  # an alias
            key = f"{inner.group(1)}@{inner.group(2)}" if inner else f"{name}@{bare}"
            if direct.get(key) != "runtime":
                direct[key] = scope


def _reached(direct: dict[str, str], snapshots: dict[str, Any]) -> dict[str, str]:
    """Version 9 does not mark what is for development only; the graph tells."""
    by_name: dict[str, list[str]] = {}
    for key in snapshots:
        by_name.setdefault(_PEERS.sub("", key), []).append(key)
    scopes: dict[str, str] = {}
    for wanted in ("runtime", "optional", "dev"):
        waiting = [key for key, scope in direct.items() if scope == wanted]
        while waiting:
            key = waiting.pop()
            if key in scopes:
                continue
            scopes[key] = wanted
            for full in by_name.get(key, ()):
                entry = mapping(snapshots[full])
                for section in ("dependencies", "optionalDependencies"):
                    for name, version in mapping(entry.get(section)).items():
                        waiting.append(f"{name}@{_PEERS.sub('', text_of(version))}")
    return scopes


def _needs(entry: dict[str, Any]) -> tuple[str, ...]:
    asked = mapping(entry.get("dependencies"))
    return tuple(f"{name}@{_PEERS.sub('', text_of(version))}" for name, version in asked.items())[:200]


def _split(key: str, entry: dict[str, Any]) -> tuple[str, str]:
    """Name and version of a key: `/a/1.0`, `/a@1.0`, `a@1.0`, with peers behind; others name themselves."""
    if text_of(entry.get("name")):
        return text_of(entry["name"]), text_of(entry.get("version"))
    bare = key.partition("(")[0]
    match = re.fullmatch(r"/?(@[^/]+/[^@/]+|[^@/]+)([@/])(.*)", bare)
    if match is None:
        return bare, text_of(entry.get("version"))
    name, mark, version = match.groups()
    if mark == "/":
        version = version.partition("_")[0].partition("/")[0]
    return name, version


def _add(
    document: Document, name: str, version: str, entry: dict[str, Any], line: int, scope: str, direct: int,
    needs: tuple[str, ...],
) -> None:  # fmt: skip
    resolution = mapping(entry.get("resolution"))
    place = text_of(resolution.get("repo") or resolution.get("tarball") or resolution.get("directory"))
    source, location, revision = source_of(place)
    if "repo" in resolution:
        source, location, revision = "git", place, text_of(resolution.get("commit"))
    if "directory" in resolution:
        source, location = "path", place
    hashes = sri(text_of(resolution.get("integrity")))
    if not re.match(r"\d", version):
        version = text_of(entry.get("version"))
    document.add(
        name, version, line=line, direct=direct, scope=scope,
        hashed=None if source in ("git", "path") else int(bool(hashes)), hashes=hashes, source=source,
        location=location, revision=revision, deprecated=text_of(entry.get("deprecated")),
        scripts=int(entry.get("requiresBuild") == "true") if "requiresBuild" in entry else None, requires=needs,
    )  # fmt: skip


FORMATS = (Format("pnpm-lock.yaml", "npm", "lock", ("pnpm-lock.yaml",), _read),)
