"""compose_services: the services of Compose files, with what gives them rights over the machine. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Partial, Target, table
from secaudit.tables.project._compose import Service, composes
from secaudit.tables.project._compose_facts import login_flag, start_of
from secaudit.tables.project._compose_merge import interpolate
from secaudit.tables.project._docker_facts import start_facts
from secaudit.tables.project._dockerfile import image_of
from secaudit.tables.project._service_kinds import kind_of_service
from secaudit.tables.project._yaml import Node, get, text_of, texts_of, truth

RISKY = frozenset(
    "ALL SYS_ADMIN SYS_MODULE SYS_PTRACE SYS_RAWIO DAC_READ_SEARCH SYS_BOOT BPF PERFMON MAC_ADMIN MAC_OVERRIDE".split()
)
"""Capabilities with which a program leaves its container. Each has a known way out."""
_UNCONFINED = ("seccomp:unconfined", "seccomp=unconfined", "apparmor:unconfined", "apparmor=unconfined",
    "label:disable", "label=disable",
               "systempaths=unconfined")  # fmt: skip


class ComposeService(NamedTuple):
    """One service; what an override file or `extends` adds is put in."""

    path: str
    line: int
    tracking: str
    role: str
    """What the file is for, as in project_files."""
    development: int
    """1 when the name of the file says that it is for developing or testing."""
    service: str
    kind: str
    """`database`, `admin` (a page for administrators), or empty."""
    image: str
    pinned: str | None
    """`digest`, `version`, `latest`, `none`, `build` when it is built here, `unset` when neither is said; NULL when a
    variable without a value decides."""
    account: str | None
    """`user`; empty when it is not set; NULL when a variable decides."""
    privileged: int | None
    network_mode: str
    pid: str
    ipc: str
    userns: str
    risky_capabilities: str
    """Of `cap_add`, those with which a program can leave its container."""
    drops_all: int
    """1 when `cap_drop` holds ALL."""
    unconfined: str
    """A `security_opt` that switches protection off."""
    no_new_privileges: int
    read_only: int
    memory_limited: int
    start: str
    """`development-server` and what it is, when the start command is one for developing."""
    login_switch: str
    """A switch of the start command that lets everyone in."""


@table(targets={"project"}, timeout_s=60.0)
def compose_services(target: Target) -> Iterator[ComposeService]:
    """Yield one row per service of each Compose file. A file beside the base file is read upon it.

    Source: the Compose Specification.

    Raises:
        Absent: there is no Compose file.
        Partial: a file could not be read or understood.
    """
    found = composes(target)
    problems: list[str] = []
    for service in found.services:
        yield _row(service, problems)
    if problems:
        raise Partial("; ".join(problems[:3]))
    found.files.finish(rows=bool(found.services))


def _start(service: Service, problems: list[str]) -> tuple[str, str]:
    """The server for developers that a service starts, and a switch that lets everyone in."""
    try:
        start = start_of(service)
        development = next((detail for fact, _, detail in start_facts(start) if fact == "development-server"), "")
        return development, login_flag(start)
    except Partial as problem:
        problems.append(f"{service.file.path}, service {service.name[:80]}: {problem.reason}")
        return "", ""


def _row(service: Service, problems: list[str]) -> ComposeService:
    node, values = service.node, service.values
    written = text_of(get(node, "image"))
    image = interpolate(written, values)
    pinned: str | None = None
    if get(node, "build") is not None:
        pinned = "build"
    elif not written:
        pinned = "unset"
    elif image is not None:
        pinned = image_of(image).pinned
    elif "@sha256:" in written:
        pinned = "digest"
    options = [option.replace(" ", "").lower() for option in texts_of(get(node, "security_opt"))]
    added = [name.upper().removeprefix("CAP_") for name in texts_of(get(node, "cap_add"))]
    dropped = {name.upper().removeprefix("CAP_") for name in texts_of(get(node, "cap_drop"))}
    development, login_switch = _start(service, problems)
    user = get(node, "user")
    return ComposeService(
        path=service.file.path,
        line=service.line,
        tracking=service.file.tracking,
        role=service.file.role,
        development=service.development,
        service=service.name[:80],
        kind=kind_of_service(image or written, service.name),
        image=written[:200],
        pinned=pinned,
        account="" if user is None else interpolate(text_of(user), values),
        privileged=_flag(get(node, "privileged"), values),
        network_mode=text_of(get(node, "network_mode"))[:60],
        pid=text_of(get(node, "pid"))[:60],
        ipc=text_of(get(node, "ipc"))[:60],
        userns=text_of(get(node, "userns_mode"))[:60],
        risky_capabilities=" ".join(sorted(RISKY.intersection(added))),
        drops_all=int("ALL" in dropped),
        unconfined=next((option for option in options if option in _UNCONFINED), ""),
        no_new_privileges=int(
            any(
                option in ("no-new-privileges:true", "no-new-privileges", "no-new-privileges=true")
                for option in options
            )
        ),
        read_only=int(_flag(get(node, "read_only"), values) == 1),
        memory_limited=int(bool(get(node, "mem_limit") or get(node, "deploy", "resources", "limits", "memory"))),
        start=f"development-server {development}" if development else "",
        login_switch=login_switch,
    )


def _flag(node: Node | None, values: dict[str, str]) -> int | None:
    """0 when it is not set; None when a variable without a value decides."""
    if node is None or node.is_null:
        return 0
    text = interpolate(node.text, values) if node.kind == "text" else None
    if text is None:
        return None
    known = truth(Node("text", node.line, text))
    return None if known is None else int(known)
