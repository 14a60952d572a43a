"""package.json, package-lock.json (versions 1, 2 and 3) and npm-shrinkwrap.json."""

from __future__ import annotations

import json
import re
from typing import Any

from secaudit.tables.project._npm_names import add_asked, source_of
from secaudit.tables.project._package_model import Document, Format, Unreadable, sri
from secaudit.tables.project._package_text import line_of, load_object, mapping, text_of

MODULES = "node_modules/"
SECTIONS = (
    ("dependencies", "runtime"), ("devDependencies", "dev"), ("optionalDependencies", "optional"),
    ("peerDependencies", "peer"),
)  # fmt: skip
_KEY = re.compile(r'"((?:[^"\\]|\\.)*)"\s*:\s*\{')


def _read_manifest(document: Document) -> None:
    data = load_object(document.text)
    document.name, document.version = text_of(data.get("name")), text_of(data.get("version"))
    document.licence = licence_of(data)
    document.runs("node", text_of(mapping(data.get("engines")).get("node")), line_of(document, "engines"))
    document.publishes = int(_is_library(data))
    document.overridden = any(data.get(key) for key in ("overrides", "resolutions", "pnpm"))
    spaces = data.get("workspaces")
    if isinstance(spaces, dict):
        spaces = spaces.get("packages")
    document.members.extend(str(each) for each in spaces or () if isinstance(each, str))
    for section, scope in SECTIONS:
        asked = mapping(data.get(section))
        if not asked:
            continue
        start = max(document.seek(f'"{section}"'), 0)
        for name, requirement in asked.items():
            if section == "peerDependencies" and name in document.declared:
                continue
            at = document.seek(json.dumps(name, ensure_ascii=False), start)
            add_asked(document, name, text_of(requirement), document.line_at(max(at, start)), scope)


def _is_library(data: dict[str, Any]) -> bool:
    """Whether this is made for a registry. `npm init` writes `main` for everything, so that alone tells nothing."""
    if not data.get("name") or not data.get("version") or data.get("private") is True:
        return False
    if any(key in data for key in ("exports", "files", "bin", "module", "types", "typings", "publishConfig")):
        return True
    return "main" in data and "start" not in mapping(data.get("scripts")) and bool(data.get("keywords"))


def licence_of(data: dict[str, Any]) -> str:
    """`license` as text, or the old forms: an object, or a list of objects."""
    found = data.get("license") or data.get("licenses")
    if isinstance(found, dict):
        found = [found]
    if isinstance(found, list):
        words = [text_of(each.get("type")) if isinstance(each, dict) else text_of(each) for each in found]
        return " OR ".join(word for word in words if word)
    return text_of(found)


def _read_lock(document: Document) -> None:
    data = load_object(document.text)
    document.name, document.version = text_of(data.get("name")), text_of(data.get("version"))
    lines = {match.group(1): document.line_at(match.start()) for match in _KEY.finditer(document.text)}
    if isinstance(data.get("packages"), dict):
        _read_packages(document, data["packages"], lines)
    elif isinstance(data.get("dependencies"), dict):
        _read_tree(document, data["dependencies"], lines)
    elif data.get("lockfileVersion") is None:
        raise Unreadable("it has no lockfileVersion")


def _read_packages(document: Document, packages: dict[str, Any], lines: dict[str, int]) -> None:
    """Versions 2 and 3: one entry for each folder below node_modules, and one for each workspace."""
    tops = {key: mapping(value) for key, value in packages.items() if MODULES not in "/" + key}
    direct: set[str] = set()
    for key, top in tops.items():
        prefix = f"{key}/" if key else ""
        for section, _ in SECTIONS:
            for name, requirement in mapping(top.get(section)).items():
                if key == "":
                    document.declared.setdefault(name, text_of(requirement))
                near = f"{prefix}{MODULES}{name}"
                direct.add(near if near in packages else f"{MODULES}{name}")
    for key, value in packages.items():
        entry = mapping(value)
        if key in tops or entry.get("link") is True:
            continue
        needs = tuple(_found_from(key, need, packages) for need in list(mapping(entry.get("dependencies")))[:200])
        name = text_of(entry.get("name")) or key.rpartition(MODULES)[2]
        _add_locked(document, name, entry, text_of(entry.get("version")), lines.get(key, 1), int(key in direct),
                    needs, tells=True)  # fmt: skip


def _found_from(key: str, name: str, packages: dict[str, Any]) -> str:
    """The package that Node finds when the one in this folder asks for a name: `name@version`."""
    folder = key
    for _ in range(40):
        entry = mapping(packages.get(f"{folder}/{MODULES}{name}" if folder else f"{MODULES}{name}"))
        if entry:
            return f"{text_of(entry.get('name')) or name}@{text_of(entry.get('version'))}"
        if not folder:
            break
        folder = folder.rpartition(MODULES)[0].rstrip("/") if MODULES in folder else ""
    return name


def _read_tree(document: Document, top: dict[str, Any], lines: dict[str, int]) -> None:
    """Version 1: packages inside packages. Without the manifest, the top level does not tell what is direct."""
    waiting = [(name, mapping(value), True) for name, value in top.items()]
    while waiting:
        name, entry, is_top = waiting.pop()
        waiting.extend((inner, mapping(value), False) for inner, value in mapping(entry.get("dependencies")).items())
        version = text_of(entry.get("version"))
        alias = re.fullmatch(r"npm:(@?[^@]+)@(.+)", version)
        if alias:
            name, version = alias.groups()
        _add_locked(document, name, entry, version, lines.get(name, 1), None if is_top else 0,
                    tuple(mapping(entry.get("requires")))[:200], tells=False)  # fmt: skip


def _add_locked(
    document: Document, name: str, entry: dict[str, Any], version: str, line: int, direct: int | None,
    needs: tuple[str, ...], *, tells: bool,
) -> None:  # fmt: skip
    resolved = text_of(entry.get("resolved"))
    place = resolved or (version if ":" in version else "")
    source, location, revision = source_of(place)
    if ":" in version:
        version = ""
    scope = (
        "dev" if entry.get("dev") or entry.get("devOptional") else "optional" if entry.get("optional") else "runtime"
    )
    hashes = sri(text_of(entry.get("integrity")))
    bundled = entry.get("inBundle") is True or entry.get("bundled") is True
    hashed = None if source in ("git", "path") or bundled else int(bool(hashes))
    scripts = entry.get("hasInstallScript")
    document.add(
        name, version, line=line, direct=direct, scope=scope, hashed=hashed, source=source, location=location,
        revision=revision, hashes=hashes, licence=licence_of(entry),
        deprecated=text_of(entry.get("deprecated")) if tells else None, scripts=int(scripts is True) if tells else None,
        requires=needs,
    )  # fmt: skip


FORMATS = (
    Format("package.json", "npm", "manifest", ("package.json",), _read_manifest),
    Format("package-lock.json", "npm", "lock", ("package-lock.json",), _read_lock),
    Format("npm-shrinkwrap.json", "npm", "lock", ("npm-shrinkwrap.json",), _read_lock),
)
