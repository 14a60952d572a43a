"""The services of the Compose files of a project, each set of files put together once for the tables that ask."""

from __future__ import annotations

import posixpath
from typing import Any, Iterable, Iterator, NamedTuple, TypeVar

from secaudit.tableapi import Target
from secaudit.tables.project._compose_merge import extended, merged, services_of
from secaudit.tables.project._config_files import ConfigFile, ConfigFiles, config_files, is_development, name_of
from secaudit.tables.project._yaml import Node, Unreadable, get, load, pairs

BASES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
OVERRIDES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)
MAX_SERVICES = 5_000
Row = TypeVar("Row", bound=Any)
"""A row with the column `development`."""


class Service(NamedTuple):
    """One service of one set of files."""

    name: str
    file: ConfigFile
    line: int
    node: Node
    values: dict[str, str]
    """What .env beside the file says, for variables in values. May hold secrets: never put into a row."""

    @property
    def development(self) -> int:
        return is_development(self.file.path) if not self.file.path.endswith(OVERRIDES) else 1


class Compose(NamedTuple):
    """All of them."""

    services: tuple[Service, ...]
    files: ConfigFiles


def is_compose_name(path: str) -> bool:
    """Whether a name alone says that it is a Compose file."""
    name = name_of(path)
    return name.endswith((".yml", ".yaml")) and name.startswith(
        ("docker-compose", "compose.", "compose-", "docker-stack")
    )


def composes(target: Target) -> Compose:
    """The services of the project."""
    return target.shared("project compose", _read)


def distinct(rows: Iterable[Row]) -> Iterator[Row]:
    """Each row once: what the base file says stands in every service that is put together from it."""
    seen: set[Row] = set()
    for row in rows:
        same = row._replace(development=0)
        if same not in seen:
            seen.add(same)
            yield row


def _may_be(path: str) -> bool:
    if not path.lower().endswith((".yml", ".yaml")) or path.startswith((".github/", ".gitlab", ".circleci/")):
        return False
    return "/.github/" not in path and "gitlab-ci" not in path


def _read(target: Target) -> Compose:
    def is_one(data: bytes) -> bool:
        return data.startswith(b"services:") or b"\nservices:" in data

    named = config_files(target, is_compose_name, "Compose file")
    others = config_files(target, lambda path: _may_be(path) and not is_compose_name(path), "Compose file", is_one)
    documents: dict[str, Node] = {}
    by_folder: dict[str, list[ConfigFile]] = {}
    for file in (*named.found, *others.found):
        by_name = is_compose_name(file.path)
        try:
            loaded = load(file.data, file.path)
        except Unreadable as problem:
            if by_name:
                named.trouble(file.path, str(problem))
            continue
        document = loaded[0] if loaded else None
        services = services_of(document) if document is not None else None
        if document is None or services is None or not (by_name or _looks_right(services)):
            continue
        documents[file.path] = document
        by_folder.setdefault(posixpath.dirname(file.path), []).append(file)
        if not by_name:
            named.found.append(file)
    found: list[Service] = []
    for folder, files in sorted(by_folder.items()):
        values = _environment(target, folder)
        found.extend(_sets(files, documents, values, named))
        if len(found) > MAX_SERVICES:
            named.trouble(folder or ".", f"more than {MAX_SERVICES} services")
            break
    return Compose(tuple(found), named)


def _looks_right(services: Node) -> bool:
    return services.kind == "map" and any(get(value, "image") or get(value, "build") for _, _, value in pairs(services))


def _sets(
    files: list[ConfigFile], documents: dict[str, Node], values: dict[str, str], report: ConfigFiles
) -> list[Service]:
    """The base with its override file; and each other file upon the base, where it changes a service of it."""
    by_name = {posixpath.basename(file.path): file for file in files}
    base = next((by_name[name] for name in BASES if name in by_name), None)
    override = next((by_name[name] for name in OVERRIDES if name in by_name), None) if base is not None else None
    out: list[Service] = []
    base_services: dict[str, Node] = {}
    if base is not None:
        base_services = {name: value for name, _, value in pairs(services_of(documents[base.path]))}
        out.extend(_services(base, None, documents, values, report))
    if base is not None and override is not None:
        out.extend(_services(override, base_services, documents, values, report))
    for file in files:
        if file not in (base, override):
            out.extend(_services(file, base_services, documents, values, report))
    return out


def _services(
    file: ConfigFile, base: dict[str, Node] | None, documents: dict[str, Node], values: dict[str, str], report:
    ConfigFiles
) -> list[Service]:  # fmt: skip
    out = []
    for name, key, value in pairs(services_of(documents[file.path])):
        if value.kind != "map":
            continue
        node, problem = extended(value, name, file.path, documents.get)
        if problem:
            report.trouble(file.path, problem)
        if base and name in base:
            under, _ = extended(base[name], name, base[name].origin, documents.get)
            node = merged(under, node)
        out.append(Service(name, file, key.line, node, values))
    return out


def _environment(target: Target, folder: str) -> dict[str, str]:
    """The file .env beside the Compose file, which gives values to variables in it."""
    try:
        data = target.read_unlisted(posixpath.join("/", folder, ".env"), 256 * 1024)
    except OSError:
        return {"HOME": "~", "PWD": "."}
    values = {"HOME": "~", "PWD": "."}
    for line in data.decode("utf-8", "backslashreplace").split("\n"):
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            values[name.strip()] = value.strip().strip("\"'")
    return values
