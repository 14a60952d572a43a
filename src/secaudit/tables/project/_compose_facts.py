"""Ports, mounts and variables of a Compose service in one form each, whatever way they are written."""

from __future__ import annotations

import posixpath
from typing import Iterator, NamedTuple

from secaudit.tableapi import Partial
from secaudit.tables.project._compose import Service
from secaudit.tables.project._compose_merge import as_mapping, default_of, interpolate
from secaudit.tables.project._docker_facts import is_dummy
from secaudit.tables.project._names import word_of
from secaudit.tables.project._yaml import Node, get, listed, pairs, text_of, texts_of, truth

MAX_START = 256 * 1024
"""Characters of one start command; aliases can make it long without end."""

MAX_PORTS = 64
"""Of one range; more are one row."""


class Port(NamedTuple):
    """One published port."""

    node: Node
    host: str | None
    """The address; empty for all addresses; None when a variable decides."""
    published: str | None
    """As written; empty when Docker chooses one."""
    inside: int


def ports_of(service: Service) -> Iterator[Port]:
    """The published ports, short and long form."""
    if text_of(get(service.node, "network_mode")) == "host":
        return
    for node in listed(get(service.node, "ports")):
        if node.kind == "map":
            target = interpolate(text_of(get(node, "target")), service.values)
            host = interpolate(text_of(get(node, "host_ip")), service.values)
            published = interpolate(text_of(get(node, "published")), service.values)
            for port in _range(target or ""):
                yield Port(node, host, published, port)
            continue
        text = interpolate(node.text, service.values)
        if text is None:
            yield _with_variables(node)
            continue
        host, published, inside = split_port(text)
        for port in _range(inside):
            yield Port(node, host, published, port)


def _with_variables(node: Node) -> Port:
    """`${PORT}:5432`: the address is known when nothing but a port can be meant."""
    blank = _blanked(node.text)
    host, published, inside = split_port(blank)
    known: str | None = host
    if "\0" in host:
        known = None
    elif not host and published.count("\0") and blank.count(":") == 1:
        known = ""  # `${PORT}:5432`; a variable that holds `127.0.0.1:80` is rare, and named below when it may
        if any(word in node.text.lower() for word in ("addr", "bind", "host", "listen", "ip", "iface")):
            known = None
    ports = list(_range(inside))
    return Port(node, known, None, ports[0] if ports else 0)


def _blanked(text: str) -> str:
    out, depth, position = [], 0, 0
    while position < len(text):
        if text.startswith("${", position):
            depth += 1
            position += 2
            if depth == 1:
                out.append("\0")
            continue
        if depth and text[position] == "}":
            depth -= 1
        elif not depth and text[position] == "$":
            out.append("\0")
            while position + 1 < len(text) and (text[position + 1].isalnum() or text[position + 1] == "_"):
                position += 1
        elif not depth:
            out.append(text[position])
        position += 1
    return "".join(out)


def split_port(text: str) -> tuple[str, str, str]:
    """Address, outer and inner port of `[ADDRESS:][OUTER:]INNER[/PROTOCOL]`."""
    text = text.strip().partition("/")[0]
    head, _, inside = text.rpartition(":")
    if head.startswith("["):
        address, _, published = head[1:].partition("]")
        return address, published.lstrip(":"), inside
    address, _, published = head.rpartition(":")
    if not address and "." in published:
        return published, "", inside
    return address, published, inside


def _range(text: str) -> Iterator[int]:
    first, dash, last = text.strip().partition("-")
    if not first.isdigit() or len(first) > 5:
        return
    end = int(last) if dash and last.isdigit() and len(last) <= 5 else int(first)
    yield from range(int(first), min(end, int(first) + MAX_PORTS) + 1)


def is_local(host: str) -> bool:
    """Whether an address is reachable from this machine only."""
    return host.startswith("127.") or host in ("::1", "localhost")


class Mount(NamedTuple):
    """A folder or file of the machine inside a container."""

    node: Node
    source: str
    """Without what .env gives; empty for a volume without a name."""
    target: str
    read_only: int
    kind: str
    """`docker-socket`, `host-root`, `host-system`, `host-home`, `harmless`, `project`, `volume`, `other`,
    `variable`."""


def mounts_of(service: Service) -> Iterator[Mount]:
    """The mounts, short and long form."""
    for node in listed(get(service.node, "volumes")):
        if node.kind == "map":
            kind = text_of(get(node, "type")) or "volume"
            source = interpolate(text_of(get(node, "source")) or text_of(get(node, "src")), service.values)
            target = text_of(get(node, "target")) or text_of(get(node, "dst"))
            read_only = int(truth(get(node, "read_only")) is True)
            if kind not in ("bind", "volume"):
                continue
            if kind == "volume" and source is not None and not source.startswith(("/", ".", "~")):
                yield Mount(node, source, target, read_only, "volume")
                continue
        else:
            text = interpolate(node.text, service.values)
            if text is None:
                source, target, read_only = None, "", 0
                if "docker.sock" in node.text:
                    source = "/var/run/docker.sock"
            else:
                source, target, options = split_mount(text)
                read_only = int("ro" in options.split(","))
        if source is None:
            yield Mount(node, "", target, read_only, "variable")
        else:
            kind = mount_kind(source, bool(read_only))
            written = split_mount(node.text)[0] if node.kind == "text" else text_of(get(node, "source"))
            yield Mount(node, written if "$" in node.text or "$" in written else source, target, read_only, kind)


def split_mount(text: str) -> tuple[str, str, str]:
    """Source, target and options of `SOURCE:TARGET[:OPTIONS]`; a lone target is an unnamed volume."""
    parts = text.split(":")
    if len(parts) > 1 and len(parts[0]) == 1 and parts[0].isalpha() and parts[1].startswith(("\\", "/")):
        parts = [f"{parts[0]}:{parts[1]}", *parts[2:]]
    if len(parts) == 1:
        return "", parts[0], ""
    return parts[0], parts[1], parts[2] if len(parts) > 2 else ""


_HARMLESS = (
    "/etc/localtime", "/etc/timezone", "/etc/hosts", "/etc/resolv.conf", "/etc/ssl", "/etc/letsencrypt",
    "/etc/ca-certificates", "/etc/machine-id", "/etc/hostname", "/etc/os-release", "/etc/pki", "/dev/shm",  # noqa: S108
    "/dev/null", "/dev/dri", "/dev/snd", "/dev/net/tun", "/dev/fuse", "/tmp/.X11-unix", "/lib/modules",  # noqa: S108
    "/usr/share/zoneinfo", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates",
)  # fmt: skip
_SEEN_ONLY = (
    "/proc",
    "/sys",
    "/var/log",
    "/run/udev",
    "/etc/passwd",
    "/etc/group",
    "/var/lib/docker",
    "/dev/disk",
    "/var/run",
    "/run",
    "/dev",
)
_SYSTEM = (
    "/etc", "/proc", "/sys", "/boot", "/dev", "/var/run", "/run", "/var/lib/docker", "/var/lib/kubelet", "/usr", "/bin",
    "/sbin", "/lib", "/var/lib", "/var/log", "/var",
)  # fmt: skip
_SOCKETS = ("docker.sock", "containerd.sock", "podman.sock", "crio.sock", "cri-dockerd.sock")


def mount_kind(source: str, read_only: bool) -> str:
    """What a folder of the machine is."""
    if not source:
        return "volume"
    if source.startswith(("./", "../", ".")) and not source.startswith("/"):
        return "project"
    path = posixpath.normpath(source) if source.startswith("/") else source
    if posixpath.basename(path) in _SOCKETS:
        return "docker-socket"
    if path in ("/", "//"):
        return "host-root"
    if any(path == place or path.startswith(place + "/") for place in _HARMLESS):
        return "harmless"
    if read_only and any(path == place or path.startswith(place + "/") for place in _SEEN_ONLY):
        return "harmless"
    if path in _SYSTEM or path.startswith(
        ("/etc/", "/proc/", "/sys/", "/boot/", "/dev/mem", "/dev/sd", "/dev/kmem", "/dev/nvme", "/var/lib/docker/")
    ):
        return _etc_of_program(path)
    if path in ("/root", "/home", "~", "$HOME") or path.startswith("/root/") or path.rstrip("/") == "~":
        return "host-home"
    if path.startswith("~/"):
        return (
            "host-home"
            if path.startswith(("~/.ssh", "~/.aws", "~/.gnupg", "~/.kube", "~/.docker", "~/.config/gcloud", "~/.azure"))
            else "other"
        )
    return "other" if path.startswith("/") else "volume"


def _etc_of_program(path: str) -> str:
    """`/etc/prometheus` is one program's folder; `/etc` and its keys are the machine's."""
    own = (
        "/etc/passwd",
        "/etc/shadow",
        "/etc/sudoers",
        "/etc/ssh",
        "/etc/cron",
        "/etc/systemd",
        "/etc/kubernetes",
        "/etc/pam.d",
        "/etc/docker",
    )
    if path.startswith("/etc/") and not path.startswith(own):
        return "other"
    return "host-system"


class Variable(NamedTuple):
    """One variable of a service that is given a secret, or that switches something."""

    node: Node
    name: str
    word: str
    how: str
    fact: str


_WEAK = frozenset(
    "password passwd pass postgres root admin administrator toor changeme change_me changeit secret example test"
    " user guest qwerty letmein"
    " welcome default mysql mariadb mongo mongodb redis rabbitmq minio minioadmin minio123 db dev demo app django"
    " flask laravel wordpress"
    " symfony drupal joomla magento sa password1 password123 passw0rd p@ssw0rd p@ssword admin123 root123 test123"
    " secret123 1234 12345 123456"
    " 12345678 123456789 1234567890 123 abc123 foobar foo bar nopassword mypassword mysecretpassword my-secret-pw"
    " pass123 pgpassword"
    " dbpassword dbpass rootpassword rootpass userpassword userpass postgrespassword supersecret verysecret sample"
    " temp".split()
)


def value_kind(value: str) -> str:
    """`empty`, `weak` (a word that is tried first), or `literal`."""
    low = value.strip().strip("\"'").lower()
    if not low:
        return "empty"
    plain = low.replace("-", "").replace("_", "")
    if (
        low in _WEAK
        or plain in _WEAK
        or any(
            mark in low
            for mark in ("changeme", "change-me", "change_me", "changethis", "change-this", "your-", "your_")
        )
    ):
        return "weak"
    return "weak" if low.isalpha() and len(low) <= 8 else "literal"


def variables_of(service: Service) -> Iterator[Variable]:
    """The variables that matter."""
    environment = get(service.node, "environment")
    if environment is None:
        return
    for name, key, value in pairs(as_mapping(environment)):
        text = value.text if value.kind == "text" else ""
        word = "" if name.upper().endswith(("_FILE", "_PATH", "_URL", "_HOST", "_NAME")) else word_of(name)
        fact = setting_fact(name, text)
        if not word and not fact:
            continue
        place = key if key.origin else value
        yield Variable(place, name[:80], word, _how(value, text), fact)


def _how(value: Node, text: str) -> str:
    if value.tag == "bare" or (value.is_null and value.tag != ""):
        return "inherited"
    if value.is_null:
        return "inherited"
    default = default_of(text.strip())
    if default is not None:
        if not default.strip():
            return "reference"
        if default.startswith("$"):
            return "reference"
        kind = value_kind(default)
        return "dummy" if kind == "literal" and is_dummy(default) else f"default-{kind}"
    if "$" in text.replace("$$", ""):
        return "reference"
    kind = value_kind(text)
    return "dummy" if kind == "literal" and is_dummy(text) else kind


_LOGIN_OFF = {
    "POSTGRES_HOST_AUTH_METHOD": ("trust",), "ALLOW_EMPTY_PASSWORD": ("yes", "true", "1"),
    "MYSQL_ALLOW_EMPTY_PASSWORD": ("yes", "true", "1"),
    "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD": ("yes", "true", "1"), "MARIADB_ALLOW_EMPTY_PASSWORD": ("yes", "true", "1"),
    "ALLOW_ANONYMOUS_LOGIN": ("yes", "true", "1"), "ALLOW_PLAINTEXT_LISTENER": (), "XPACK.SECURITY.ENABLED": ("false",),
    "XPACK_SECURITY_ENABLED": ("false",), "DISABLE_SECURITY_PLUGIN": ("true",), "PLUGINS.SECURITY.DISABLED": ("true",),
    "NEO4J_AUTH": ("none",), "GF_AUTH_ANONYMOUS_ENABLED": ("true",), "DOCKER_TLS_CERTDIR": ("",),
    "ME_CONFIG_BASICAUTH": ("false",),
    "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": ("true",), "REDIS_ALLOW_EMPTY_PASSWORD": ("yes", "true"),
}  # fmt: skip
_DEBUG = {
    "FLASK_DEBUG": ("1", "true", "on"), "DJANGO_DEBUG": ("1", "true", "on"), "APP_DEBUG": ("1", "true", "on"),
    "WP_DEBUG": ("1", "true"),
    "WORDPRESS_DEBUG": ("1", "true"), "DEBUG": ("1", "true", "yes", "on"), "FLASK_ENV": ("development", "dev"),
    "NODE_ENV": ("development", "dev"), "RAILS_ENV": ("development",), "APP_ENV": ("dev", "development", "local"),
    "ASPNETCORE_ENVIRONMENT": ("development",), "SYMFONY_ENV": ("dev",),
}  # fmt: skip


def setting_fact(name: str, value: str) -> str:
    """`login-off`, `debug-setting`, `no-verify` or empty."""
    low = value.strip().strip("\"'").lower()
    default = default_of(value.strip())
    if default is not None:
        low = default.strip().lower()
    upper = name.upper()
    if low in _LOGIN_OFF.get(upper, ()):
        return "login-off"
    if low in _DEBUG.get(upper, ()):
        return "debug-setting"
    if upper == "NODE_TLS_REJECT_UNAUTHORIZED" and low == "0":
        return "no-verify"
    return ""


def start_of(service: Service) -> str:
    """The start command as one line of text.

    Raises:
        Partial: it is longer than any that a person writes.
    """
    command = get(service.node, "command")
    entry = get(service.node, "entrypoint")
    parts = [*texts_of(entry), *texts_of(command)]
    if sum(len(part) for part in parts) > MAX_START:
        raise Partial(f"the start command is longer than {MAX_START >> 10} kB")
    return " ".join(parts)


_LOGIN_FLAGS = ("--api.insecure=true", "--api.insecure", "--noauth", "--skip-grant-tables", "--protected-mode no",
    "--notebookapp.token=''",
                "--notebookapp.token=", "--servertoken=", "--identityprovider.token=", "--anonymous-auth=true",
                "tcp://0.0.0.0:2375", "--auth=none", "--auth none")  # fmt: skip


def login_flag(text: str) -> str:
    """A switch of the start command that lets everyone in; empty when there is none."""
    words = f" {text.lower()} "
    for flag in _LOGIN_FLAGS:
        if f" {flag} " in words:
            return flag
        if flag.startswith("tcp:") and flag in words:
            return flag
    return ""
