"""k8s_rbac_bindings: who gets which role in Kubernetes manifests. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._k8s import manifests
from secaudit.tables.project._yaml import get, listed, text_of


class K8sBinding(NamedTuple):
    """One subject of a binding."""

    path: str
    line: int
    tracking: str
    role: str
    """What the file is for, as in project_files."""
    kind: str
    """`RoleBinding` or `ClusterRoleBinding`."""
    name: str
    namespace: str
    given_kind: str
    """`Role` or `ClusterRole`."""
    given: str
    """The name of the role."""
    subject_kind: str
    """`ServiceAccount`, `User` or `Group`."""
    subject: str
    subject_namespace: str


@table(targets={"project"}, timeout_s=60.0)
def k8s_rbac_bindings(target: Target) -> Iterator[K8sBinding]:
    """Yield one row per subject of each RoleBinding and ClusterRoleBinding.

    Source: the Kubernetes API reference.

    Raises:
        Absent: there is no binding in any manifest.
        Partial: Helm templates are not read; a file could not be read or understood.
    """
    found = manifests(target)
    rows = 0
    for resource in found.found:
        if resource.kind not in ("RoleBinding", "ClusterRoleBinding"):
            continue
        for subject in listed(get(resource.node, "subjects")):
            rows += 1
            yield K8sBinding(
                path=resource.file.path,
                line=resource.line,
                tracking=resource.file.tracking,
                role=resource.file.role,
                kind=resource.kind,
                name=resource.name,
                namespace=resource.namespace,
                given_kind=text_of(get(resource.node, "roleRef", "kind"))[:40],
                given=text_of(get(resource.node, "roleRef", "name"))[:120],
                subject_kind=text_of(get(subject, "kind"))[:40],
                subject=text_of(get(subject, "name"))[:120],
                subject_namespace=text_of(get(subject, "namespace"))[:120],
            )
    found.files.finish(rows=rows > 0)
