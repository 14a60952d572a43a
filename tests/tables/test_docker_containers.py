"""docker_settings, docker_containers, their mounts and ports, and podman_config: read from files alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows

UNIT = "/usr/lib/systemd/system/docker.service"
TOP = "/var/lib/docker/containers"


def engine(
    tmp_path: Path,
    daemon: str | None = None,
    command: str = "/usr/bin/dockerd -H fd://",
    files: dict[str, str] | None = None,
) -> Path:
    more = {} if daemon is None else {"/etc/docker/daemon.json": daemon}
    return make_root(tmp_path, {UNIT: f"[Service]\nExecStart={command}\n", **more, **(files or {})})


def settings(root: Path) -> dict[object, object]:
    return {row["name"]: row["value"] for row in rows("docker_settings", root)}


def test_settings_of_file_and_command_line(tmp_path: Path) -> None:
    daemon = json.dumps(
        {"icc": False, "log-opts": {"max-size": "10m"}, "insecure-registries": ["a:5000", "b"], "live-restore": True}
    )
    command = (
        "/usr/bin/dockerd -H fd:// --log-driver=local --userns-remap default --no-new-privileges --insecure-registry c"
    )
    found = settings(engine(tmp_path, daemon, command))
    assert (found["icc"], found["log-opts.max-size"], found["live-restore"]) == ("false", "10m", "true")
    assert (found["log-driver"], found["userns-remap"], found["no-new-privileges"]) == ("local", "default", "true")
    assert (found["insecure-registries"], found["seccomp-profile"], found["hosts"]) == ("c", "", "fd://")


def test_built_in_values(tmp_path: Path) -> None:
    found = settings(engine(tmp_path))
    assert (found["icc"], found["log-driver"], found["userns-remap"], found["iptables"]) == (
        "true",
        "json-file",
        "",
        "true",
    )


@pytest.mark.parametrize("daemon", ["{", "[]", "[" * 5000, '"x"'])
def test_a_daemon_json_that_is_none_is_said(tmp_path: Path, daemon: str) -> None:
    assert read_table("docker_settings", engine(tmp_path, daemon)).status == "partial"


def container(name: str, host: dict[str, object], config: dict[str, object] | None = None) -> dict[str, str]:
    inner = {
        "ID": name * 4,
        "Name": f"/{name}",
        "Config": {"Image": "img", "User": "", "Env": ["PASSWORD=geheim"]},
        **(config or {}),
    }
    folder = f"{TOP}/{name * 4}"
    return {f"{folder}/config.v2.json": json.dumps(inner), f"{folder}/hostconfig.json": json.dumps(host)}


HOST: dict[str, object] = {
    "Privileged": True, "PidMode": "host", "NetworkMode": "bridge", "IpcMode": "private", "CapAdd": ["CAP_SYS_ADMIN", "net_admin"],
    "CapDrop": None, "SecurityOpt": ["seccomp=unconfined", "no-new-privileges"], "Memory": 1048576, "PidsLimit": None,
    "ReadonlyRootfs": False, "RestartPolicy": {"Name": "always"}, "Devices": [{"PathOnHost": "/dev/sda"}],
    "Binds": ["/srv/../etc:/etc-of-host", "/var/run/docker.sock:/x:ro,z", "data:/data"],
    "Mounts": [{"Type": "bind", "Source": "/root", "Target": "/r", "ReadOnly": True}],
    "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}, {"HostIp": "127.0.0.1", "HostPort": "81"}], "53/udp": None},
}  # fmt: skip


def test_rights_of_containers(tmp_path: Path) -> None:
    files = container("web", HOST, {"State": {"Running": True}, "AppArmorProfile": "docker-default"})
    root = engine(tmp_path, files={**files, **container("db", {})})
    found = {row["name"]: row for row in rows("docker_containers", root)}
    web, db = found["web"], found["db"]
    assert (web["privileged"], web["pid_mode"], web["cap_add"], web["user"]) == (1, "host", "SYS_ADMIN NET_ADMIN", "")
    assert (web["security_options"], web["memory_bytes"]) == ("seccomp=unconfined no-new-privileges", 1048576)
    assert (web["state"], web["restart"], web["devices"]) == ("running", "always", "/dev/sda")
    assert (db["privileged"], db["state"], db["memory_bytes"], db["cap_add"], db["restart"]) == (
        0,
        "stopped",
        0,
        "",
        "no",
    )
    assert "geheim" not in str(found)


def test_mounts_of_containers(tmp_path: Path) -> None:
    points = {"/data": {"Type": "volume", "Name": "data", "Source": "/var/lib/docker/volumes/data/_data", "RW": True}}
    root = engine(tmp_path, files=container("web", HOST, {"MountPoints": points}))
    assert [
        (r["type"], r["name"], r["source"], r["destination"], r["rw"]) for r in rows("docker_container_mounts", root)
    ] == [
        ("bind", "", "/etc", "/etc-of-host", 1),
        ("bind", "", "/var/run/docker.sock", "/x", 0),
        ("volume", "data", "", "/data", 1),
        ("bind", "", "/root", "/r", 0),
    ]


def test_ports_of_containers_and_the_address_of_the_engine(tmp_path: Path) -> None:
    def ports(folder: Path, daemon: str) -> list[tuple[object, ...]]:
        root = engine(folder, daemon, files=container("web", HOST))
        return [
            (r["port"], r["type"], r["host_port"], r["address_scope"]) for r in rows("docker_container_ports", root)
        ]

    assert ports(tmp_path / "a", "{}") == [(80, "tcp", 8080, "any"), (80, "tcp", 81, "loopback")]
    assert ports(tmp_path / "b", '{"ip": "127.0.0.1"}') == [(80, "tcp", 8080, "loopback"), (80, "tcp", 81, "loopback")]


def test_another_data_folder_is_followed(tmp_path: Path) -> None:
    files = {path.replace("/var/lib/docker", "/srv/docker"): text for path, text in container("web", {}).items()}
    root = engine(tmp_path, '{"data-root": "/srv/docker"}', files=files)
    assert [row["name"] for row in rows("docker_containers", root)] == ["web"]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "[" * 5000,
        '{"Privileged": "yes", "CapAdd": 3, "Binds": {}, "Devices": [1], "PortBindings": [], "Memory": "x"}',
    ],
)
def test_damaged_files_of_containers_give_a_status(tmp_path: Path, text: str) -> None:
    files = container("web", {})
    files[f"{TOP}/{'web' * 4}/hostconfig.json"] = text
    root = engine(tmp_path, files=files)
    for name in ("docker_containers", "docker_container_mounts", "docker_container_ports"):
        assert read_table(name, root).status == ("ok" if text.startswith('{"') else "partial")


def test_no_docker_is_absent(tmp_path: Path) -> None:
    root = make_root(tmp_path, {})
    for name in ("docker_settings", "docker_containers", "docker_container_mounts", "docker_container_ports"):
        assert read_table(name, root).status == "absent"


def podman(tmp_path: Path, files: dict[str, str]) -> dict[object, object]:
    root = make_root(tmp_path, {**files, "/usr/bin/podman": "x"}, {"/usr/bin/podman": 0o755})
    return {row["name"]: row["value"] for row in rows("podman_config", root)}


def test_podman(tmp_path: Path) -> None:
    registries = (
        '# x\nunqualified-search-registries = [ # c\n  "a.example",\n  "b.example"]\nshort-name-mode = "permissive"\n'
        '[[registry]]\nlocation = "a.example:5000"\ninsecure = true\n[[registry]]\nprefix = "b"\ninsecure = false\n'
    )
    files = {
        "/etc/containers/registries.conf": registries,
        "/etc/containers/registries.conf.d/z.conf": 'short-name-mode="enforcing"\n[aliases]\n"x/y" = "a.example/x/y"\n',
        "/etc/containers/policy.json": '{"default": [{"type": "insecureAcceptAnything"}]}',
        "/usr/share/containers/containers.conf": "[containers]\nseccomp_profile = '/a'\n",
        "/etc/containers/containers.conf": '[containers]\nseccomp_profile = "unconfined"\n',
    }
    found = podman(tmp_path, files)
    assert found["registries.unqualified-search-registries"] == "a.example b.example"
    assert (found["registries.short-name-mode"], found["registries.insecure"]) == ("enforcing", "a.example:5000")
    assert (found["policy.default"], found["containers.seccomp_profile"]) == ("insecureAcceptAnything", "unconfined")


def test_the_old_form_of_registries(tmp_path: Path) -> None:
    files = {"/etc/containers/registries.conf": "[registries.insecure]\nregistries = ['x:5000']\n"}
    assert podman(tmp_path, files)["registries.insecure"] == "x:5000"
