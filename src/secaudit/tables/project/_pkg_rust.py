"""Cargo.toml and Cargo.lock."""

from __future__ import annotations

import re
from typing import Any

from secaudit.tables.project._package_model import Document, Format
from secaudit.tables.project._package_text import line_of, load_toml, mapping, tables_with_lines, text_of, texts

_USUAL = ("registry+https://github.com/rust-lang/crates.io-index", "sparse+https://index.crates.io/")
_SECTIONS = (("dependencies", "runtime"), ("dev-dependencies", "dev"), ("build-dependencies", "build"))


def _read_manifest(document: Document) -> None:
    data = load_toml(document.text)
    package, workspace = mapping(data.get("package")), mapping(data.get("workspace"))
    document.name, document.version = text_of(package.get("name")), text_of(package.get("version"))
    document.licence = text_of(package.get("license")) or text_of(mapping(workspace.get("package")).get("license"))
    document.runtime = text_of(package.get("rust-version"))
    document.members.extend(texts(workspace.get("members")))
    is_program = "bin" in data or package.get("publish") is False or "default-run" in package
    document.publishes = int(bool(document.name) and "lib" in data and not is_program)
    shared = mapping(workspace.get("dependencies"))
    places = [("", data), *((f"target.{key}.", mapping(value)) for key, value in mapping(data.get("target")).items())]
    for prefix, table in places:
        for section, scope in _SECTIONS:
            for name, value in mapping(table.get(section)).items():
                _ask(document, name, value, f"[{prefix}{section}", scope)
    document.overridden = "patch" in data or "replace" in data
    count = len(document.packages)
    for name, value in shared.items():  # for the members that want them; perhaps none does
        _ask(document, name, value, "[workspace.dependencies", "runtime")
    document.packages[count:] = [each._replace(direct=None) for each in document.packages[count:]]


def _ask(document: Document, name: str, value: object, section: str, scope: str) -> None:
    entry: dict[str, Any] = mapping(value)
    if entry.get("workspace") is True:
        return  # the top of the workspace says the version
    version = text_of(value) or text_of(entry.get("version"))
    where = "git" if "git" in entry else "path" if "path" in entry else "registry"
    exact = re.fullmatch(r"=\s*(\d+\.\d+\.\d+\S*)", version)
    document.ask(
        text_of(entry.get("package")) or name, version, line_of(document, name, section),
        "optional" if entry.get("optional") is True else scope, version=exact.group(1) if exact else "", source=where,
        location=text_of(entry.get("git") or entry.get("path")),
        revision=text_of(entry.get("rev") or entry.get("tag") or entry.get("branch")),
    )  # fmt: skip


def _read_lock(document: Document) -> None:
    data = load_toml(document.text)
    old = mapping(data.get("metadata"))
    found = list(tables_with_lines(document, data, "package"))
    own: set[str] = set()
    for each, _ in found:
        if not text_of(each.get("source")):
            own.update(word.split(" ")[0] for word in texts(each.get("dependencies")))
    local = {text_of(each.get("name")) for each, _ in found if not text_of(each.get("source"))}
    for each, line in found:
        source = text_of(each.get("source"))
        name, version = text_of(each.get("name")), text_of(each.get("version"))
        if not source:
            continue  # a package of the project itself
        checksum = text_of(each.get("checksum")) or text_of(old.get(f"checksum {name} {version} ({source})"))
        is_git = source.startswith("git+")
        address, _, commit = source.partition("#")
        document.add(
            name, version, line=line, direct=int(name in own) if local else None, scope="",
            hashed=None if is_git else int(bool(checksum)), hashes=(f"sha256:{checksum}",) if checksum else (),
            source="git" if is_git else "registry",
            location="" if source.startswith(_USUAL) else address.partition("+")[2], revision=commit if is_git else "",
            requires=tuple("@".join(word.split(" ")[:2]) for word in texts(each.get("dependencies"))[:200]),
        )  # fmt: skip


FORMATS = (
    Format("Cargo.toml", "crates.io", "manifest", ("Cargo.toml",), _read_manifest),
    Format("Cargo.lock", "crates.io", "lock", ("Cargo.lock",), _read_lock),
)
