"""k8s_resources: the objects of Kubernetes manifests: secrets, ingresses, policies. Not in osquery."""

from __future__ import annotations

import base64
import binascii
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._docker_facts import is_dummy
from secaudit.tables.project._k8s import Resource, is_open, manifests, pod_of
from secaudit.tables.project._names import word_of
from secaudit.tables.project._yaml import get, listed, pairs, text_of, truth

_STAND_INS = (
    "example",
    "changeme",
    "change-me",
    "change_me",
    "your-",
    "your_",
    "<",
    "replace",
    "todo",
    "xxxx",
    "insert",
)


class K8sResource(NamedTuple):
    """One object."""

    path: str
    line: int
    tracking: str
    role: str
    """What the file is for, as in project_files."""
    kind: str
    name: str
    namespace: str
    """Empty when the manifest names none."""
    workload: int
    """1 when it makes pods."""
    service_type: str
    """Of a Service: `ClusterIP`, `NodePort`, `LoadBalancer` ..."""
    tls: int | None
    """Of an Ingress: 1 when it has TLS. NULL for others."""
    secret_values: int
    """Of a Secret: how many readable values it holds; of a ConfigMap: how many under names of secrets."""
    automount: int | None
    """Of a ServiceAccount: 0 when its token is not mounted by itself."""


@table(targets={"project"}, timeout_s=60.0)
def k8s_resources(target: Target) -> Iterator[K8sResource]:
    """Yield one row per object of each manifest. Values of secrets are not here.

    Source: the Kubernetes API reference.

    Raises:
        Absent: there is no manifest.
        Partial: Helm templates are not read; a file could not be read or understood.
    """
    found = manifests(target)
    for resource in found.found:
        node = resource.node
        automount = truth(get(node, "automountServiceAccountToken"))
        yield K8sResource(
            path=resource.file.path,
            line=resource.line,
            tracking=resource.file.tracking,
            role=resource.file.role,
            kind=resource.kind[:60],
            name=resource.name,
            namespace=resource.namespace,
            workload=int(pod_of(resource) is not None),
            service_type=(text_of(get(node, "spec", "type")) or "ClusterIP")[:40] if resource.kind == "Service" else "",
            tls=int(bool(listed(get(node, "spec", "tls")))) if resource.kind == "Ingress" else None,
            secret_values=_readable(resource),
            automount=None if automount is None or resource.kind != "ServiceAccount" else int(automount),
        )
    found.files.finish(rows=bool(found.found))


def _readable(resource: Resource) -> int:
    node = resource.node
    if get(node, "sops") is not None or resource.kind not in ("Secret", "ConfigMap"):
        return 0
    if resource.kind == "ConfigMap":
        return sum(bool(word_of(name)) and _is_value(text_of(value)) for name, _, value in pairs(get(node, "data")))
    count = sum(_is_value(text_of(value)) for _, _, value in pairs(get(node, "stringData")))
    for _, _, value in pairs(get(node, "data")):
        text = text_of(value).strip()
        try:
            plain = base64.b64decode(text[:20_000], validate=True).decode("utf-8", "backslashreplace")
        except (binascii.Error, ValueError):
            plain = "" if is_open(text) else text
        count += _is_value(plain)
    return count


def _is_value(text: str) -> bool:
    low = text.strip().lower()
    return (
        bool(low)
        and not is_open(low)
        and not is_dummy(low)
        and not any(mark in low for mark in _STAND_INS)
        and not low.startswith("enc[")
    )
