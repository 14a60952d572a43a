"""k8s_containers: the containers of Kubernetes manifests, with the settings that count for each. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._compose_facts import mount_kind, value_kind
from secaudit.tables.project._config_files import words
from secaudit.tables.project._docker_facts import is_dummy
from secaudit.tables.project._dockerfile import image_of
from secaudit.tables.project._k8s import Resource, containers_of, host_paths_of, is_open, manifests, pod_of
from secaudit.tables.project._names import word_of
from secaudit.tables.project._yaml import Node, get, line_of, listed, text_of, texts_of, truth
from secaudit.tables.project.compose_services import RISKY


class K8sContainer(NamedTuple):
    """One container. What the pod says counts where the container says nothing."""

    path: str
    line: int
    tracking: str
    role: str
    """What the file is for, as in project_files."""
    kind: str
    """Of the object: `Deployment`, `Pod`, `CronJob` ..."""
    name: str
    namespace: str
    """Empty when the manifest names none."""
    container: str
    init: int
    """1 when it only prepares."""
    image: str
    pinned: str | None
    """`digest`, `version`, `latest`, `none`; NULL when a template fills it in."""
    privileged: int | None
    """NULL, here and below: a template fills it in."""
    escalation: int | None
    """0 when allowPrivilegeEscalation is false; 1 is the default."""
    not_root: int | None
    """1 for runAsNonRoot: true or a user number above 0, of the container or else of the pod."""
    drops_all: int
    """1 when all capabilities are dropped."""
    risky_capabilities: str
    """Of those added, those with which a program can leave its container."""
    read_only_root: int | None
    seccomp: str
    """`RuntimeDefault`, `Localhost`, `Unconfined`; empty when nothing is said."""
    host_namespaces: str
    """Of ` network pid ipc `, those shared with the machine."""
    host_path: str
    """The most dangerous folder of the machine that is mounted."""
    host_path_kind: str
    """As in compose_mounts; empty when none is mounted."""
    host_path_line: int
    token_mounted: int | None
    """0 when automountServiceAccountToken is false in the pod."""
    memory_limit: int
    cpu_limit: int
    literal_secret: str
    """A variable that is given a password or key in the manifest itself."""
    literal_secret_line: int


@table(targets={"project"}, timeout_s=60.0)
def k8s_containers(target: Target) -> Iterator[K8sContainer]:
    """Yield one row per container of pods, deployments, stateful and daemon sets, jobs, cron jobs and lists of them.

    Source: the Kubernetes API reference.

    Raises:
        Absent: there is no manifest.
        Partial: Helm templates are not read; a file could not be read or understood.
    """
    found = manifests(target)
    rows = 0
    for resource in found.found:
        pod = pod_of(resource)
        if pod is None:
            continue
        for container, init in containers_of(pod):
            rows += 1
            yield _row(resource, pod, container, init)
    found.files.finish(rows=rows > 0)


_ORDER = (
    "docker-socket",
    "host-root",
    "host-system",
    "host-home",
    "other",
    "variable",
    "harmless",
    "volume",
    "project",
)


def _row(resource: Resource, pod: Node, container: Node, init: int) -> K8sContainer:
    own, of_pod = get(container, "securityContext"), get(pod, "securityContext")
    image = text_of(get(container, "image"))
    escalation = _flag(get(own, "allowPrivilegeEscalation"), 1)
    privileged = _flag(get(own, "privileged"), 0)
    added = [name.upper().removeprefix("CAP_") for name in texts_of(get(own, "capabilities", "add"))]
    dropped = [name.upper() for name in texts_of(get(own, "capabilities", "drop"))]
    seccomp = get(own, "seccompProfile", "type") or get(of_pod, "seccompProfile", "type")
    shared = [
        word
        for word, key in (("network", "hostNetwork"), ("pid", "hostPID"), ("ipc", "hostIPC"))
        if truth(get(pod, key)) is True
    ]
    paths = sorted(
        ((mount_kind(path, read_only), path, node.line) for path, node, read_only in host_paths_of(pod, container)),
        key=lambda entry: _ORDER.index(entry[0]),
    )
    kind, path, path_line = paths[0] if paths else ("", "", line_of(get(container, "name"), container.line))
    secret = _literal_secret(container)
    return K8sContainer(
        path=resource.file.path,
        line=line_of(get(container, "name"), container.line),
        tracking=resource.file.tracking,
        role=resource.file.role,
        kind=resource.kind[:60],
        name=resource.name,
        namespace=resource.namespace,
        container=text_of(get(container, "name"))[:80],
        init=init,
        image=image[:200],
        pinned=None if is_open(image) else image_of(image).pinned,
        privileged=privileged,
        escalation=escalation,
        not_root=_not_root(own, of_pod),
        drops_all=int("ALL" in dropped),
        risky_capabilities=" ".join(sorted(RISKY.intersection(added))),
        read_only_root=_flag(get(own, "readOnlyRootFilesystem"), 0),
        seccomp=text_of(seccomp)[:40],
        host_namespaces=words(shared),
        host_path=path[:200],
        host_path_kind=kind,
        host_path_line=path_line,
        token_mounted=_flag(get(pod, "automountServiceAccountToken"), 1),
        memory_limit=int(get(container, "resources", "limits", "memory") is not None),
        cpu_limit=int(get(container, "resources", "limits", "cpu") is not None),
        literal_secret=secret[0],
        literal_secret_line=secret[1] or container.line,
    )


def _flag(node: Node | None, default: int) -> int | None:
    if node is None or node.is_null:
        return default
    known = truth(node)
    return None if known is None else int(known)


def _not_root(own: Node | None, of_pod: Node | None) -> int | None:
    user = get(own, "runAsUser") or get(of_pod, "runAsUser")
    must = get(own, "runAsNonRoot") or get(of_pod, "runAsNonRoot")
    known = _flag(must, 0)
    if known == 1:
        return 1
    if user is not None and not user.is_null:
        return int(int(user.text) > 0) if user.text.isdigit() and len(user.text) < 12 else None
    return known


def _literal_secret(container: Node) -> tuple[str, int]:
    for entry in listed(get(container, "env")):
        name, value = text_of(get(entry, "name")), get(entry, "value")
        if value is None or not word_of(name) or name.upper().endswith(("_FILE", "_PATH", "_URL", "_HOST", "_NAME")):
            continue
        text = text_of(value)
        if text and not is_open(text) and value_kind(text) != "empty" and not is_dummy(text):
            return name[:80], value.line
    return "", 0
