"""k8s_rbac_rules: the rights that roles of Kubernetes manifests give. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._config_files import words
from secaudit.tables.project._k8s import manifests
from secaudit.tables.project._yaml import get, listed, texts_of


class K8sRule(NamedTuple):
    """One rule of a role."""

    path: str
    line: int
    tracking: str
    role: str
    """What the file is for, as in project_files."""
    kind: str
    """`Role` or `ClusterRole`."""
    name: str
    namespace: str
    groups: str
    """API groups, as ` apps batch `; the core group is ` core `."""
    resources: str
    """As ` pods secrets `."""
    verbs: str
    """As ` get list `."""
    limited: int
    """1 when only objects of certain names are meant."""


@table(targets={"project"}, timeout_s=60.0)
def k8s_rbac_rules(target: Target) -> Iterator[K8sRule]:
    """Yield one row per rule of each Role and ClusterRole.

    Source: the Kubernetes API reference.

    Raises:
        Absent: there is no role in any manifest.
        Partial: Helm templates are not read; a file could not be read or understood.
    """
    found = manifests(target)
    rows = 0
    for resource in found.found:
        if resource.kind not in ("Role", "ClusterRole"):
            continue
        for rule in listed(get(resource.node, "rules")):
            rows += 1
            yield K8sRule(
                path=resource.file.path,
                line=rule.line,
                tracking=resource.file.tracking,
                role=resource.file.role,
                kind=resource.kind,
                name=resource.name,
                namespace=resource.namespace,
                groups=_words([text or "core" for text in texts_of(get(rule, "apiGroups"))]),
                resources=_words(texts_of(get(rule, "resources"))),
                verbs=_words(texts_of(get(rule, "verbs"))),
                limited=int(bool(texts_of(get(rule, "resourceNames")))),
            )
    found.files.finish(rows=rows > 0)


def _words(texts: list[str]) -> str:
    """All of them, each once: a check asks for single words, and any of them may be the bad one."""
    return words(dict.fromkeys(text.lower() for text in texts))
