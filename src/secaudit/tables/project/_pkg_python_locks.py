"""Lock files of Python: poetry.lock, pdm.lock, pylock.toml (PEP 751) and Pipfile.lock. uv.lock has its own module."""

from __future__ import annotations

import re
from typing import Any

from secaudit.tables.project._package_model import Document, Format, Unreadable, without_login
from secaudit.tables.project._package_text import (
    load_object,
    load_toml,
    mapping,
    mappings,
    tables_with_lines,
    text_of,
    texts,
)
from secaudit.tables.project._python_names import exact_version

USUAL_INDEX = ("https://pypi.org/", "https://pypi.python.org/", "https://files.pythonhosted.org/")
_GROUPS = {"main": "runtime", "default": "runtime", "": "runtime"}
_HASH = re.compile(r"[a-z0-9]+:[0-9a-f]{8,200}")


def file_hashes(files: object) -> tuple[str, ...]:
    """Checksums of a list of files, each with `hash`."""
    found = [text_of(each.get("hash")) for each in mappings(files)]
    return tuple(each for each in found[:300] if _HASH.fullmatch(each))


def scope_of(groups: list[str], optional: bool = False) -> str:
    """Runtime when any of its groups is; else the first group."""
    if not groups:
        return "optional" if optional else "runtime"
    if any(group in _GROUPS for group in groups):
        return "optional" if optional else "runtime"
    return "dev" if any("dev" in group or "test" in group for group in groups) else groups[0]


def foreign(url: str) -> str:
    """The address of an index; nothing for the usual one."""
    return "" if url.startswith(USUAL_INDEX) or "://" not in url else without_login(url)


def _read_poetry(document: Document) -> None:
    data = load_toml(document.text)
    old_files = mapping(mapping(data.get("metadata")).get("files"))
    for each, line in tables_with_lines(document, data, "package"):
        source = mapping(each.get("source"))
        kind = text_of(source.get("type"))
        hashes = file_hashes(each.get("files")) or file_hashes(old_files.get(text_of(each.get("name"))))
        where = {"git": "git", "url": "url", "directory": "path", "file": "path"}.get(kind, "registry")
        category = text_of(each.get("category"))
        groups = texts(each.get("groups")) or ([category] if category else [])
        optional = each.get("optional") is True
        document.add(
            text_of(each.get("name")), text_of(each.get("version")), line=line,
            scope=scope_of(groups, optional) if groups else "optional" if optional else "",
            hashed=None if where in ("git", "path") else int(bool(hashes)), hashes=hashes, source=where,
            location=foreign(text_of(source.get("url"))) if where == "registry" else text_of(source.get("url")),
            revision=text_of(source.get("resolved_reference")) if where == "git" else "",
            requires=tuple(mapping(each.get("dependencies")))[:200],
        )  # fmt: skip


def _read_pdm(document: Document) -> None:
    data = load_toml(document.text)
    old_files = mapping(mapping(data.get("metadata")).get("files"))
    seen: set[tuple[str, str]] = set()
    for each, line in tables_with_lines(document, data, "package"):
        name, version = text_of(each.get("name")), text_of(each.get("version"))
        if (name, version) in seen:  # once more for each set of extras
            continue
        seen.add((name, version))
        files = each.get("files") or next((v for k, v in old_files.items() if k.startswith(f"{name} {version}")), None)
        hashes = file_hashes(files)
        where = "git" if each.get("git") else "path" if each.get("path") else "url" if each.get("url") else "registry"
        groups = texts(each.get("groups"))
        document.add(
            name, version, line=line, scope=scope_of(groups) if groups else "",
            hashed=None if where in ("git", "path") else int(bool(hashes)), hashes=hashes, source=where,
            location=text_of(each.get("git") or each.get("path") or each.get("url")),
            revision=text_of(each.get("revision") or each.get("ref")),
            requires=tuple(re.split(r"[^A-Za-z0-9._-]", word.strip())[0] for word in texts(each.get("dependencies"))),
        )  # fmt: skip


def _read_pylock(document: Document) -> None:
    data = load_toml(document.text)
    if not text_of(data.get("lock-version")):
        raise Unreadable("it has no lock-version")
    document.runtime = text_of(data.get("requires-python"))
    for each, line in tables_with_lines(document, data, "packages"):
        vcs, folder, archive = (mapping(each.get(key)) for key in ("vcs", "directory", "archive"))
        files = [mapping(each.get("sdist")), *mappings(each.get("wheels")), archive]
        hashes = tuple(
            f"{kind}:{value}" for file in files[:300] for kind, value in mapping(file.get("hashes")).items()
            if isinstance(value, str)
        )  # fmt: skip
        where = "git" if vcs else "path" if folder else "url" if archive else "registry"
        document.add(
            text_of(each.get("name")), text_of(each.get("version")), line=line, scope="runtime",
            hashed=None if where in ("git", "path") else int(bool(hashes)), hashes=hashes, source=where,
            location=text_of((vcs or archive).get("url") or folder.get("path")) or foreign(text_of(each.get("index"))),
            revision=text_of(vcs.get("commit-id") or vcs.get("requested-revision")),
            requires=tuple(text_of(need.get("name")) for need in mappings(each.get("dependencies")))[:200],
        )  # fmt: skip


def _read_pipfile(document: Document) -> None:
    data = load_object(document.text)
    if "_meta" not in data:
        raise Unreadable("it has no _meta")
    meta = mapping(data["_meta"])
    document.runtime = text_of(mapping(meta.get("requires")).get("python_version"))
    for scope, section in (("runtime", "default"), ("dev", "develop")):
        start = max(document.seek(f'"{section}"'), 0)
        for name, value in mapping(data.get(section)).items():
            _add_pipfile(document, name, mapping(value), scope, start)


def _add_pipfile(document: Document, name: str, entry: dict[str, Any], scope: str, start: int) -> None:
    hashes = tuple(each for each in texts(entry.get("hashes"))[:300] if _HASH.fullmatch(each))
    place = text_of(entry.get("git") or entry.get("file") or entry.get("path"))
    where = "git" if "git" in entry else "registry"
    if "git" not in entry and place:
        where = "url" if "://" in place else "path"
    at = document.seek(f'"{name}"', start)
    document.add(
        name, exact_version(text_of(entry.get("version"))), line=document.line_at(max(at, start)), scope=scope,
        hashed=None if where in ("git", "path") else int(bool(hashes)), hashes=hashes, source=where, location=place,
        revision=text_of(entry.get("ref")),
    )  # fmt: skip


FORMATS = (
    Format("poetry.lock", "PyPI", "lock", ("poetry.lock",), _read_poetry),
    Format("pdm.lock", "PyPI", "lock", ("pdm.lock",), _read_pdm),
    Format("pylock.toml", "PyPI", "lock", ("pylock.toml", "pylock.*.toml"), _read_pylock),
    Format("Pipfile.lock", "PyPI", "lock", ("Pipfile.lock",), _read_pipfile),
)
