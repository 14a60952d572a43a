"""The objects in the Kubernetes manifests of a project, read once. Templates are named, not read."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target
from secaudit.tables.project._config_files import ConfigFile, ConfigFiles, config_files
from secaudit.tables.project._yaml import Node, Unreadable, get, line_of, listed, load, pairs, text_of

MAX_OBJECTS = 20_000
_TEMPLATED = {
    "Deployment": ("spec", "template"), "StatefulSet": ("spec", "template"), "DaemonSet": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "ReplicationController": ("spec", "template"), "Job": ("spec", "template"), "CronJob": ("spec", "jobTemplate",
    "spec", "template"),
    "PodTemplate": ("template",), "Rollout": ("spec", "template"), "DeploymentConfig": ("spec", "template"),
}  # fmt: skip


class Resource(NamedTuple):
    """One object."""

    file: ConfigFile
    kind: str
    name: str
    namespace: str
    line: int
    node: Node


class Manifests(NamedTuple):
    """All of them."""

    found: tuple[Resource, ...]
    files: ConfigFiles


def manifests(target: Target) -> Manifests:
    """The objects of the project."""
    return target.shared("project manifests", _read)


def is_open(text: str) -> bool:
    """Whether a value is filled in later by a tool for templates."""
    return "{{" in text or "${" in text or "$(" in text


def _may_be(path: str) -> bool:
    return path.lower().endswith((".yml", ".yaml")) and not path.startswith((".github/", ".gitlab"))


def _is_manifest(data: bytes) -> bool:
    return (
        data.startswith(b"apiVersion:") or b"\napiVersion:" in data or b"- apiVersion:" in data
    ) and b"kind:" in data


def _read(target: Target) -> Manifests:
    files = config_files(target, _may_be, "Kubernetes manifest", _is_manifest)
    found: list[Resource] = []
    for file in list(files.found):
        if b"{{" in file.data and "/templates/" in "/" + file.path:
            files.trouble(file.path, "a Helm template")
            continue
        try:
            documents = load(file.data, file.path)
        except Unreadable as problem:
            files.trouble(file.path, "a template" if b"{{" in file.data or b"{%" in file.data else str(problem))
            continue
        for document in documents:
            found.extend(_objects(file, document, 0))
        if len(found) > MAX_OBJECTS:
            files.trouble(file.path, f"more than {MAX_OBJECTS} objects")
            break
    return Manifests(tuple(found), files)


def _objects(file: ConfigFile, node: Node, depth: int) -> Iterator[Resource]:
    kind = text_of(get(node, "kind"))
    if not kind or get(node, "apiVersion") is None:
        return
    if kind.endswith("List") and get(node, "items") is not None and depth < 3:
        for item in listed(get(node, "items")):
            yield from _objects(file, item, depth + 1)
        return
    meta = get(node, "metadata")
    line = line_of(get(node, "kind"), node.line)
    yield Resource(file, kind, text_of(get(meta, "name"))[:120], text_of(get(meta, "namespace"))[:120], line, node)


def pod_of(resource: Resource) -> Node | None:
    """The description of the pods that an object makes."""
    if resource.kind == "Pod":
        return get(resource.node, "spec")
    if resource.kind == "Service" and text_of(get(resource.node, "apiVersion")).startswith("serving.knative.dev"):
        return get(resource.node, "spec", "template", "spec")
    path = _TEMPLATED.get(resource.kind)
    return get(resource.node, *path, "spec") if path is not None else None


def containers_of(pod: Node) -> Iterator[tuple[Node, int]]:
    """Each container, and 1 when it only prepares; a patch without an image is no container."""
    for name, init in (("initContainers", 1), ("containers", 0), ("ephemeralContainers", 0)):
        for node in listed(get(pod, name)):
            if text_of(get(node, "image")):
                yield node, init


def host_paths_of(pod: Node, container: Node) -> Iterator[tuple[str, Node, bool]]:
    """Folders of the machine that a container mounts: path, place, and whether read-only."""
    volumes = {}
    for volume in listed(get(pod, "volumes")):
        path = get(volume, "hostPath", "path")
        if path is not None:
            volumes[text_of(get(volume, "name"))] = path
    for mount in listed(get(container, "volumeMounts")):
        path = volumes.get(text_of(get(mount, "name")))
        if path is not None:
            yield path.text, path, text_of(get(mount, "readOnly")).lower() == "true"


def labels_of(node: Node | None) -> dict[str, str]:
    return {name: text_of(value) for name, _, value in pairs(get(node, "metadata", "labels"))}
