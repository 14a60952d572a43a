"""uv.lock: what is needed at run time, for extras or by a group follows from the graph that the file holds."""

from __future__ import annotations

import re
from typing import Any

from secaudit.tables.project._package_model import Document, Format, normal_name
from secaudit.tables.project._package_text import load_toml, mapping, mappings, tables_with_lines, text_of
from secaudit.tables.project._pkg_python_locks import file_hashes, foreign

_OWN = ("virtual", "editable", "directory")
_REV = re.compile(r"#([0-9a-f]{40})$")


def _read(document: Document) -> None:
    data = load_toml(document.text)
    document.runtime = text_of(data.get("requires-python"))
    found = list(tables_with_lines(document, data, "package"))
    members = set(mapping(data.get("manifest")).get("members") or ())
    own = [each for each, _ in found if _is_own(each, members)]
    needs = {text_of(each.get("name")): _names(each.get("dependencies")) for each, _ in found}
    for each, _ in found:  # an extra of a package brings more
        for extra in mapping(each.get("optional-dependencies")).values():
            needs[text_of(each.get("name"))] |= _names(extra)
    scopes, direct = _scopes(own, needs)
    for each in own:
        meta = mapping(each.get("metadata"))
        for need in mappings(meta.get("requires-dist")):
            document.declared.setdefault(normal_name("PyPI", text_of(need.get("name"))), text_of(need.get("specifier")))
        for group in mapping(meta.get("requires-dev")).values():
            for need in mappings(group):
                name = normal_name("PyPI", text_of(need.get("name")))
                document.declared.setdefault(name, text_of(need.get("specifier")))
    for each, line in found:
        if not any(each is project for project in own):
            _add(document, each, line, scopes, direct, bool(own))


def _is_own(each: dict[str, Any], members: set[str]) -> bool:
    source = mapping(each.get("source"))
    return any(text_of(source.get(key)) == "." for key in _OWN) or text_of(each.get("name")) in members


def _names(needs: object) -> set[str]:
    return {text_of(each.get("name")) for each in mappings(needs)}


def _scopes(own: list[dict[str, Any]], needs: dict[str, set[str]]) -> tuple[dict[str, str], set[str]]:
    """The scope of each package, runtime first, and the names that the project itself asks for."""
    starts: list[tuple[str, set[str]]] = [("runtime", set()), ("optional", set()), ("dev", set())]
    for each in own:
        starts[0][1].update(_names(each.get("dependencies")))
        for extra in mapping(each.get("optional-dependencies")).values():
            starts[1][1].update(_names(extra))
        for group in mapping(each.get("dev-dependencies")).values():
            starts[2][1].update(_names(group))
    scopes: dict[str, str] = {}
    for scope, names in starts:
        waiting = [name for name in names if name not in scopes]
        while waiting:
            name = waiting.pop()
            if name not in scopes:
                scopes[name] = scope
                waiting.extend(needs.get(name, ()))
    return scopes, set().union(*(names for _, names in starts))


def _add(
    document: Document, each: dict[str, Any], line: int, scopes: dict[str, str], direct: set[str], is_known: bool
) -> None:
    name, source = text_of(each.get("name")), mapping(each.get("source"))
    hashes = file_hashes([mapping(each.get("sdist")), *mappings(each.get("wheels"))])
    git = text_of(source.get("git"))
    local = next((text_of(source[key]) for key in (*_OWN, "path") if key in source), "")
    where = "git" if git else "url" if "url" in source else "path" if local else "registry"
    commit = _REV.search(git)
    document.add(
        name, text_of(each.get("version")), line=line, direct=int(name in direct) if is_known else None,
        scope=scopes.get(name, ""), hashed=None if where in ("git", "path") else int(bool(hashes)), hashes=hashes,
        source=where, location=git or text_of(source.get("url")) or local or foreign(text_of(source.get("registry"))),
        revision=commit.group(1) if commit else "", requires=tuple(sorted(_names(each.get("dependencies"))))[:200],
    )  # fmt: skip


FORMATS = (Format("uv.lock", "PyPI", "lock", ("uv.lock",), _read),)
